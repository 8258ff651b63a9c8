import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { hookEnv, type PointName, type Trigger } from './points.ts';

const MILLRACE = fileURLToPath(new URL('../../bin/millrace.mjs', import.meta.url));
const HOOK = new URL('./kill-hook.ts', import.meta.url).href;

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One process of the real command, with the hook in it. */
export class Life {
  readonly ended: Promise<Ended>;
  readonly #process: ChildProcess;
  readonly #told = new Map<PointName, () => void>();
  readonly #said: { readonly text: string; readonly then: () => void }[] = [];

  constructor(args: readonly string[], env: Readonly<Record<string, string>>, triggers: readonly Trigger[]) {
    this.#process = spawn(process.execPath, ['--import', HOOK, MILLRACE, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env, ...hookEnv(triggers) },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const [, out, err, told] = this.#process.stdio as unknown as readonly Readable[];
    const text = { stdout: '', stderr: '' };
    out?.on('data', (chunk) => {
      text.stdout += chunk;
    });
    err?.on('data', (chunk) => {
      text.stderr += chunk;
      for (const one of this.#said.filter(({ text: wanted }) => text.stderr.includes(wanted))) {
        this.#said.splice(this.#said.indexOf(one), 1);
        one.then();
      }
    });
    told?.on('data', (chunk) => {
      for (const name of String(chunk).trim().split('\n')) this.#told.get(name as PointName)?.();
    });
    this.ended = new Promise((resolve) => {
      this.#process.once('close', (code, signal) => resolve({ code, signal, ...text }));
    });
  }

  /** Calls back when the process tells that it reached a point; needs a trigger `tell` for it. */
  onPoint(point: PointName, then: () => void): void {
    this.#told.set(point, then);
  }

  /** Calls back once, when stderr holds a text. */
  onSaid(text: string, then: () => void): void {
    this.#said.push({ text, then });
  }

  kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): void {
    this.#process.kill(signal);
  }
}
