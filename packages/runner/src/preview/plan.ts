import { type Json, type JsonObject, markPublishing, type RunContext, toMillraceError } from '@millrace/core';
import { type CompiledWay, compileWay } from '../compile/compile.ts';
import { ClientTraffic } from '../execution/client-traffic.ts';
import { BatchProcessor } from '../execution/process-batch.ts';
import { StorageSession } from '../execution/storage-session.ts';
import type { NewTask } from '../store/store.ts';
import { type CallCost, callCost } from './call-cost.ts';
import { jsonDiff } from './json-diff.ts';
import { PlanDelivery, type PlannedDelivery } from './plan-delivery.ts';
import type { PlannedEntity, PlanOptions, PlanReport } from './plan-report.ts';
import { PlanTransport } from './plan-transport.ts';
import { memoryStorages } from './storage-copy.ts';
import { subscriberOf } from './subscriber-of.ts';

/** Reads as the next run would and tells what it would do. Publishes nothing and stores nothing. */
export async function planRoute(options: PlanOptions): Promise<PlanReport> {
  const plan = new Plan(options);
  try {
    return await plan.make();
  } finally {
    await plan.close();
  }
}

class Plan {
  readonly #options: PlanOptions;
  readonly #way: CompiledWay;
  readonly #transports = new Map<string, PlanTransport>();
  readonly #reading = new AbortController();
  readonly #chains = new AbortController();
  readonly #delivery: PlanDelivery;
  readonly #storages: StorageSession;
  readonly #entities: PlannedEntity[] = [];
  /** What this plan would store, by key: a later record of the same key is compared with it. */
  readonly #made = new Map<string, NewTask>();
  readonly #notes: string[] = [];
  #dropped = 0;

