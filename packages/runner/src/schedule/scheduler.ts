import { toMillraceError } from '@millrace/core';
import type { Clock } from '../store/clock.ts';
import type { Store, WorkerIdentity } from '../store/store.ts';
import type { CronSchedule } from './cron.ts';

/** Something that runs by the clock. */
export interface Scheduled {
  /** Of the record in the store, such as `incoming/halo-tickets`. */
  readonly id: string;
  /** Cron and zone as text: a changed one begins anew. */
  readonly source: string;
  readonly cron: CronSchedule;
  readonly overlap: 'skip' | 'queue' | 'cancel';
  readonly catchUp: 'none' | 'last' | 'all';
  /** Begins the work of a fire; `busy` where another process is at it. `done` never rejects. */
  start(fire: number, signal: AbortSignal): Promise<{ readonly done: Promise<void> } | 'busy'>;
}

export interface SchedulerServices {
  readonly store: Store;
  readonly worker: WorkerIdentity;
  readonly clock: Clock;
  readonly log: { warn(facts: object, message: string): void };
}

/** A fire that is later than this was missed by a runner that was down. */
const GRACE_MS = 30_000;
/** The clock is looked at at least so often: it may have been set, or another process may have ended. */
const LOOK_MS = 15_000;
/** How often a fire that waits for another process looks again. */
const BUSY_MS = 1_000;

/**
 * Fires one schedule. Which fires are due is computed from the clock and what the store has accounted for, never from
 * the run before: a failure now and then delays a fire, and breaks no chain.
 */
export class Scheduler {
  readonly #scheduled: Scheduled;
  readonly #services: SchedulerServices;
  #running: { readonly done: Promise<void>; readonly cancel: AbortController } | undefined;

  constructor(scheduled: Scheduled, services: SchedulerServices) {
    this.#scheduled = scheduled;
    this.#services = services;
  }

  /** Until the signal aborts, and what it started has ended. The work's own signal is another: see `start`. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#services;
    while (!signal.aborted) {
      let wait = LOOK_MS;
      try {
        wait = await this.#tick(signal);
      } catch (error) {
        log.warn(
          { err: toMillraceError(error), schedule: this.#scheduled.id },
          'a schedule could not be looked at',
        );
        wait = BUSY_MS;
      }
      await Promise.race([clock.sleep(wait, signal), ...(this.#running ? [this.#running.done] : [])]);
    }
    await this.#running?.done;
  }

  /** Starts what is due; returns milliseconds until it is to be looked at again. */
  async #tick(signal: AbortSignal): Promise<number> {
    const { store, worker, clock, log } = this.#services;
    const { id, source, cron, catchUp } = this.#scheduled;
    const record = await store.tickSchedule({
      id,
      source,
      worker,
      now: clock.now(),
      catchUp,
      grace: GRACE_MS,
      fires: (from, to) => cron.between(from, to, 100),
    });
    if (record === 'held') return LOOK_MS;
    const { newlyMissed: missed } = record;
    if (missed > 0)
      log.warn({ schedule: id, missed }, 'fires were missed: nobody was there, and they are not made up for');
    let waits = false;
    for (const fire of record.pending) {
      if (signal.aborted) return 0;
      const verdict = await this.#take(fire, waits);
      waits ||= verdict === 'wait';
    }
    if (waits) return BUSY_MS;
    const now = clock.now();
    return Math.min(LOOK_MS, Math.max(1, (cron.next(now) ?? now + LOOK_MS) - now));
  }

  /** Starts a fire, leaves it out, or lets it wait. */
  async #take(fire: number, behind: boolean): Promise<'settled' | 'wait'> {
    const { clock } = this.#services;
    const { overlap } = this.#scheduled;
    const madeUp = clock.now() - fire > GRACE_MS;
    if (this.#running) {
      // Those that are made up for come one after the other; else one waits at most.
      if (overlap === 'skip' && !madeUp) return this.#settle(fire, 'skipped');
      if (overlap === 'queue' && !madeUp && behind) return this.#settle(fire, 'skipped');
      if (overlap !== 'cancel') return 'wait';
      this.#running.cancel.abort(new Error('a newer fire'));
      await this.#running.done;
    }
    if (behind) return 'wait';
    const cancel = new AbortController();
    const started = await this.#scheduled.start(fire, cancel.signal);
    if (started === 'busy') return overlap === 'skip' ? this.#settle(fire, 'skipped') : 'wait';
    const running = { done: started.done, cancel };
    this.#running = running;
    void started.done.then(() => {
      if (this.#running === running) this.#running = undefined;
    });
    return this.#settle(fire, 'started');
  }

  async #settle(fire: number, outcome: 'started' | 'skipped'): Promise<'settled'> {
    const { store, clock } = this.#services;
    await store.settleFire(this.#scheduled.id, fire, outcome, clock.now());
    return 'settled';
  }
}
