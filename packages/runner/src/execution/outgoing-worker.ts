import { toMillraceError } from '@millrace/core';
import { inject, injectable } from 'tsyringe';
import type { CompiledOutgoing, CompiledRoute } from '../compile/compile.ts';
import type { Clock } from '../store/clock.ts';
import type { ClaimedTask, ClaimRequest, Settlement, Store, WorkerIdentity } from '../store/store.ts';
import { CLOCK, LOGGER, OUTGOING, PROGRESS, ROUTES, STORE, WORKER } from '../tokens.ts';
import { Delivery } from './delivery.ts';
import type { Pino } from './logger.ts';
import { patiently } from './patience.ts';
import type { Progress } from './progress.ts';

/** Asked with the time at which the next task is due: how many milliseconds to wait for more, or to stop. */
export type Until = (nextDue: number | undefined) => Promise<'stop' | number>;

/** How long outcomes wait for a store that is busy or full before the work is given up. */
const STORE_GIVE_UP_MS = 60_000;

/** How long outcomes wait for others to be stored with; far below what any request takes. */
const GATHER_MS = 1;

/** Works the tasks of an outgoing's routes: claims what is due, publishes it, stores the outcomes. */
@injectable()
export class OutgoingWorker {
  readonly #outgoing: CompiledOutgoing;
  readonly #routes: ClaimRequest['routes'];
  readonly #store: Store;
  readonly #worker: WorkerIdentity;
  readonly #logger: Pino;
  readonly #progress: Progress;
  readonly #clock: Clock;
  readonly #delivery: Delivery;
  #inFlight = 0;
  /** Publish calls that ended and wait to be stored. */
  #finished: { calls: number; settlements: Settlement[] } = { calls: 0, settlements: [] };
  /** The system is known to be down until then: nothing is claimed. */
  #parkedUntil = 0;
  #failure: unknown;
  #woken = false;
  #wake: (() => void) | undefined;

  constructor(
    @inject(OUTGOING) outgoing: CompiledOutgoing,
    @inject(ROUTES) routes: readonly CompiledRoute[],
    @inject(STORE) store: Store,
    @inject(WORKER) worker: WorkerIdentity,
    @inject(LOGGER) logger: Pino,
    @inject(PROGRESS) progress: Progress,
    @inject(CLOCK) clock: Clock,
    @inject(Delivery) delivery: Delivery,
  ) {
    this.#outgoing = outgoing;
    this.#routes = byPriority(routes);
    this.#store = store;
    this.#worker = worker;
    this.#logger = logger;
    this.#progress = progress;
    this.#clock = clock;
    this.#delivery = delivery;
  }

