import {
  type JsonObject,
  MillraceError,
  type Received,
  type RunContext,
  requestsSent,
  toMillraceError,
} from '@millrace/core';
import { inject, injectable } from 'tsyringe';
import type { CompiledIncoming, CompiledProject } from '../compile/compile.ts';
import type { Clock } from '../store/clock.ts';
import { newId } from '../store/new-id.ts';
import type { BatchCommit, RunCounts, RunRecord, Store, WorkerIdentity } from '../store/store.ts';
import { CLOCK, COMPILED, INCOMING, LOGGER, MASK, RECEIVING_SIGNAL, STORE, WORKER } from '../tokens.ts';
import { imbalance } from './books.ts';
import { boundLogger, type Pino } from './logger.ts';
import { BatchProcessor, type ProcessedBatch } from './process-batch.ts';
import type { SecretMask } from './secrets.ts';
import { StorageSession } from './storage-session.ts';

/** How long one run's books are kept open. */
const RECEIVING_MS = 3_600_000;

/** What became of a delivery: its books, or nothing, because it was stored before. */
export type Taken = { readonly counts: RunCounts } | 'repeated';

/**
 * One run of a receiver: the books of what came for an hour, or until the runner stops. It begins with the first delivery, and each
 * delivery is stored whole, as a batch that was read is; so there is nothing to take up if the process dies.
 */
@injectable()
export class ReceivingRun {
  readonly context: RunContext;
  readonly #incoming: CompiledIncoming;
  readonly #store: Store;
  readonly #worker: WorkerIdentity;
  readonly #clock: Clock;
  readonly #mask: SecretMask;
  readonly #storages: StorageSession;
  readonly #processor: BatchProcessor;
  readonly #startedAt: number;
  #opened = false;
  #countedRequests = 0;

  constructor(
    @inject(COMPILED) compiled: CompiledProject,
    @inject(INCOMING) incoming: CompiledIncoming,
    @inject(RECEIVING_SIGNAL) signal: AbortSignal,
    @inject(STORE) store: Store,
    @inject(WORKER) worker: WorkerIdentity,
    @inject(LOGGER) logger: Pino,
    @inject(MASK) mask: SecretMask,
    @inject(CLOCK) clock: Clock,
  ) {
    this.#incoming = incoming;
    this.#store = store;
    this.#worker = worker;
    this.#clock = clock;
    this.#mask = mask;
    this.#storages = new StorageSession(store, compiled.project.storages, () => clock.now());
    this.#startedAt = clock.now();
    const id = newId(this.#startedAt);
    const startedAt = new Date(this.#startedAt).toISOString();
    // A signal of its own: the requests of the chains are counted by it.
    this.context = {
      id,
      signal: AbortSignal.any([signal]),
      log: boundLogger(logger, { run: id, incoming: incoming.id }),
      storages: this.#storages,
      context: { run: { id, startedAt } },
    };
    this.#processor = new BatchProcessor(incoming, this.context, this.#storages, mask);
  }

  /** Whether what comes now belongs into books of its own. */
  get isOver(): boolean {
    return this.#clock.now() - this.#startedAt >= RECEIVING_MS;
  }

  /** Makes tasks of what came and stores them. Rejects when nothing of it was stored. One at a time. */
  async take({ entities, delivery }: Pick<Received, 'entities' | 'delivery'>): Promise<Taken> {
    const since = performance.now();
    if (delivery && (await this.#store.isDelivered(this.#incoming.id, delivery.id))) return 'repeated';
    const processed = await this.#process(entities);
    try {
      if (!this.#opened) await this.#open();
      const batch: BatchCommit = {
        runId: this.context.id,
        worker: this.#worker,
        rows: entities,
        tasks: processed.tasks,
        failures: processed.failures,
        storageWrites: this.#storages.take(),
        counts: { ...processed.counts, requests: this.#newRequests() },
        seconds: (performance.now() - since) / 1000,
      };
      const counts = await this.#commit(batch, delivery);
      return counts === 'repeated' ? counts : { counts };
    } finally {
      this.#storages.take();
    }
  }

  /** Closes the books; undefined where nothing came. */
  async close(): Promise<RunRecord | undefined> {
    const run = this.#opened ? await this.#store.run(this.context.id) : undefined;
    if (run?.status !== 'running') return undefined;
    const unbalanced = imbalance(run);
    return this.#store.closeRun({
      runId: run.id,
      worker: this.#worker,
      status: unbalanced ? 'unbalanced' : 'finished',
      ...(unbalanced && {
        error: { ...unbalanced.toRecord(), message: this.#mask.text(unbalanced.message) },
      }),
      requests: this.#newRequests(),
      seconds: 0,
    });
  }

  async #process(entities: readonly JsonObject[]): Promise<ProcessedBatch> {
    const processed = await this.#processor.process(entities);
    const [unrouted] = processed.unrouted;
    if (!unrouted) return processed;
    // Nobody would ever see it again: the sender keeps it.
    this.#storages.take();
    throw new MillraceError('hook.failed', 'The record failed, and no route keeps what fails', {
      cause: toMillraceError(unrouted),
    });
  }

  async #open(): Promise<void> {
    const { id } = this.context;
    await this.#store.openReceiving({ id, incoming: this.#incoming.id, worker: this.#worker });
    this.#opened = true;
  }

  #commit(batch: BatchCommit, delivery: Received['delivery']): Promise<RunCounts | 'repeated'> {
    if (!delivery) return this.#store.commitBatch(batch);
    const { id, rememberMs } = delivery;
    const expiresAt = this.#clock.now() + rememberMs;
    return this.#store.commitDelivery(batch, { incoming: this.#incoming.id, id, expiresAt });
  }

  #newRequests(): number {
    const total = requestsSent(this.context.signal);
    const more = total - this.#countedRequests;
    this.#countedRequests = total;
    return more;
  }
}
