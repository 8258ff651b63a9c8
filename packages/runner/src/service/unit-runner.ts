import { type MillraceError, toMillraceError } from '@millrace/core';
import type { CompiledIncoming, CompiledRoute } from '../compile/compile.ts';
import type { Schedule } from '../config/project.ts';
import type { Engine } from '../engine.ts';
import type { OutgoingWorker } from '../execution/outgoing-worker.ts';
import { CronSchedule } from '../schedule/cron.ts';
import { Scheduler } from '../schedule/scheduler.ts';
import type { RunRecord } from '../store/store.ts';
import { HookLane } from './hook-lane.ts';
import type { Unit } from './units.ts';

export interface UnitEvents {
  runEnded(run: RunRecord): void;
  /** Tasks were stored for these routes. */
  stored(routes: readonly CompiledRoute[]): void;
}

/** How often an outgoing looks for tasks that another process made. */
const LOOK_MS = 1_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** Runs one unit until it is stopped: nothing that goes wrong in it ends it, or another one. */
export class UnitRunner {
  readonly unit: Unit;
  readonly #engine: Engine;
  readonly #events: UnitEvents;
  readonly #stop = new AbortController();
  readonly #worker: OutgoingWorker | undefined;
  /** Of a unit that receives. */
  readonly lane: HookLane | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(unit: Unit, engine: Engine, events: UnitEvents) {
    this.unit = unit;
    this.#engine = engine;
    this.#events = events;
    if (unit.kind === 'outgoing') this.#worker = engine.container.outgoingWorker(unit.outgoing, unit.routes);
    if (unit.kind === 'hooks') this.lane = new HookLane(unit.incoming, engine, events);
  }

  start(): void {
    if (this.unit.kind === 'hooks') return;
    const work = this.unit.kind === 'incoming' ? this.#read(this.unit.incoming) : this.#deliver();
    this.#done = work.catch((error) => this.#failed(error, 'a unit ended: reload, or start anew'));
  }

  /** Starts nothing new, and resolves when what is in hand is stored. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('stopped'));
    await Promise.all([this.#done, this.lane?.stop()]);
  }

  /** Gives up on requests in hand. */
  abort(): void {
    this.#worker?.abort();
    this.lane?.abort();
  }

  wake(routes: readonly CompiledRoute[]): void {
    if (
      this.unit.kind === 'outgoing' &&
      routes.some((route) => route.outgoing.id === this.unit.id.slice(9))
    ) {
      this.#worker?.wake();
    }
  }

  get id(): string {
    return this.unit.id;
  }

  #scheduler(
    schedule: Schedule,
    start: (signal: AbortSignal) => Promise<{ done: Promise<void> } | 'busy'>,
  ): Scheduler {
    const { store, worker, clock, logger } = this.#engine;
    const { cron, timezone, overlap, catchUp } = schedule;
    const scheduled = {
      id: this.unit.id,
      source: `${cron} ${timezone ?? 'UTC'}`,
      cron: new CronSchedule(schedule),
      overlap,
      catchUp,
      start: (_: number, signal: AbortSignal) => start(signal),
    };
    return new Scheduler(scheduled, { store, worker, clock, log: logger });
  }

  async #read(incoming: CompiledIncoming): Promise<void> {
    const { schedule } = incoming.resource;
    if (!schedule) return;
    // A run that was interrupted is not left until the next fire.
    const interrupted = await this.#engine.store.interruptedRuns().catch((): readonly string[] => []);
    const resumed = interrupted.includes(incoming.id)
      ? await this.#open(incoming, new AbortController().signal).catch((error) => {
          this.#failed(error, 'an interrupted run waits for the next fire');
          return 'busy' as const;
        })
      : 'busy';
    const scheduler = this.#scheduler(schedule, (cancel) => this.#open(incoming, cancel));
    await Promise.all([scheduler.run(this.#stop.signal), resumed === 'busy' ? undefined : resumed.done]);
  }

  /** Opens a run and lets it go; stopping leaves it to the next one, cancelling closes it. */
  async #open(incoming: CompiledIncoming, cancel: AbortSignal): Promise<{ done: Promise<void> } | 'busy'> {
    const { store, worker, container } = this.#engine;
    const opened = await store.openRun({ incoming: incoming.id, worker });
    if (opened.status === 'busy') return 'busy';
    const backpressure = container.backpressure();
    const signal = AbortSignal.any([this.#stop.signal, cancel]);
    const run = container.incomingRun(incoming, opened, {
      signal,
      onAbort: () => (cancel.aborted ? 'cancel' : 'leave'),
      stored: async (routes) => {
        this.#events.stored(routes);
        await backpressure.hold(
          incoming.id,
          // A route that nobody works would hold the incoming for ever.
          routes.filter((route) => route.resource.enabled && route.outgoing.enabled),
          signal,
        );
      },
    });
    const done = run.execute().then(
      (record) => {
        this.#events.stored(incoming.routes);
        this.#events.runEnded(record);
      },
      async (error) => {
        this.#failed(error, 'a run broke off: the next one goes on with it');
        await this.#leave(opened.run.id);
      },
    );
    return { done };
  }

  /** While the store cannot be written, nobody else can be given the run. */
  async #leave(run: string): Promise<void> {
    const { store, worker, clock } = this.#engine;
    while (!this.#stop.signal.aborted) {
      const left = await store.leaveRun(run, worker).then(
        () => true,
        () => false,
      );
      if (left) return;
      await clock.sleep(FIRST_PAUSE_MS, this.#stop.signal);
    }
  }

  async #deliver(): Promise<void> {
    if (this.unit.kind !== 'outgoing') return;
    const { schedule } = this.unit.outgoing.resource;
    if (!schedule) return this.#supervise(async () => LOOK_MS);
    const { clock } = this.#engine;
    // By the clock: each fire works what is due by then.
    const until = async (due: number | undefined) => (due !== undefined && due <= clock.now() ? 0 : 'stop');
    const scheduler = this.#scheduler(schedule, async () => ({ done: this.#supervise(until) }));
    await scheduler.run(this.#stop.signal);
  }

  /** Works, and works again after a failure of the store, ever more patiently. */
  async #supervise(until: (due: number | undefined) => Promise<'stop' | number>): Promise<void> {
    const { signal } = this.#stop;
    for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.#worker?.work(until, signal);
        return;
      } catch (error) {
        this.#failed(error, 'an outgoing broke off, and begins again');
        if (signal.aborted) return;
        await this.#engine.clock.sleep(wait, signal);
      }
    }
  }

  #failed(thrown: unknown, message: string): void {
    const error: MillraceError = toMillraceError(thrown);
    this.#engine.logger.error({ err: error, unit: this.unit.id }, message);
  }
}