  constructor(options: PlanOptions) {
    const { project, route, store, clock, log, mask, recording } = options;
    this.#options = options;
    const publishing = new AbortController();
    markPublishing(publishing.signal);
    const signals = { chains: this.#chains.signal, publishing: publishing.signal };
    const tokens = new Set<string>();
    const traffic = store && new ClientTraffic(store, clock);
    const transport = (client: string) => {
      const made = new PlanTransport({
        signals,
        captured: (request) => this.#delivery.captured(request),
        tokens,
        ...(recording && { received: recording.received }),
      });
      this.#transports.set(client, made);
      return made;
    };
    const services = {
      log,
      traffic: (client: string) => traffic?.of(client),
      transport,
      now: () => clock.now(),
    };
    this.#way = compileWay(project, services, route);
    const source = store ?? memoryStorages({});
    const storages = recording ? recording.storages(source) : source;
    this.#storages = new StorageSession(storages, project.storages, () => clock.now());
    this.#delivery = new PlanDelivery({
      project,
      outgoing: this.#way.route.outgoing,
      run: this.#run(this.#chains.signal),
      signal: publishing.signal,
      storages: this.#storages,
      attached: (client) => this.#transports.get(client)?.isAttached ?? true,
      tokens,
      mask,
    });
  }

  async make(): Promise<PlanReport> {
    const { route, store, signal, limit = Number.POSITIVE_INFINITY, from, progress } = this.#options;
    const cursor = from ?? (await store?.cursor(route.incoming));
    const { signal: reading } = this.#reading;
    const abort = () => {
      for (const one of [this.#reading, this.#chains]) one.abort(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    const subscriber = subscriberOf(this.#way.incoming);
    const reader = subscriber.read(cursor === undefined ? {} : { cursor }, this.#run(reading));
    let read = 0;
    // A page is read whole, and paid for, where only some of its rows are wanted.
    let received = 0;
    let announced: number | undefined;
    let ended = false;
    try {
      while (read < limit && !signal.aborted) {
        const step = await reader.next();
        ended = step.done === true;
        if (step.done) break;
        const { entities, dropped = 0, total } = step.value;
        const rows = entities.slice(0, limit - read);
        announced = total ?? announced;
        read += rows.length + dropped;
        received += entities.length + dropped;
        this.#dropped += dropped;
        await this.#batch(rows);
        progress?.(read, announced);
      }
    } catch (thrown) {
      // Where the source gave less than it announced, what came is planned all the same.
      const { code, message } = toMillraceError(thrown);
      if (code === 'source.incomplete') this.#notes.push(message);
      else if (!signal.aborted) throw thrown;
    } finally {
      signal.removeEventListener('abort', abort);
      await reader.return(undefined);
    }
    return this.#report({
      cursor: cursor ?? null,
      read,
      received,
      announced,
      limited: !ended && read !== announced,
    });
  }

  async close(): Promise<void> {
    await this.#way.clients.close();
  }

  #run(signal: AbortSignal): RunContext {
    const { log, clock } = this.#options;
    const run = { id: 'plan', startedAt: new Date(clock.now()).toISOString() };
    return { id: run.id, signal, log, storages: this.#storages, context: { run } };
  }

  /** Row by row, so that what becomes of them stands in their order. */
  async #batch(rows: readonly JsonObject[]): Promise<void> {
    const { mask } = this.#options;
    const { incoming, route } = this.#way;
    const processor = new BatchProcessor(incoming, this.#run(this.#chains.signal), this.#storages, mask);
    for (const row of rows) {
      this.#options.recording?.row(row);
      const { tasks, failures, counts } = await processor.process([row]);
      this.#dropped += counts.dropped + (counts.routes[route.id]?.dropped ?? 0);
      for (const { entity, status, error } of failures)
        this.#entities.push({ type: entity.type, identifier: entity.id, status, error });
      for (const task of tasks) await this.#task(task);
    }
    await this.#flush();
  }

  async #task(task: NewTask): Promise<void> {
    const { entity } = task;
    const key = JSON.stringify([entity.type, entity.id]);
    const base = { type: entity.type, identifier: entity.id };
    const earlier = this.#made.get(key);
    const { status, before, data } = earlier ? again(earlier, task) : await this.#probe(task);
    const found = { ...base, status, ...(before && { before }) };
    if (status === 'unchanged' || status === 'held') {
      this.#entities.push(found);
      return;
    }
    this.#made.set(key, task);
    const diff = data && status === 'changed' ? { diff: jsonDiff(data, task.data) } : {};
    const place = this.#entities.push({ ...found, ...diff }) - 1;
    const planned = (delivery: PlannedDelivery) => {
      const one = this.#entities[place];
      if (one) this.#entities[place] = { ...one, ...delivery };
    };
    if (this.#delivery.mustFlush(key)) await this.#flush();
    this.#delivery.add({ key, entity, data: task.data, planned });
  }

  async #flush(): Promise<void> {
    await this.#delivery.flush();
  }

  async #probe(task: NewTask): Promise<Comparison> {
    const probe = await this.#options.store?.probe(task);
    if (!probe) return { status: 'created' };
    const { verdict, known, before } = probe;
    return {
      status: verdict === 'new' ? (known ? 'changed' : 'created') : verdict,
      ...(before && { before: { task: before.id, status: before.status } }),
      ...(before?.data && { data: before.data }),
    };
  }

  #report(seen: Seen): PlanReport {
    const { route, mask } = this.#options;
    const count = (status: PlannedEntity['status']) =>
      this.#entities.filter((entity) => entity.status === status).length;
    const report: PlanReport = {
      route: route.id,
      incoming: route.incoming,
      outgoing: route.outgoing,
      from: seen.cursor,
      read: seen.read,
      announced: seen.announced ?? null,
      limited: seen.limited,
      counts: {
        created: count('created'),
        changed: count('changed'),
        unchanged: count('unchanged'),
        held: count('held'),
        dropped: this.#dropped,
        failed: count('failed'),
        rejected: count('rejected'),
      },
      entities: this.#entities,
      costs: this.#costs(seen),
      notes: [...this.#notes, ...this.#delivery.notes],
    };
    return mask.json(report as unknown as Json) as unknown as PlanReport;
  }

  #costs({ read, received, announced = 0 }: Seen): readonly CallCost[] {
    const { project, route, clock } = this.#options;
    const times = (rows: number) => (rows > 0 ? Math.max(1, announced / rows) : 1);
    const schedule = project.incoming.get(route.incoming)?.schedule;
    return [...this.#transports].map(([client, { calls }]) => {
      const limit = project.clients.get(client)?.options['limit'];
      return callCost(client, calls, {
        scale: { reading: times(received), chains: times(read) },
        schedule,
        limit: typeof limit === 'string' ? limit : undefined,
        now: clock.now(),
      });
    });
  }
}

/** What a read came to. */
interface Seen {
  readonly cursor: Json;
  /** Rows that went through the chains, and rows that the source gave. */
  readonly read: number;
  readonly received: number;
  readonly announced: number | undefined;
  readonly limited: boolean;
}

interface Comparison {
  readonly status: 'created' | 'changed' | 'unchanged' | 'held';
  readonly before?: { readonly task: string; readonly status: string };
  readonly data?: JsonObject;
}

/** A record of a key that the plan has seen already. */
function again(earlier: NewTask, task: NewTask): Comparison {
  const before = { task: 'this plan', status: 'new' };
  const status = earlier.fingerprint === task.fingerprint ? 'unchanged' : 'changed';
  return { status, before, data: earlier.data };
}
