import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Simulator, type SimulatorOptions, startSimulator } from '@millrace/haloitsm-simulator';

const MILLRACE = fileURLToPath(new URL('../../../packages/runner/bin/millrace.mjs', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `millrace run --json` says of a run of an incoming. */
export interface PrintedRun {
  readonly status: string;
  readonly announced: number | null;
  readonly read: number;
  readonly dropped: number;
  readonly requests: number;
  readonly seconds: number;
  readonly error?: { readonly message: string };
  /** By route. */
  readonly tasks: Readonly<Record<string, { readonly created: number }>>;
}

/** A simulated desk, a project that reads it, and the command on it. Gone with `await using`. */
export class Rig implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly #folder: string;
  readonly #children = new Set<ChildProcess>();

  private constructor(simulator: Simulator, folder: string) {
    this.simulator = simulator;
    this.#folder = folder;
  }

  /** `files` are those of the project, by their paths; the client is there. */
  static async start(
    options: SimulatorOptions,
    files: Readonly<Record<string, string>>,
    limit?: string,
  ): Promise<Rig> {
    const simulator = await startSimulator(options);
    const folder = await mkdtemp(join(tmpdir(), 'millrace-soak-'));
    const rig = new Rig(simulator, folder);
    const { url, tenant, clientId, clientSecret } = simulator;
    const credentials = { clientId, clientSecret, scopes: ['all'] };
    const halo = {
      baseUri: url,
      tenant,
      authentication: { clientCredentials: credentials },
      ...(limit && { limit }),
    };
    const all = { ...files, 'clients/halo.yaml': JSON.stringify({ haloitsm: halo }) };
    for (const [name, text] of Object.entries(all)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    return rig;
  }

  /** Starts the command on the project. */
  begin(...args: readonly string[]): { readonly process: ChildProcess; readonly ended: Promise<Ended> } {
    const child = spawn(process.execPath, [MILLRACE, ...args, '--config', this.#folder], {
      env: { PATH: process.env['PATH'] ?? '' },
    });
    this.#children.add(child);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (code) => {
        this.#children.delete(child);
        resolve({ code, stdout, stderr });
      });
    });
    return { process: child, ended };
  }

  /** The lines of a file of the project, as JSON; none where there is no such file yet. */
  async lines<T>(path: string): Promise<readonly T[]> {
    const text = await readFile(join(this.#folder, path), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as T);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await this.simulator.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The one run in what `millrace run --json` printed. */
export function printedRun({ stdout, stderr }: Ended): PrintedRun {
  const [run] = (JSON.parse(stdout) as { result?: { runs?: readonly PrintedRun[] } }).result?.runs ?? [];
  if (!run) throw new Error(`the command printed no run: ${stdout.slice(0, 500)} ${stderr.slice(-500)}`);
  return run;
}
