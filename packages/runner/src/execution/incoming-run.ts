import {
  type Batch,
  type Json,
  MillraceError,
  type RunContext,
  requestsSent,
  toMillraceError,
} from '@millrace/core';
import { inject, injectable } from 'tsyringe';
import type { CompiledIncoming, CompiledProject } from '../compile/compile.ts';
import type { Clock } from '../store/clock.ts';
import type { BatchCommit, RunRecord, Store, WorkerIdentity } from '../store/store.ts';
import {
  CLOCK,
  COMPILED,
  INCOMING,
  LOGGER,
  MASK,
  PROGRESS,
  RUN,
  RUN_OPTIONS,
  STORE,
  WORKER,
} from '../tokens.ts';
import { imbalance } from './books.ts';
import { failedInside } from './failed-at.ts';
import { boundLogger, type Pino } from './logger.ts';
import { patiently } from './patience.ts';
import { BatchProcessor } from './process-batch.ts';
import type { Progress } from './progress.ts';
import type { SecretMask } from './secrets.ts';
import { StorageSession } from './storage-session.ts';

/** How long a batch waits for a store that is busy or full before the run fails; it loses nothing by failing. */
const STORE_GIVE_UP_MS = 60_000;

/** A run as the store opened it, and where the last finished one ended. */
export interface OpenRun {
  readonly run: RunRecord;
  readonly cursor?: Json;
}

export interface IncomingRunOptions {
  /** Reads at most so many rows, moves no cursor and compares no total. */
  readonly limit?: number;
  readonly signal: AbortSignal;
  /** What becomes of the run when the signal aborts: closed as cancelled, or left for the next one to go on with. */
  readonly onAbort?: () => 'cancel' | 'leave';
  /** Told when a batch is stored; reading goes on when it resolves. */
  readonly stored?: (routes: CompiledIncoming['routes']) => Promise<void>;
}

/** One execution of an incoming, from the cursor or from the position where its process died. */
@injectable()
export class IncomingRun {
  readonly #incoming: CompiledIncoming;
  readonly #opened: OpenRun;
  readonly #options: IncomingRunOptions;
  readonly #store: Store;
  readonly #worker: WorkerIdentity;
  readonly #mask: SecretMask;
  readonly #progress: Progress;
  readonly #clock: Clock;
  readonly #context: RunContext;
  readonly #processor: BatchProcessor;
  readonly #storages: StorageSession;
  // The run's own signal: requests are counted by it.
  readonly #abort = new AbortController();
  #unrouted: MillraceError | undefined;
  #since = performance.now();
  #countedRequests = 0;

