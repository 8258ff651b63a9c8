import { enableCompileCache } from 'node:module';
import { MillraceError, toMillraceError } from '@millrace/core';
import { Command, CommanderError, Option } from 'commander';
import { VERSION } from '../version.ts';
import { registerCursors } from './cursors.ts';
import { registerInit } from './init.ts';
import { registerNew } from './new.ts';
import { type CommandIo, errorFinding, finish } from './output.ts';
import { registerPlan } from './plan.ts';
import { registerPlugins } from './plugins.ts';
import { registerRun } from './run.ts';
import { registerRuns } from './runs.ts';
import { registerSchedule } from './schedule.ts';
import { registerSchema } from './schema.ts';
import { registerStart } from './start.ts';
import { registerTaskCommands } from './task-commands.ts';
import { registerTasks } from './tasks.ts';
import { registerTest } from './test.ts';
import { registerTransform } from './transform.ts';
import { registerValidate } from './validate.ts';

enableCompileCache();

const io: CommandIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  setExitCode: (code) => {
    process.exitCode = code;
  },
};

const program = new Command('millrace')
  .description('Moves records between systems as the files of a project say')
  .version(VERSION)
  .option('--config <dir>', 'folder of the project', 'configs')
  .option('--store <url>', 'where runs and tasks live: sqlite:PATH (default: what millrace.yaml says)')
  .option('--json', 'print one JSON object')
  .addOption(
    new Option('--log-level <level>', 'what is logged').choices(['debug', 'info', 'warn', 'error', 'silent']),
  )
  .option('--quiet', 'no progress, no warnings')
  .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
  .showHelpAfterError('(--help tells more)');

for (const register of [
  registerValidate,
  registerRun,
  registerStart,
  registerPlan,
  registerTest,
  registerTransform,
  registerSchedule,
  registerTasks,
  registerTaskCommands,
  registerRuns,
  registerCursors,
  registerPlugins,
  registerSchema,
  registerInit,
  registerNew,
]) {
  register(program, io);
}
acceptGlobalOptionsAnywhere(program);

/** `millrace run --json` and `millrace --json run` mean the same. */
function acceptGlobalOptionsAnywhere(parent: Command): void {
  for (const command of parent.commands) {
    for (const option of program.options) {
      if (option.long === '--version' || command.options.some((own) => own.long === option.long)) continue;
      // Without a default: the program's own stands for it where the option is not given.
      const copy = new Option(option.flags, option.description).hideHelp();
      if (option.argChoices) copy.choices(option.argChoices);
      command.addOption(copy);
    }
    command.exitOverride();
    acceptGlobalOptionsAnywhere(command);
  }
}

const JSON_ONLY = { directory: '', json: true };

program.exitOverride();
try {
  await program.parseAsync();
} catch (thrown) {
  const wrong = thrown instanceof CommanderError && thrown.exitCode !== 0;
  if (wrong && process.argv.includes('--json')) {
    const message = thrown.message.replace(/^error: /, '');
    const error = new MillraceError('call.invalid_option', message, { hint: 'See millrace --help.' });
    finish(io, JSON_ONLY, { command: 'millrace', summary: message, findings: [errorFinding(error)] });
  } else if (thrown instanceof CommanderError) process.exitCode = wrong ? 2 : 0;
  else {
    const error = toMillraceError(thrown);
    const json = process.argv.includes('--json');
    finish(
      io,
      { directory: '', json },
      { command: 'millrace', summary: error.message, findings: [errorFinding(error)], text: '' },
    );
    if (error.code === 'internal.bug' && !json) process.stderr.write(`${error.stack ?? ''}\n`);
  }
}
