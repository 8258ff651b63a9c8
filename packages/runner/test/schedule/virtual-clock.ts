import type { Clock } from '../../src/store/clock.ts';

interface Sleeper {
  at: number;
  readonly wake: () => void;
}

/** A clock that goes on only when everybody sleeps: a day passes as fast as the work in it is done. */
export class VirtualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Sets it, as an operator does, or a time server. */
  set(now: number): void {
    const step = now - this.#now;
    this.#now = now;
    // Timers of a real machine run on, whatever the clock says.
    for (const one of this.#sleepers) one.at += step;
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        at: this.#now + milliseconds,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  /** Lets time pass, from one sleeper to the next; `settle` resolves when the work of the moment is done. */
  async pass(milliseconds: number, settle: () => Promise<void>): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      await settle();
      const next = Math.min(...[...this.#sleepers].map((one) => one.at));
      if (next > until) break;
      this.#now = Math.max(this.#now, next);
      for (const one of [...this.#sleepers]) if (one.at <= this.#now) one.wake();
    }
    this.#now = until;
  }
}
