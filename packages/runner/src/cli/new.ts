import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MillraceError, toMillraceError } from '@millrace/core';
import type { Command } from 'commander';
import { loadProject } from '../config/load.ts';
import { shownPath } from '../config/source.ts';
import pc from './colours.ts';
import { type CommandIo, errorFinding, finish, type GlobalOptions, globalOptions } from './output.ts';
import { editorForm } from './schema.ts';
import { readTemplate, writeNew } from './templates.ts';

export function registerNew(program: Command, io: CommandIo): void {
  const parent = program.command('new').description('Begin something new in the project');
  parent
    .command('plugin')
    .description('Write plugins/NAME.ts, a client, a subscriber and a publisher, with a test that passes')
    .argument('<name>', 'its name: lower case letters, digits and "-"')
    .action((name: string, _: unknown, command: Command) => newPlugin(name, globalOptions(command), io));
}

async function newPlugin(name: string, options: GlobalOptions, io: CommandIo): Promise<void> {
  try {
    const files = await write(name, options, io);
    const [plugin = '', test = ''] = files;
    const lines = [
      `${pc.green('✓')} Wrote ${plugin} and ${test}`,
      '',
      `  ${pc.cyan(`millrace plugins ${name}`)}  ${pc.dim('# its components and their options')}`,
      `  ${pc.cyan(`npx vitest run ${test}`)}  ${pc.dim('# its tests')}`,
      '',
      pc.dim('Outside of a clone of Millrace: npm install --save-dev @millrace/core typebox vitest'),
    ];
    finish(io, options, {
      command: 'new plugin',
      summary: `Wrote the plugin ${name}`,
      result: { name, files },
      text: lines.join('\n'),
    });
  } catch (thrown) {
    const error = toMillraceError(thrown, 'config.unreadable');
    finish(io, options, {
      command: 'new plugin',
      summary: error.message,
      findings: [errorFinding(error)],
      text: '',
    });
  }
}

/** Editors know the new plugin, too, where the project has a schema for them. */
async function refreshSchema(folder: string, io: CommandIo): Promise<void> {
  const path = join(folder, 'schema.json');
  if (!existsSync(path)) return;
  const { schema } = await loadProject(folder, { environment: 'lenient', env: io.env, cwd: io.cwd });
  await writeFile(path, `${JSON.stringify(editorForm(schema), null, 2)}\n`);
}

async function write(name: string, options: GlobalOptions, io: CommandIo): Promise<readonly string[]> {
  const folder = resolve(io.cwd, options.directory);
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new MillraceError('call.invalid_option', `"${name}" cannot be the name of a plugin`, {
      hint: 'Use lower case letters, digits and "-", beginning with a letter.',
    });
  }
  if (!existsSync(folder)) {
    throw new MillraceError('config.unreadable', `There is no project folder "${options.directory}"`, {
      hint: 'Name the folder with --config DIR, or begin one: millrace init DIR.',
    });
  }
  const { registry } = await loadProject(folder, { environment: 'lenient', env: io.env, cwd: io.cwd });
  if (registry.plugins.some((plugin) => plugin.name === name)) {
    throw new MillraceError('call.invalid_option', `There is a plugin "${name}" already`, {
      hint: 'Choose another name; `millrace plugins` lists those that are taken.',
    });
  }
  const template = await readTemplate('plugin');
  const title = name.replace(
    /(^|-)([a-z0-9])/g,
    (_, dash: string, letter: string) => (dash ? ' ' : '') + letter.toUpperCase(),
  );
  const constant = name.toUpperCase().replaceAll('-', '_');
  const files = [...template].map(([path, text]) => {
    const named = text
      .replaceAll('starter', name)
      .replaceAll('Starter', title)
      .replaceAll('STARTER', constant);
    return [`plugins/${path.replace('starter', name)}`, named] as const;
  });
  await writeNew(folder, new Map(files), io.cwd);
  await refreshSchema(folder, io);
  return files.map(([path]) => shownPath(join(folder, path), io.cwd)).sort((a, b) => a.length - b.length);
}
