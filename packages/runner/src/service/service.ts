import type { CompiledRoute } from '../compile/compile.ts';
import type { Project } from '../config/project.ts';
import { type Engine, withProject } from '../engine.ts';
import { RENEW_MS, type RunRecord } from '../store/store.ts';
import type { HookLane } from './hook-lane.ts';
import { Maintenance } from './maintenance.ts';
import type { Metrics } from './metrics.ts';
import { Notifier } from './notifier.ts';
import { UnitRunner } from './unit-runner.ts';
import { clientSignature, type Unit, unitsOf } from './units.ts';

export interface ServiceOptions {
  readonly metrics?: Metrics;
  /** How long a stop waits for the batches and requests in hand. */
  readonly deadlineMs?: number;
}

/** What a reload did, by unit. */
export interface Reloaded {
  readonly started: readonly string[];
  readonly restarted: readonly string[];
  readonly stopped: readonly string[];
  readonly kept: readonly string[];
}

const DEADLINE_MS = 30_000;

/** The scheduled runner: reads by the clock, delivers what is due, until it is stopped. */
export class Service {
  #engine: Engine;
  readonly #options: ServiceOptions;
  readonly #units = new Map<string, UnitRunner>();
  #maintenance: Maintenance;
  #notifier: Notifier;
  #heartbeat: NodeJS.Timeout | undefined;
  #stopping = false;
  /** Reloads happen one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(engine: Engine, options: ServiceOptions = {}) {
    this.#engine = engine;
    this.#options = options;
    this.#maintenance = new Maintenance(engine);
    this.#notifier = new Notifier(engine);
  }

  get engine(): Engine {
    return this.#engine;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  get units(): readonly Unit[] {
    return [...this.#units.values()].map((one) => one.unit);
  }

  /** What takes the webhooks of an incoming; undefined where nothing of that name receives. */
  lane(incoming: string): HookLane | undefined {
    return this.#units.get(`hooks/${incoming}`)?.lane;
  }

  async start(): Promise<void> {
    const { store, worker, clock } = this.#engine;
    await store.renew(worker, clock.now());
    const renew = () =>
      store
        .renew(worker, clock.now())
        .catch((error) => this.#engine.logger.error({ err: error }, 'the lease could not be renewed'));
    this.#heartbeat = setInterval(() => void renew(), RENEW_MS);
    for (const unit of unitsOf(this.#engine)) this.#launch(unit);
    this.#maintenance.start();
    this.#notifier.start();
  }

  /** Takes over a project that passed its checks: only what changed begins anew; cursors and tasks stay. */
  reload(project: Project): Promise<Reloaded> {
    const next = this.#turn.then(() => this.#reload(project));
    this.#turn = next.catch(() => {});
    return next;
  }

  /**
   * Three steps: nothing new begins; the batches and requests in hand end, within the deadline; what came of them is
   * stored and the leases are given back.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#turn;
    const timer = setTimeout(() => {
      for (const unit of this.#units.values()) unit.abort();
    }, this.#options.deadlineMs ?? DEADLINE_MS);
    try {
      await Promise.all([
        ...[...this.#units.values()].map((unit) => unit.stop()),
        this.#maintenance.stop(),
        this.#notifier.stop(),
      ]);
    } finally {
      clearTimeout(timer);
      clearInterval(this.#heartbeat);
      await this.#engine.store.release(this.#engine.worker);
    }
  }

  #launch(unit: Unit): void {
    const runner = new UnitRunner(unit, this.#engine, {
      runEnded: (run) => this.#runEnded(run),
      stored: (routes) => this.#wake(routes),
    });
    this.#units.set(unit.id, runner);
    runner.start();
  }

  #wake(routes: readonly CompiledRoute[]): void {
    for (const unit of this.#units.values()) unit.wake(routes);
  }

  #runEnded(run: RunRecord): void {
    if (run.status !== 'running') this.#options.metrics?.runEnded(run);
  }

  async #reload(project: Project): Promise<Reloaded> {
    const before = this.#engine;
    const old = before.compiled;
    const same = [...old.clients.made].filter(
      ([id]) => project.clients.has(id) && clientSignature(old.project, id) === clientSignature(project, id),
    );
    const engine = withProject(before, project, same);
    const wanted = new Map(unitsOf(engine).map((unit) => [unit.id, unit]));
    const running = [...this.#units.values()];
    const kept = running.filter((one) => wanted.get(one.id)?.signature === one.unit.signature);
    const ending = running.filter((one) => !kept.includes(one));
    await Promise.all(ending.map((one) => one.stop()));
    for (const one of ending) this.#units.delete(one.id);
    this.#engine = engine;
    const fresh = [...wanted.values()].filter((unit) => !this.#units.has(unit.id));
    for (const unit of fresh) this.#launch(unit);
    await Promise.all([this.#maintenance.stop(), this.#notifier.stop()]);
    this.#maintenance = new Maintenance(engine);
    this.#notifier = new Notifier(engine);
    this.#maintenance.start();
    this.#notifier.start();
    const adopted = new Set(same.map(([id]) => id));
    for (const [id, client] of old.clients.made) if (!adopted.has(id)) await client.close?.();
    old.clients.abandon();
    const ended = new Set(ending.map((one) => one.id));
    return {
      started: fresh.filter((unit) => !ended.has(unit.id)).map((unit) => unit.id),
      restarted: fresh.filter((unit) => ended.has(unit.id)).map((unit) => unit.id),
      stopped: [...ended].filter((id) => !wanted.has(id)),
      kept: kept.map((one) => one.id),
    };
  }
}
