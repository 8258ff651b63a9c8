// Puts each package, with the libraries that it uses, into a few files: a command that resolves and opens hundreds of
// modules takes twice as long to start. Packages of ours stay apart, so that there is one @millrace/core in a process.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';

/** Entries that no package exports. */
const COMMANDS = { runner: { main: './dist/cli/main.js' } };

/** What a package exports from its bundle: the name of the file, and the compiled module that it is made of. */
function entries(folder, name) {
  const { exports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const input = { ...COMMANDS[name] };
  for (const target of Object.values(exports)) {
    const file = /^\.\/dist\/bundle\/(.+)\.js$/.exec(target.default)?.[1];
    if (file) input[file] = target['@millrace/source'].replace('./src/', './dist/').replace(/\.ts$/, '.js');
  }
  return input;
}

/** When the newest compiled module was written. */
function newest(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js') && !entry.parentPath.includes('bundle'))
    .reduce((time, entry) => Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

/**
 * To import `node:http` is to read all that it exports, and with its WebSocket to load the whole of Node's own undici: a
 * twentieth of a second at every start.
 */
const withoutWebSockets = {
  name: 'without-web-sockets',
  resolveId: (source) => (/^(?:node:)?http$/.test(source) ? '\0http' : undefined),
  load(id) {
    if (id !== '\0http') return undefined;
    const names = Object.entries(Object.getOwnPropertyDescriptors(http)).filter(([, { get }]) => !get);
    return [
      "const http = process.getBuiltinModule('node:http');",
      'export default http;',
      `export const { ${names.map(([name]) => name).join(', ')} } = http;`,
    ].join('\n');
  },
};

const FORM_DATA = 'options.body instanceof FormData';

/** got asks of every body whether it is a FormData: of one that is none, Node need not load undici, which has that class. */
const withoutFormData = {
  name: 'without-form-data',
  transform(code, id) {
    if (!/[\\/]got[\\/]dist[\\/]source[\\/]core[\\/]index\.js$/.test(id)) return undefined;
    if (!code.includes(FORM_DATA))
      this.error(`got no longer says "${FORM_DATA}": see how it finds a FormData now`);
    return code.replaceAll(FORM_DATA, `typeof options.body === 'object' && ${FORM_DATA}`);
  },
};

/** Bundles what changed since its last bundle. Rejects where a module cannot be resolved. */
export async function bundle(root) {
  for (const name of readdirSync(join(root, 'packages'))) {
    const folder = join(root, 'packages', name);
    const input = existsSync(join(folder, 'package.json')) ? entries(folder, name) : {};
    const [first] = Object.keys(input);
    if (first === undefined) continue;
    const dir = join(folder, 'dist', 'bundle');
    const made = join(dir, `${first}.js`);
    if (existsSync(made) && statSync(made).mtimeMs > newest(join(folder, 'dist'))) continue;
    // Loaded only where there is something to do: most calls find everything done.
    const { rolldown } = await import('rolldown');
    const build = await rolldown({
      cwd: folder,
      input,
      platform: 'node',
      external: [/^node:(?!http$)/, /^@millrace\//, 'vitest'],
      plugins: [withoutWebSockets, withoutFormData],
    });
    rmSync(dir, { recursive: true, force: true });
    // Flat, so that a module finds what lies beside its package from the bundle as from where it was compiled.
    await build.write({
      dir,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
    });
    await build.close();
  }
}
