import { statfs } from 'node:fs/promises';
import { inject, injectable } from 'tsyringe';
import type { CompiledProject, CompiledRoute } from '../compile/compile.ts';
import type { Clock } from '../store/clock.ts';
import type { Store } from '../store/store.ts';
import { CLOCK, COMPILED, PROGRESS, STORE } from '../tokens.ts';
import type { Progress } from './progress.ts';

/** How often it is looked again. */
const POLL_MS = 250;
const MEGABYTE = 1_048_576;

/** Holds an incoming while its routes hold more tasks than they may, or the disk of the store runs low. */
@injectable()
export class Backpressure {
  readonly #compiled: CompiledProject;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #progress: Progress;

  constructor(
    @inject(COMPILED) compiled: CompiledProject,
    @inject(STORE) store: Store,
    @inject(CLOCK) clock: Clock,
    @inject(PROGRESS) progress: Progress,
  ) {
    this.#compiled = compiled;
    this.#store = store;
    this.#clock = clock;
    this.#progress = progress;
  }

  /** Why nothing more may come in now; undefined where it may. */
  async reason(routes: readonly CompiledRoute[]): Promise<string | undefined> {
    return ((await this.#overfull(routes)) ?? (await this.#diskIsLow()))?.text;
  }

  /** Resolves when reading may go on, or the signal aborts. */
  async hold(incoming: string, routes: readonly CompiledRoute[], signal: AbortSignal): Promise<void> {
    for (let told = ''; !signal.aborted; ) {
      const reason = (await this.#overfull(routes)) ?? (await this.#diskIsLow());
      if (reason === undefined) return;
      if (reason.kind === 'disk' && told !== reason.kind)
        this.#progress.note(`${incoming}: reading waits, ${reason.text}`);
      told = reason.kind;
      await this.#clock.sleep(POLL_MS, signal);
    }
  }

  async #overfull(routes: readonly CompiledRoute[]) {
    for (const { id, resource } of routes) {
      const most = resource.tasks.backpressure;
      const queued = await this.#store.countQueued(id, most + 1);
      if (queued > most) return { kind: 'tasks', text: `route ${id} holds more than ${most} tasks` };
    }
    return undefined;
  }

  async #diskIsLow() {
    const { minFreeDisk } = this.#compiled.project.settings;
    if (minFreeDisk === 0 || this.#store.folder === undefined) return undefined;
    // A folder that cannot be looked at is no reason to stop: writing to it will tell.
    const disk = await statfs(this.#store.folder).catch(() => undefined);
    if (!disk) return undefined;
    const free = Math.floor((disk.bavail * disk.bsize) / MEGABYTE);
    if (free >= minFreeDisk) return undefined;
    return {
      kind: 'disk',
      text: `only ${free} MB are free on the disk of the store (minFreeDisk: ${minFreeDisk})`,
    };
  }
}
