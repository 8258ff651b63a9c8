import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Engine } from '../engine.ts';
import type { Progress } from '../execution/progress.ts';
import type { RunRecord } from '../store/store.ts';

/** What Prometheus is told. Counters are of this process since its start; gauges are read from the store when asked. */
export class Metrics {
  readonly registry = new Registry();
  readonly #runs: Counter;
  readonly #attempts: Counter;
  readonly #requests: Histogram;
  readonly #hooks: Histogram;
  readonly #received: Counter;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#runs = new Counter({
      name: 'millrace_runs_total',
      help: 'Runs that ended',
      labelNames: ['incoming', 'status'],
      registers,
    });
    this.#attempts = new Counter({
      name: 'millrace_attempts_total',
      help: 'Attempts to deliver a task',
      labelNames: ['route', 'outcome'],
      registers,
    });
    this.#requests = new Histogram({
      name: 'millrace_request_duration_seconds',
      help: 'Requests of the clients',
      labelNames: ['client', 'method', 'status'],
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    });
    this.#hooks = new Histogram({
      name: 'millrace_hook_duration_seconds',
      help: 'Webhooks that came, by what they were answered: stored, repeated, empty, or the code of the refusal',
      labelNames: ['incoming', 'outcome'],
      buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
      registers,
    });
    this.#received = new Counter({
      name: 'millrace_hook_records_total',
      help: 'Records that came by webhooks and were stored',
      labelNames: ['incoming'],
      registers,
    });
  }

  /** What execution tells while it works. */
  get progress(): Progress {
    return {
      incoming: () => {},
      note: () => {},
      route: (route, { state, count }) => this.#attempts.inc({ route, outcome: state }, count),
    };
  }

  runEnded({ incoming, status }: RunRecord): void {
    this.#runs.inc({ incoming, status });
  }

  answered(client: string, method: string, status: number | undefined, seconds: number): void {
    this.#requests.observe({ client, method, status: status ?? 'none' }, seconds);
  }

  /** A webhook was answered. Without an incoming: nothing receives at the address that it came to. */
  hookAnswered(incoming: string | undefined, outcome: string, seconds: number, records: number): void {
    this.#hooks.observe({ incoming: incoming ?? '', outcome }, seconds);
    if (incoming !== undefined && records > 0) this.#received.inc({ incoming }, records);
  }

  /** Reads what the store knows whenever it is asked; of the engine as it is then. */
  watch(service: { readonly engine: Engine }): void {
    const registers = [this.registry];
    const routes = () => [...service.engine.compiled.project.routes.keys()];
    const gauge = (name: string, help: string, labelNames: string[], read: (gauge: Gauge) => Promise<void>) =>
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        async collect() {
          this.reset();
          await read(this);
        },
      });
    gauge('millrace_tasks', 'Tasks by state', ['route', 'status'], async (tasks) => {
      for (const [route, states] of Object.entries(await service.engine.store.countTasks(routes()))) {
        for (const [status, count] of Object.entries(states)) tasks.set({ route, status }, count ?? 0);
      }
    });
    gauge('millrace_task_lag_seconds', 'How long the oldest due task has waited', ['route'], async (lag) => {
      const now = service.engine.clock.now();
      for (const { route, oldestDue } of await service.engine.store.lags(routes(), now)) {
        lag.set({ route }, oldestDue === undefined ? 0 : (now - oldestDue) / 1000);
      }
    });
    gauge('millrace_budget_left', 'Requests left of the limit of a client', ['client'], async (left) => {
      for (const [client, requests] of service.engine.traffic.left()) left.set({ client }, requests);
    });
    gauge(
      'millrace_schedule_fires',
      'Fires by what became of them, over all time',
      ['schedule', 'outcome'],
      async (fires) => {
        for (const {
          id,
          expected,
          started,
          skipped,
          missed,
          pending,
        } of await service.engine.store.schedules()) {
          const outcomes = { expected, started, skipped, missed, pending: pending.length };
          for (const [outcome, count] of Object.entries(outcomes))
            fires.set({ schedule: id, outcome }, count);
        }
      },
    );
  }
}