  constructor(
    @inject(COMPILED) compiled: CompiledProject,
    @inject(INCOMING) incoming: CompiledIncoming,
    @inject(RUN) opened: OpenRun,
    @inject(RUN_OPTIONS) options: IncomingRunOptions,
    @inject(STORE) store: Store,
    @inject(WORKER) worker: WorkerIdentity,
    @inject(LOGGER) logger: Pino,
    @inject(MASK) mask: SecretMask,
    @inject(PROGRESS) progress: Progress,
    @inject(CLOCK) clock: Clock,
  ) {
    this.#clock = clock;
    this.#incoming = incoming;
    this.#opened = opened;
    this.#options = options;
    this.#store = store;
    this.#worker = worker;
    this.#mask = mask;
    this.#progress = progress;
    this.#storages = new StorageSession(store, compiled.project.storages, () => clock.now());
    const { id, startedAt } = opened.run;
    this.#context = {
      id,
      signal: this.#abort.signal,
      log: boundLogger(logger, { run: id, incoming: incoming.id }),
      storages: this.#storages,
      context: { run: { id, startedAt } },
      note: (text) => progress.note(`${incoming.id}: ${text}`),
    };
    this.#processor = new BatchProcessor(incoming, this.#context, this.#storages, mask);
  }

  /** Reads to the end and closes the run. Never rejects for what the source does: the record says it. */
  async execute(): Promise<RunRecord> {
    const { signal } = this.#options;
    const abort = () => this.#abort.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    const { log } = this.#context;
    log.info({}, this.#opened.run.resumed > 0 ? 'run taken up' : 'run started');
    try {
      const nextCursor = await this.#read();
      return signal.aborted ? await this.#aborted() : await this.#close('finished', nextCursor);
    } catch (thrown) {
      if (signal.aborted) return await this.#aborted();
      const { resource } = this.#incoming;
      const error = failedInside(toMillraceError(thrown), resource, 'subscriber', resource.subscriber);
      if (error.code === 'source.incomplete') return await this.#close('finished', undefined, error);
      log.error({ err: error }, 'run failed');
      return await this.#close('failed', undefined, error);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #aborted(): Promise<RunRecord> {
    const left =
      this.#options.onAbort?.() === 'leave' ? await this.#store.run(this.#opened.run.id) : undefined;
    if (!left) return this.#close('cancelled');
    await this.#store.leaveRun(left.id, this.#worker);
    this.#context.log.info({ read: left.counts.read }, 'run left: the next one goes on with it');
    return left;
  }

  async #read(): Promise<Json | undefined> {
    const { cursor } = this.#opened;
    const { position } = this.#opened.run;
    const from = { ...(cursor !== undefined && { cursor }), ...(position !== undefined && { position }) };
    const { subscriber } = this.#incoming;
    if (!subscriber) throw new MillraceError('internal.bug', `incoming ${this.#incoming.id} only receives`);
    const reader = subscriber.read(from, this.#context);
    let left = this.#options.limit ?? Number.POSITIVE_INFINITY;
    try {
      for (;;) {
        const step = await reader.next();
        if (step.done) return step.value;
        left -= await this.#take(step.value, left);
        if (left <= 0 || this.#abort.signal.aborted) return undefined;
        await this.#options.stored?.(this.#incoming.routes);
      }
    } finally {
      await reader.return(undefined);
    }
  }

  /** Stores one batch, at most `limit` rows of it. Returns how many it took of the limit. */
  async #take(batch: Batch, limit: number): Promise<number> {
    const rows = batch.entities.length > limit ? batch.entities.slice(0, limit) : batch.entities;
    const { dropped = 0 } = batch;
    // What the subscriber wrote goes with its batch, whatever becomes of the first row; with a part of it, nothing does.
    if (rows === batch.entities) this.#storages.keep();
    else this.#storages.discard();
    const processed = await this.#processor.process(rows, dropped);
    this.#unrouted ??= processed.unrouted[0];
    await this.#patiently({
      runId: this.#opened.run.id,
      worker: this.#worker,
      rows,
      tasks: processed.tasks,
      failures: processed.failures,
      storageWrites: this.#storages.take(),
      ...(batch.position !== undefined && { position: batch.position }),
      ...(batch.total !== undefined && { announced: batch.total }),
      counts: { ...processed.counts, requests: this.#newRequests() },
      seconds: this.#elapsed(),
    });
    const run = await this.#store.run(this.#opened.run.id);
    if (run) this.#progress.incoming(this.#incoming.id, run.counts, run.announced?.highest);
    return rows.length + dropped;
  }

  #patiently(batch: BatchCommit): Promise<unknown> {
    return patiently(() => this.#store.commitBatch(batch), {
      clock: this.#clock,
      signal: this.#abort.signal,
      giveUpMs: STORE_GIVE_UP_MS,
      waiting: (error) => this.#context.log.warn({ err: error }, 'the batch waits for the store'),
    });
  }

  async #close(
    wanted: 'finished' | 'failed' | 'cancelled',
    cursor?: Json,
    error: MillraceError | undefined = this.#unrouted,
  ): Promise<RunRecord> {
    const books = await this.#store.run(this.#opened.run.id);
    const incomplete = error?.code === 'source.incomplete' ? error : undefined;
    const unbalanced = wanted === 'finished' && books ? imbalance(books, incomplete) : undefined;
    const status = unbalanced ? 'unbalanced' : wanted === 'finished' && error ? 'failed' : wanted;
    const cause = unbalanced ?? error;
    const closed = await this.#store.closeRun({
      runId: this.#opened.run.id,
      worker: this.#worker,
      status,
      ...(status === 'finished' && cursor !== undefined && !this.#opened.run.limited && { cursor }),
      ...(cause && { error: { ...cause.toRecord(), message: this.#mask.text(cause.message) } }),
      requests: this.#newRequests(),
      seconds: this.#elapsed(),
    });
    const { read, dropped, failed, passed } = closed.counts;
    this.#context.log.info({ status, read, dropped, failed, passed }, 'run ended');
    return closed;
  }

  #elapsed(): number {
    const now = performance.now();
    const seconds = (now - this.#since) / 1000;
    this.#since = now;
    return seconds;
  }

  #newRequests(): number {
    const total = requestsSent(this.#abort.signal);
    const more = total - this.#countedRequests;
    this.#countedRequests = total;
    return more;
  }
}