  /** Something may have become due: new tasks were stored, or the end is near. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /**
   * Works until `until` says so, which is asked whenever nothing is claimable and nothing in flight, with the time
   * (milliseconds since the epoch) at which the next task is due. Aborting the signal starts nothing new and waits
   * for what is in hand. Rejects when the store fails.
   */
  async work(until: Until, signal: AbortSignal): Promise<void> {
    const wake = () => this.wake();
    signal.addEventListener('abort', wake);
    try {
      for (;;) {
        const { nextDue } = await this.#turn(signal);
        this.#throwFailure();
        if (this.#finished.calls > 0) continue;
        if (this.#inFlight === 0 && signal.aborted) return;
        const wait = nextDue === undefined ? undefined : nextDue - this.#clock.now();
        if (this.#inFlight > 0) await this.#sleep(wait);
        else {
          const verdict = await until(nextDue);
          if (verdict === 'stop') return;
          await this.#sleep(Math.min(verdict, wait ?? verdict));
        }
        await this.#gather();
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** Calls that end together are stored together: one turn of the event loop, a moment where most are still out. */
  async #gather(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const { calls } = this.#finished;
    if (calls === 0 || calls * 2 >= this.#inFlight) return;
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
  }

  /** Gives up on the requests in hand: their outcomes are unknown. */
  abort(): void {
    this.#delivery.abort();
  }

  /** Stores what ended and takes what is due, in one transaction. */
  async #turn(signal: AbortSignal): Promise<{ nextDue?: number }> {
    const { calls, settlements } = this.#finished;
    const now = this.#clock.now();
    const parked = now < this.#parkedUntil;
    const free = this.#outgoing.resource.concurrency - this.#inFlight + calls;
    const slots = signal.aborted || parked ? 0 : free;
    if (calls === 0 && slots <= 0) return parked ? { nextDue: this.#parkedUntil } : {};
    this.#finished = { calls: 0, settlements: [] };
    const claim = slots > 0 ? this.#claim(slots, now) : undefined;
    const turn = await this.#patiently(() => this.#store.settleAndClaim(settlements, claim), signal).catch(
      (error) => {
        // Nothing of it was stored: what ended is kept for whoever works on.
        const { calls: more, settlements: later } = this.#finished;
        this.#finished = { calls: calls + more, settlements: [...settlements, ...later] };
        throw error;
      },
    );
    this.#inFlight -= calls;
    this.#report(settlements, new Set(turn.refused));
    for (const group of turn.groups) {
      this.#inFlight++;
      void this.#handle(group);
    }
    if (parked) return { nextDue: this.#parkedUntil };
    return { ...(turn.nextDue !== undefined && { nextDue: turn.nextDue }) };
  }

  #patiently<T>(transaction: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return patiently(transaction, {
      clock: this.#clock,
      signal,
      giveUpMs: STORE_GIVE_UP_MS,
      waiting: (error) =>
        this.#logger.warn({ err: error, outgoing: this.#outgoing.id }, 'outcomes wait for the store'),
    });
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
  }

  #claim(slots: number, now: number): ClaimRequest {
    const { resource, batch } = this.#outgoing;
    const { concurrency, onUnknown } = resource;
    return {
      routes: this.#routes,
      worker: this.#worker,
      now,
      concurrency,
      slots,
      batch,
      onUnknown,
    };
  }

  /** One publish call's worth of tasks. Its slot is free again only when its outcomes are stored. */
  async #handle(tasks: readonly ClaimedTask[]): Promise<void> {
    let settlements: readonly Settlement[] = [];
    try {
      settlements = await this.#delivery.deliver(tasks);
    } catch (thrown) {
      // Neither a chain nor a publisher comes here: their errors are outcomes. This is ours, and ends the work.
      this.#failure ??= thrown;
      const error = toMillraceError(thrown).toRecord();
      settlements = tasks.map((task) => ({ task, state: 'failed', finishedAt: this.#clock.now(), error }));
    }
    this.#finished.calls++;
    this.#finished.settlements.push(...settlements);
    this.wake();
  }

  #report(settlements: readonly Settlement[], refused: ReadonlySet<string>): void {
    for (const { task, state, error, uncounted, dueAt } of settlements) {
      if (uncounted && dueAt !== undefined) this.#parkedUntil = Math.max(this.#parkedUntil, dueAt);
      const facts = { task: task.id, route: task.route, run: task.runId, attempt: task.attempt, state };
      if (refused.has(task.id))
        this.#logger.warn(facts, 'the lease of a task was lost; its outcome is refused');
      else {
        this.#progress.route(task.route, { state, count: 1 });
        if (error) this.#logger.warn({ ...facts, error }, `task ${state}`);
        else this.#logger.debug(facts, `task ${state}`);
      }
    }
  }

  /** Resolves at the next wake-up, or after so many milliseconds where a number is given. */
  async #sleep(milliseconds: number | undefined): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      // A wake-up between the last look and now counts.
      if (this.#woken) return resolve();
      this.#wake = resolve;
      if (milliseconds !== undefined)
        timer = setTimeout(resolve, Math.min(Math.max(milliseconds, 1), 60_000));
    });
    clearTimeout(timer);
    this.#woken = false;
    this.#wake = undefined;
  }
}

/** Routes of one priority together, the highest first. */
function byPriority(routes: readonly CompiledRoute[]): ClaimRequest['routes'] {
  const priorities = [...new Set(routes.map((route) => route.resource.tasks.priority))].sort((a, b) => b - a);
  return priorities.map((priority) =>
    routes
      .filter((route) => route.resource.tasks.priority === priority)
      .map(({ id, resource: { tasks } }) => ({
        id,
        ...(tasks.concurrency !== undefined && { concurrency: tasks.concurrency }),
      })),
  );
}
