import { MillraceError } from '@millrace/core';
import type { CompiledIncoming, CompiledRoute } from '../compile/compile.ts';
import type { Container, Shared } from '../container.ts';
import { RENEW_MS, type RunRecord, type Store } from '../store/store.ts';
import type { Backpressure } from './backpressure.ts';
import type { OutgoingWorker } from './outgoing-worker.ts';

export interface SessionOptions {
  readonly incoming: readonly CompiledIncoming[];
  /** The routes whose tasks are worked. */
  readonly routes: readonly CompiledRoute[];
  readonly limit?: number;
  readonly fresh?: boolean;
  /** Fail at once when another process runs an incoming. */
  readonly noWait?: boolean;
  /** Waits for tasks that are due within so many milliseconds. */
  readonly waitMs: number;
  readonly backpressure: boolean;
  readonly signal: AbortSignal;
}

/** How long a stop waits for the requests in hand. */
const STOP_MS = 30_000;
/** How often what only another process can change is looked at again. */
const POLL_MS = 250;

/** Runs incomings once and, at the same time, works the tasks of routes until nothing is left to do. */
export class Session {
  readonly #store: Store;
  readonly #shared: Shared;
  readonly #container: Container;
  readonly #options: SessionOptions;
  readonly #workers: OutgoingWorker[];
  readonly #backpressure: Backpressure;
  #running = 0;

  constructor(shared: Shared, container: Container, options: SessionOptions) {
    this.#shared = shared;
    this.#store = shared.store;
    this.#container = container;
    this.#options = options;
    this.#backpressure = container.backpressure();
    const outgoings = new Set(options.routes.map((route) => route.outgoing));
    this.#workers = [...outgoings].map((outgoing) =>
      container.outgoingWorker(
        outgoing,
        options.routes.filter((route) => route.outgoing === outgoing),
      ),
    );
  }

  async execute(): Promise<RunRecord[]> {
    const { store, worker } = this.#shared;
    await store.renew(worker, this.#shared.clock.now());
    const heartbeat = setInterval(
      () => void store.renew(worker, this.#shared.clock.now()).catch(() => {}),
      RENEW_MS,
    );
    // A failure of ours in one part ends the others in order; what they hold is stored first.
    const failed = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, failed.signal]);
    const deadline = this.#deadline(signal);
    const guard = <T>(work: Promise<T>) =>
      work.catch((error: unknown) => {
        failed.abort(error);
        throw error;
      });
    this.#running = this.#options.incoming.length;
    try {
      const runs = this.#options.incoming.map((incoming) => guard(this.#run(incoming, signal)));
      const workers = this.#workers.map((one) => guard(one.work((due) => this.#until(due), signal)));
      const results = await Promise.allSettled([...runs, ...workers]);
      const broken = results.find((result) => result.status === 'rejected');
      if (broken) throw broken.reason;
      return (await Promise.all(runs)).filter((run) => run !== undefined);
    } finally {
      clearInterval(heartbeat);
      clearTimeout(deadline());
      await store.release(worker);
    }
  }

  /** Returns the timer that gives up on requests in hand, once the signal started it. */
  #deadline(signal: AbortSignal): () => NodeJS.Timeout | undefined {
    let timer: NodeJS.Timeout | undefined;
    const start = () => {
      timer = setTimeout(() => {
        for (const worker of this.#workers) worker.abort();
      }, STOP_MS);
    };
    signal.addEventListener('abort', start, { once: true });
    return () => timer;
  }

  async #run(incoming: CompiledIncoming, signal: AbortSignal): Promise<RunRecord | undefined> {
    try {
      if (!incoming.subscriber) {
        this.#shared.progress.note(
          `${incoming.id}: only receives, at /hooks/${incoming.id} of millrace start; there is nothing to read`,
        );
        return undefined;
      }
      const opened = await this.#open(incoming, signal);
      if (!opened) return undefined;
      const run = this.#container.incomingRun(incoming, opened, {
        signal,
        ...(this.#options.limit !== undefined && { limit: this.#options.limit }),
        stored: (routes) => this.#stored(routes, signal),
      });
      return await run.execute();
    } finally {
      this.#running--;
      for (const worker of this.#workers) worker.wake();
    }
  }

  async #open(incoming: CompiledIncoming, signal: AbortSignal) {
    const { fresh = false, limit, noWait } = this.#options;
    let told = false;
    while (!signal.aborted) {
      const request = {
        incoming: incoming.id,
        worker: this.#shared.worker,
        fresh,
        limited: limit !== undefined,
      };
      const opened = await this.#store.openRun(request);
      if (opened.status === 'opened') return opened;
      const who = `process ${opened.pid} on ${opened.host}`;
      if (noWait) {
        throw new MillraceError('call.busy', `Incoming "${incoming.id}" is being run by ${who}`, {
          hint: 'Wait for it, or leave out --no-wait.',
        });
      }
      if (!told) this.#shared.progress.note(`${incoming.id}: waiting for ${who}, which is running it`);
      told = true;
      await this.#shared.clock.sleep(POLL_MS, signal);
    }
    return undefined;
  }

  /** A batch is stored: there is work. And where a route holds more than it may, reading waits for it. */
  async #stored(routes: readonly CompiledRoute[], signal: AbortSignal): Promise<void> {
    for (const worker of this.#workers) worker.wake();
    if (!this.#options.backpressure) return;
    // A route that nobody works here would hold the incoming for ever.
    const watched = routes.filter((route) => this.#options.routes.includes(route));
    await this.#backpressure.hold(routes[0]?.resource.incoming ?? '', watched, signal);
  }

  async #until(nextDue: number | undefined): Promise<'stop' | number> {
    if (this.#running > 0) return POLL_MS * 4;
    const now = this.#shared.clock.now();
    if (nextDue !== undefined && nextDue - now <= this.#options.waitMs) return nextDue - now;
    return 'stop';
  }
}
