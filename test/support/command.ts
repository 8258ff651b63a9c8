import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Simulator } from '@millrace/haloitsm-simulator';
import { onTestFinished } from 'vitest';
import { main } from '../../packages/runner/src/cli/main.ts';

const MILLRACE = fileURLToPath(new URL('../../packages/runner/bin/millrace.mjs', import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly done: Promise<CommandResult>;
}

/** Starts the real command as a process of its own. */
export function startCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [MILLRACE, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const done = new Promise<CommandResult>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { process: child, done };
}

/**
 * The same command in this process, which spares the start of another one; but for projects with plugins of their own,
 * that only Node itself loads as it would for a user.
 */
export async function command(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = process.cwd(),
): Promise<CommandResult> {
  const plugins = args.includes('new') || args.some((folder) => existsSync(join(folder, 'plugins')));
  if (plugins) return startCommand(args, env).done;
  const [stdout, stderr] = [new Printed(), new Printed()];
  let code = 0;
  await main(args, {
    stdout,
    stderr,
    env: { PATH: process.env['PATH'], ...env },
    cwd,
    setExitCode: (value) => {
      code = value;
    },
  });
  return { code, signal: null, stdout: stdout.text, stderr: stderr.text };
}

class Printed extends Writable {
  text = '';

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export interface RunJson {
  readonly ok: boolean;
  readonly summary: string;
  readonly result: {
    readonly runs: readonly {
      readonly id: string;
      readonly status: string;
      readonly announced: number | null;
      readonly read: number;
      readonly dropped: number;
      readonly failed: number;
      readonly passed: number;
      readonly entities: number;
      readonly requests: number;
      readonly limited?: boolean;
      readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
      readonly tasks: Readonly<Record<string, Readonly<Record<string, number>>>>;
    }[];
    readonly tasks: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
  readonly findings: readonly { readonly code: string; readonly message: string; readonly hint?: string }[];
}

/** `millrace run --json` on a project. */
export async function run(
  project: string,
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<CommandResult & { readonly json: RunJson }> {
  const result = await command(['run', '--json', '--config', project, ...args], env);
  return { ...result, json: JSON.parse(result.stdout) as RunJson };
}

/** The variables by which the projects of the tests find a simulator. */
export function haloEnv(simulator: Simulator): Record<string, string> {
  const { url, tenant, clientId, clientSecret } = simulator;
  return {
    HALO_BASE_URI: url,
    HALO_TENANT: tenant,
    HALO_CLIENT_ID: clientId,
    HALO_CLIENT_SECRET: clientSecret,
  };
}
