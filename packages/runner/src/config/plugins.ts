import { existsSync, readFileSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { checkPlugin, createRegistry, MillraceError, type Plugin, type Registry } from '@millrace/core';
import type { Finding } from './project.ts';
import { shownPath } from './source.ts';

/** Plugins that come with the command, loaded by name like any other. */
const SHIPPED = ['@millrace/haloitsm', '@millrace/http', '@millrace/file'];

interface PluginRequest {
  /** For findings. */
  readonly name: string;
  readonly file?: string;
  readonly load: () => Promise<{ readonly default?: unknown }>;
}

let hooked = false;

/**
 * Lets local plugins import what they are made of, wherever their project lies: there is one `@millrace/core` in the
 * process, the command's own, so that its errors and components are known again.
 */
function provideCore(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      const ours = /^(?:@millrace\/core|typebox)(?:\/|$)/.test(specifier);
      return next(specifier, ours ? { ...context, parentURL: import.meta.url } : context);
    },
  });
}

/** The address of a local plugin; with the time of its last change, so that a reload takes the new one. */
export function pluginUrl(path: string): string {
  return `${pathToFileURL(path).href}?changed=${Math.round(statSync(path).mtimeMs)}`;
}

/** Loads the shipped plugins, the named packages and the local files. A bad one is a finding, and left out. */
export async function loadPlugins(
  directory: string,
  packages: readonly string[],
  files: readonly string[],
  cwd: string,
): Promise<{ registry: Registry; findings: Finding[] }> {
  const findings: Finding[] = [];
  const requests: PluginRequest[] = [
    ...SHIPPED.map((name) => ({ name, load: () => import(/* @vite-ignore */ name) })),
    ...packages.map((name) => ({ name, load: () => loadPackage(name, directory) })),
    ...files.map((path) => ({
      name: shownPath(path, cwd),
      file: shownPath(path, cwd),
      load: () => import(/* @vite-ignore */ pluginUrl(path)),
    })),
  ];
  if (files.length > 0) provideCore();
  const plugins: Plugin[] = [];
  for (const request of requests) {
    try {
      const plugin = (await request.load()).default as Plugin | undefined;
      if (typeof plugin?.name !== 'string' || typeof plugin.components !== 'object') {
        throw new MillraceError(
          'config.plugin_invalid',
          `Plugin "${request.name}" has no plugin as its default export`,
          {
            hint: 'Write export default definePlugin({ name, components }).',
          },
        );
      }
      // What is shipped is checked by its tests.
      if (!SHIPPED.includes(request.name)) checkPlugin(plugin);
      // Registered on trial, so that a bad plugin does not take the others with it.
      createRegistry([...plugins, plugin]);
      plugins.push(plugin);
    } catch (thrown) {
      findings.push(pluginFinding(request, thrown));
    }
  }
  return { registry: createRegistry(plugins), findings };
}

function pluginFinding(request: PluginRequest, thrown: unknown): Finding {
  const place = request.file === undefined ? {} : { file: request.file };
  if (thrown instanceof MillraceError) {
    const { code, message, hint } = thrown;
    return { severity: 'error', code, message, ...(hint && { hint }), ...place };
  }
  const message = `Plugin "${request.name}" cannot be loaded: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  return { severity: 'error', code: 'config.plugin_invalid', message, ...place };
}

/** From the project's folder upwards, then from where the command is installed. */
async function loadPackage(name: string, directory: string): Promise<{ default?: unknown }> {
  const installation = dirname(fileURLToPath(import.meta.url));
  for (const start of [directory, installation]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const root = join(folder, 'node_modules', name);
      if (existsSync(join(root, 'package.json'))) {
        return import(/* @vite-ignore */ pathToFileURL(join(root, entryOf(root))).href);
      }
      if (dirname(folder) === folder) break;
    }
  }
  throw new MillraceError('config.plugin_not_found', `There is no plugin "${name}"`, {
    hint: `Install it beside the project: npm install ${name}`,
  });
}

/** The file that an ES module import of a package loads. */
function entryOf(root: string): string {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports?: unknown;
    main?: string;
  };
  const { exports } = manifest;
  const main =
    typeof exports === 'object' && exports !== null && '.' in exports
      ? (exports as Record<string, unknown>)['.']
      : exports;
  return conditional(main) ?? manifest.main ?? 'index.js';
}

function conditional(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    if (!['node', 'import', 'module-sync', 'default'].includes(condition)) continue;
    const found = conditional(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
