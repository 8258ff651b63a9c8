import {
  type EntityIdentity,
  fingerprint,
  type JsonObject,
  type MillraceError,
  type RunContext,
  toMillraceError,
} from '@millrace/core';
import type { CompiledIncoming, CompiledRoute } from '../compile/compile.ts';
import {
  emptyRouteCounts,
  emptyRunCounts,
  type NewFailure,
  type NewTask,
  type RunCounts,
} from '../store/store.ts';
import { failedAt } from './failed-at.ts';
import { type Identified, identified, identityOf, unambiguous } from './identified.ts';
import type { SecretMask } from './secrets.ts';
import type { StorageSession } from './storage-session.ts';

/** What a batch of rows came to: ready to be stored in one transaction. */
export interface ProcessedBatch {
  readonly tasks: NewTask[];
  readonly failures: NewFailure[];
  readonly counts: RunCounts;
  /** Failures of an incoming that no route takes up: they have no task to stand in. */
  readonly unrouted: MillraceError[];
}

/** Takes the rows of a batch through the incoming's chain, then through the chain of each route. */
export class BatchProcessor {
  readonly #incoming: CompiledIncoming;
  readonly #run: RunContext;
  /** As the incoming's chain sees it. */
  readonly #incomingRun: RunContext;
  readonly #storages: StorageSession;
  readonly #mask: SecretMask;

  constructor(incoming: CompiledIncoming, run: RunContext, storages: StorageSession, mask: SecretMask) {
    this.#incoming = incoming;
    this.#run = run;
    this.#incomingRun = { ...run, identify: (data) => identityOf(data, incoming.entity) };
    this.#storages = storages;
    this.#mask = mask;
  }

  /** `dropped`: rows that the subscriber read and did not hand on. */
  async process(rows: readonly JsonObject[], dropped = 0): Promise<ProcessedBatch> {
    const batch: ProcessedBatch = { tasks: [], failures: [], counts: emptyRunCounts(), unrouted: [] };
    batch.counts.read = dropped;
    batch.counts.dropped = dropped;
    for (const route of this.#incoming.routes) batch.counts.routes[route.id] = emptyRouteCounts();
    for (const [index, row] of rows.entries()) await this.#row(row, index, batch);
    return batch;
  }

  /** Takes one entity, that left the incoming's chain before, through the chain of a route. */
  async resume(route: CompiledRoute, entity: Identified): Promise<ProcessedBatch> {
    const batch: ProcessedBatch = { tasks: [], failures: [], counts: emptyRunCounts(), unrouted: [] };
    await this.#route(route, entity, { raw: entity.data, index: 0 }, batch);
    return batch;
  }

  /** A row passes, is dropped or fails as a whole: nothing of a failed one is sent. */
  async #row(raw: JsonObject, index: number, batch: ProcessedBatch): Promise<void> {
    const { counts } = batch;
    counts.read++;
    let entities: readonly Identified[];
    try {
      const made = await this.#incoming.chain(raw, this.#incomingRun);
      entities = identified(made, this.#incoming.entity);
    } catch (thrown) {
      this.#storages.discard();
      counts.failed++;
      this.#failed(raw, thrown, batch);
      return;
    }
    this.#storages.keep();
    if (entities.length === 0) {
      counts.dropped++;
      return;
    }
    counts.passed++;
    counts.entities += entities.length;
    for (const route of this.#incoming.routes) {
      for (const entity of entities) await this.#route(route, entity, { raw, index }, batch);
    }
  }

  async #route(
    route: CompiledRoute,
    entity: Identified,
    row: { readonly raw: JsonObject; readonly index: number },
    batch: ProcessedBatch,
  ): Promise<void> {
    const counts = batch.counts.routes[route.id] ?? emptyRouteCounts();
    let made: readonly Identified[];
    try {
      const context = { ...this.#run.context, entity: entity.entity };
      const own = route.entity;
      const results = await route.chain(entity.data, {
        ...this.#run,
        context,
        ...(own && { identify: (data: JsonObject) => identityOf(data, own) }),
      });
      made = route.entity
        ? identified(results, route.entity)
        : unambiguous(results.map((data) => ({ ...entity, data })));
    } catch (thrown) {
      this.#storages.discard();
      counts.failed++;
      batch.failures.push(this.#failure(route, entity.entity, entity.data, 'route', thrown));
      return;
    }
    this.#storages.keep();
    if (made.length === 0) {
      counts.dropped++;
      return;
    }
    counts.passed++;
    for (const one of made) {
      batch.tasks.push({
        route: route.id,
        entity: one.entity,
        data: one.data,
        fingerprint: route.fingerprint(one.data),
        configHash: route.configHash,
        unchanged: route.resource.tasks.unchanged,
        supersede: route.resource.tasks.supersede,
        ...(one.version !== undefined && { version: one.version }),
        ...(route.resource.history.raw === 'always' && { raw: row.raw }),
        row: row.index,
      });
    }
  }

  #failed(raw: JsonObject, thrown: unknown, batch: ProcessedBatch): void {
    const entity = { type: this.#incoming.entity.type, id: `?${fingerprint(raw, []).slice(0, 16)}` };
    const failures = this.#incoming.routes.map((route) =>
      this.#failure(route, entity, raw, 'incoming', thrown),
    );
    batch.failures.push(...failures);
    if (failures.length === 0) batch.unrouted.push(toMillraceError(thrown, 'entity.failed'));
  }

  #failure(
    route: CompiledRoute,
    entity: EntityIdentity,
    raw: JsonObject,
    stage: 'incoming' | 'route',
    thrown: unknown,
  ): NewFailure {
    const resource = stage === 'incoming' ? this.#incoming.resource : route.resource;
    const error = failedAt(toMillraceError(thrown, 'entity.failed'), resource);
    this.#run.log.warn(
      { err: error, route: route.id, entity: `${entity.type}/${entity.id}`, stage },
      'a record failed before it was a task',
    );
    return {
      route: route.id,
      entity,
      status: isRejection(error) ? 'rejected' : 'failed',
      stage,
      raw,
      fingerprint: fingerprint(raw, []),
      configHash: stage === 'incoming' ? route.incomingHash : route.configHash,
      error: { ...error.toRecord(), message: this.#mask.text(error.message) },
    };
  }
}

/** True where the record itself is at fault, and stays so however often it is tried. */
export function isRejection(error: MillraceError): boolean {
  return (
    error.code === 'entity.invalid' || error.code === 'entity.rejected' || error.code.startsWith('request.')
  );
}
