import { type Component, componentNames, MillraceError, type Plugin, suggestion } from '@millrace/core';
import type { Command } from 'commander';
import { loadProject } from '../config/load.ts';
import pc from './colours.ts';
import { type CommandIo, errorFinding, finish, type GlobalOptions, globalOptions } from './output.ts';

interface PluginsOptions extends GlobalOptions {
  readonly search?: string;
}

export function registerPlugins(program: Command, io: CommandIo): void {
  program
    .command('plugins')
    .description('List the loaded plugins; of one: its components, their options, its operations')
    .argument('[name]', 'a plugin')
    .option('--search <text>', 'operations of the plugin whose name or parameters hold the text')
    .action((name: string | undefined, _: unknown, command: Command) =>
      plugins(name, globalOptions<PluginsOptions>(command), io),
    );
}

async function plugins(name: string | undefined, options: PluginsOptions, io: CommandIo): Promise<void> {
  const { registry, findings } = await loadProject(options.directory, {
    environment: 'lenient',
    env: io.env,
    cwd: io.cwd,
  });
  // Only what concerns the plugins themselves is of interest here.
  const concerning = findings.filter((finding) => finding.code.startsWith('config.plugin'));
  const chosen =
    name === undefined ? registry.plugins : registry.plugins.filter((plugin) => plugin.name === name);
  if (name !== undefined && chosen.length === 0) {
    const hint = suggestion(
      name,
      registry.plugins.map((plugin) => plugin.name),
      'there is',
    );
    const error = errorFinding(
      new MillraceError('call.unknown_id', `No plugin "${name}" is loaded`, { hint }),
    );
    return finish(io, options, { command: 'plugins', summary: error.message, findings: [error], text: '' });
  }
  const described = chosen.map((plugin) => describe(plugin, options.search));
  const text = described.map((plugin) => render(plugin, name !== undefined)).join('\n\n');
  finish(io, options, {
    command: 'plugins',
    summary: `${chosen.length} plugins`,
    findings: concerning,
    result: { plugins: described },
    text,
  });
}

interface Described {
  readonly name: string;
  readonly components: readonly {
    readonly kind: string;
    readonly name: string;
    readonly description: string;
    readonly options: unknown;
  }[];
  readonly operations?: readonly string[];
}

function describe(plugin: Plugin, search: string | undefined): Described {
  const components = componentNames(plugin).map(([name, { kind, description, options }]) => ({
    kind,
    name,
    description,
    options,
  }));
  const operations = search === undefined ? undefined : (plugin.search?.(search) ?? []);
  return { name: plugin.name, components, ...(operations && { operations }) };
}

function render(plugin: Described, detailed: boolean): string {
  const lines = [pc.bold(plugin.name)];
  for (const { kind, name, description, options } of plugin.operations ? [] : plugin.components) {
    lines.push(`  ${kind} ${pc.cyan(name)}: ${description}`);
    if (detailed) lines.push(...optionLines(options as Component['options'], '    '));
  }
  for (const operation of plugin.operations ?? []) lines.push(`  ${operation}`);
  if (plugin.operations?.length === 0) lines.push('  No operation holds that text.');
  return lines.join('\n');
}

interface OptionSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly millrace?: string;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly required?: readonly string[];
}

/** One line an option: name, type, what it does, its default. */
function optionLines(schema: unknown, indent: string): string[] {
  const { properties = {}, required = [] } = schema as OptionSchema;
  return Object.entries(properties).flatMap(([name, option]) => {
    const type = option.millrace ?? [option.type ?? 'any'].flat().join(' or ');
    const fallback =
      option.default === undefined ? '' : pc.dim(` (default ${JSON.stringify(option.default)})`);
    const must = required.includes(name) && option.default === undefined ? pc.yellow(' required') : '';
    const line = `${indent}${name} ${pc.dim(type)}${must}: ${option.description ?? ''}${fallback}`;
    return [line, ...optionLines(option, `${indent}  `)];
  });
}
