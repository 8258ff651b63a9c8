import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MillraceError, toMillraceError } from '@millrace/core';
import { Command, CommanderError, Option } from 'commander';
import { type CommandIo, errorFinding, finish } from './output.ts';
import { VERSION } from './version.ts';

type Register = (program: Command, io: CommandIo) => void;

/** Each command by its name, in the order of the help. A module is loaded when its command is called. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  validate: async () => (await import('./validate.ts')).registerValidate,
  lock: async () => (await import('./lock.ts')).registerLock,
  run: async () => (await import('./run.ts')).registerRun,
  start: async () => (await import('./start.ts')).registerStart,
  plan: async () => (await import('./plan.ts')).registerPlan,
  test: async () => (await import('./test.ts')).registerTest,
  transform: async () => (await import('./transform.ts')).registerTransform,
  schedule: async () => (await import('./schedule.ts')).registerSchedule,
  tasks: async () => {
    const [{ registerTasks }, { registerTaskCommands }] = await Promise.all([
      import('./tasks.ts'),
      import('./task-commands.ts'),
    ]);
    return (parent, shared) => {
      registerTasks(parent, shared);
      registerTaskCommands(parent, shared);
    };
  },
  runs: async () => (await import('./runs.ts')).registerRuns,
  storage: async () => (await import('./storage.ts')).registerStorage,
  cursors: async () => (await import('./cursors.ts')).registerCursors,
  plugins: async () => (await import('./plugins.ts')).registerPlugins,
  schema: async () => (await import('./schema.ts')).registerSchema,
  init: async () => (await import('./init.ts')).registerInit,
  new: async () => (await import('./new.ts')).registerNew,
};

/** Those that the arguments name; all of them where none is named, for the help and for what is misspelt. */
function wanted(args: readonly string[]): readonly (() => Promise<Register>)[] {
  const named = Object.keys(COMMANDS).filter((name) => args.includes(name));
  const help = args.includes('help') || named.length === 0;
  return Object.entries(COMMANDS).flatMap(([name, load]) => (help || named.includes(name) ? [load] : []));
}

/** The command of this process. */
const PROCESS: CommandIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  setExitCode: (code) => {
    process.exitCode = code;
  },
};

/** Does what the arguments say, such as `['run', '--json']`. Never rejects: what went wrong is printed, and in the exit code. */
export async function main(args: readonly string[], io: CommandIo = PROCESS): Promise<void> {
  const program = new Command('millrace')
    .description('Moves records between systems as the files of a project say')
    .version(VERSION)
    .option('--config <dir>', 'folder of the project', projectFolder(io.cwd))
    .option('--store <url>', 'where runs and tasks live: sqlite:PATH (default: what millrace.yaml says)')
    .option('--json', 'print one JSON object')
    .addOption(
      new Option('--log-level <level>', 'what is logged').choices([
        'debug',
        'info',
        'warn',
        'error',
        'silent',
      ]),
    )
    .option('--quiet', 'no progress, no warnings')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    .showHelpAfterError('(--help tells more)')
    .exitOverride();
  for (const load of wanted(args)) (await load())(program, io);
  acceptGlobalOptionsAnywhere(program, program.options);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    failed(thrown, args.includes('--json'), io);
  }
}

/** `configs`, or where there is none the folder that one is in, if it is a project. */
function projectFolder(cwd: string): string {
  return !existsSync(join(cwd, 'configs')) && existsSync(join(cwd, 'millrace.yaml')) ? '.' : 'configs';
}

/** `millrace run --json` and `millrace --json run` mean the same. */
function acceptGlobalOptionsAnywhere(parent: Command, global: readonly Option[]): void {
  for (const command of parent.commands) {
    for (const option of global) {
      if (option.long === '--version' || command.options.some((own) => own.long === option.long)) continue;
      // Without a default: the program's own stands for it where the option is not given.
      const copy = new Option(option.flags, option.description).hideHelp();
      if (option.argChoices) copy.choices(option.argChoices);
      command.addOption(copy);
    }
    command.exitOverride();
    acceptGlobalOptionsAnywhere(command, global);
  }
}

/** What the call itself was wrong in, and bugs of ours: commands tell of everything else themselves. */
function failed(thrown: unknown, json: boolean, io: CommandIo): void {
  const options = { directory: '', json };
  const wrong = thrown instanceof CommanderError && thrown.exitCode !== 0;
  if (wrong && json) {
    const message = thrown.message.replace(/^error: /, '');
    const error = new MillraceError('call.invalid_option', message, { hint: 'See millrace --help.' });
    finish(io, options, { command: 'millrace', summary: message, findings: [errorFinding(error)] });
  } else if (thrown instanceof CommanderError) io.setExitCode(wrong ? 2 : 0);
  else {
    const error = toMillraceError(thrown);
    const findings = [errorFinding(error)];
    finish(io, options, { command: 'millrace', summary: error.message, findings, text: '' });
    if (error.code === 'internal.bug' && !json) io.stderr.write(`${error.stack ?? ''}\n`);
  }
}
