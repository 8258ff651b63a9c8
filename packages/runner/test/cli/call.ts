import { Writable } from 'node:stream';
import { Command, CommanderError } from 'commander';
import type { CommandIo } from '../../src/cli/output.ts';

interface Envelope {
  readonly ok: boolean;
  readonly summary: string;
  readonly result: Record<string, unknown> | null;
  readonly findings: readonly { readonly code: string; readonly message: string; readonly hint?: string }[];
}

export interface Called {
  readonly code: number;
  readonly stdout: string;
  /** What `--json` prints. */
  readonly json: Envelope | undefined;
}

function collector() {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
}

/** One command in this process: as many calls as a test wants, without the start of a process for each. */
export async function call(
  register: (program: Command, io: CommandIo) => void,
  project: string,
  args: readonly string[],
  json = true,
): Promise<Called> {
  const [out, err] = [collector(), collector()];
  let code = 0;
  const io: CommandIo = {
    stdout: out.stream,
    stderr: err.stream,
    env: {},
    cwd: project,
    setExitCode: (given) => {
      code = given;
    },
  };
  const program = new Command('millrace').exitOverride().option('--config <dir>').option('--json');
  program.configureOutput({ writeErr: () => {}, writeOut: () => {} });
  register(program, io);
  try {
    await program.parseAsync(['--config', project, ...(json ? ['--json'] : []), ...args], { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    code = 2;
  }
  const stdout = out.text();
  return { code, stdout, json: json && stdout !== '' ? (JSON.parse(stdout) as Envelope) : undefined };
}
