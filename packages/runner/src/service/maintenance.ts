import { toMillraceError } from '@millrace/core';
import type { Engine } from '../engine.ts';
import { pruneProject } from '../execution/retention.ts';

const CONFIRM_MS = 1_000;
const PRUNE_MS = 10 * 60_000;

/** What has to be done from time to time: late confirmations, and what is kept no longer. */
export class Maintenance {
  readonly #engine: Engine;
  readonly #stop = new AbortController();
  #done: Promise<unknown> = Promise.resolve();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  start(): void {
    const { store, clock, compiled } = this.#engine;
    const { signal } = this.#stop;
    this.#done = Promise.all([
      this.#every(CONFIRM_MS, () => store.expireConfirmations(clock.now())),
      this.#every(PRUNE_MS, () => pruneProject(store, compiled.project, clock.now(), signal)),
    ]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #every(milliseconds: number, work: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await work().catch((error) =>
        this.#engine.logger.warn({ err: toMillraceError(error) }, 'maintenance failed; it is tried again'),
      );
      await this.#engine.clock.sleep(milliseconds, signal);
    }
  }
}
