import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { toMillraceError } from '@millrace/core';
import type { Command } from 'commander';
import { loadProject } from '../config/load.ts';
import { shownPath } from '../config/source.ts';
import pc from './colours.ts';
import { type CommandIo, errorFinding, finish, type GlobalOptions, globalOptions } from './output.ts';
import { editorForm } from './schema.ts';
import { readTemplate, writeNew } from './templates.ts';

export function registerInit(program: Command, io: CommandIo): void {
  program
    .command('init')
    .description('Write a starting project: it validates, its tests pass, and it runs')
    .argument('[dir]', 'its folder (default: that of --config)')
    .action((dir: string | undefined, _: unknown, command: Command) => init(dir, globalOptions(command), io));
}

async function init(dir: string | undefined, options: GlobalOptions, io: CommandIo): Promise<void> {
  const folder = resolve(io.cwd, dir ?? options.directory);
  const shown = shownPath(folder, io.cwd) || '.';
  try {
    const files = await readTemplate('project');
    await writeNew(folder, files, io.cwd);
    const { schema } = await loadProject(folder, { environment: 'lenient', env: io.env, cwd: io.cwd });
    await writeFile(join(folder, 'schema.json'), `${JSON.stringify(editorForm(schema), null, 2)}\n`);
    const names = [...files.keys(), 'schema.json'].sort();
    finish(io, options, {
      command: 'init',
      summary: `Wrote a project of ${names.length} files to ${shown}`,
      result: { directory: folder, files: names },
      text: steps(shown, names),
    });
  } catch (thrown) {
    const error = toMillraceError(thrown, 'config.unreadable');
    finish(io, options, {
      command: 'init',
      summary: error.message,
      findings: [errorFinding(error)],
      text: '',
    });
  }
}

function steps(folder: string, names: readonly string[]): string {
  const config = folder === 'configs' ? '' : ` --config ${folder}`;
  const lines = [
    [`millrace validate${config}`, 'finds every mistake'],
    [`millrace test${config}`, 'runs its tests'],
    [`millrace plan devices-to-list${config}`, 'shows what would be sent'],
    [`millrace run${config}`, 'sends it'],
  ];
  const width = Math.max(...lines.map(([command = '']) => command.length));
  const next = lines.map(
    ([command = '', what]) => `  ${pc.cyan(command.padEnd(width))}  ${pc.dim(`# ${what}`)}`,
  );
  return [
    `${pc.green('✓')} Wrote ${names.length} files to ${folder}`,
    '',
    ...next,
    '',
    `${folder}/README.md says more.`,
  ].join('\n');
}
