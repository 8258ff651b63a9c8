import type { EntityIdentity, ErrorRecord, Exchange, Json, JsonObject } from '@millrace/core';
import type { TaskState } from './task-state.ts';

/** The process that works: what a lease belongs to. */
export interface WorkerIdentity {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** When the process started, as the operating system says it: a pid alone may be somebody else's by now. */
  readonly processStart: string;
}

export type RunState = 'running' | 'finished' | 'failed' | 'unbalanced' | 'cancelled';

/** What one route did with the entities of a run. entities = dropped + failed + passed; made = created + unchanged. */
export interface RouteCounts {
  dropped: number;
  failed: number;
  passed: number;
  made: number;
  created: number;
  unchanged: number;
  held: number;
  superseded: number;
}

/** The books of a run. Rows: read = dropped + failed + passed. */
export interface RunCounts {
  read: number;
  dropped: number;
  failed: number;
  passed: number;
  /** What left the incoming's transformers. */
  entities: number;
  requests: number;
  routes: Record<string, RouteCounts>;
}

export interface RunRecord {
  readonly id: string;
  readonly incoming: string;
  readonly status: RunState;
  readonly startedAt: string;
  readonly finishedAt?: string;
  /** How often the run was taken up after its process died. */
  readonly resumed: number;
  readonly limited: boolean;
  readonly position?: Json;
  readonly cursor?: Json;
  /** The lowest and the highest total that the source announced during the run. */
  readonly announced?: { readonly lowest: number; readonly highest: number };
  readonly counts: RunCounts;
  readonly seconds: number;
  readonly error?: ErrorRecord;
}

export interface OpenRunRequest {
  readonly incoming: string;
  readonly worker: WorkerIdentity;
  /** Close a run that died as failed and begin anew. */
  readonly fresh?: boolean;
  /** A run with a limit neither takes up a dead run nor moves the cursor. */
  readonly limited?: boolean;
}

export type OpenedRun =
  | { readonly status: 'opened'; readonly run: RunRecord; readonly cursor?: Json }
  | { readonly status: 'busy'; readonly runId: string; readonly host: string; readonly pid: number };

/** A task to be stored with its batch, unless the store knows that the entity is unchanged. */
export interface NewTask {
  readonly route: string;
  readonly entity: EntityIdentity;
  readonly data: JsonObject;
  readonly fingerprint: string;
  /** Hash of the route's and the outgoing's files: a changed one sends again what failed before. */
  readonly configHash: string;
  readonly unchanged: 'skip' | 'send';
  readonly supersede: boolean;
  /** The row as it was read, where the route's history keeps it. */
  readonly raw?: JsonObject;
}

/** An entity that failed before it was a task. It is stored as a failed or rejected one, with its raw row. */
export interface NewFailure {
  readonly route: string;
  readonly entity: EntityIdentity;
  readonly status: 'failed' | 'rejected';
  /** Where `tasks retry` takes it up again. */
  readonly stage: 'incoming' | 'route';
  readonly raw: JsonObject;
  readonly fingerprint: string;
  readonly configHash: string;
  readonly error: ErrorRecord;
}

export interface StorageWrite {
  readonly storage: string;
  readonly key: string;
  /** Absent: the key is deleted. */
  readonly value?: Json;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
}

/** All that one batch of a run leaves behind. It is stored whole or not at all. */
export interface BatchCommit {
  readonly runId: string;
  readonly worker: WorkerIdentity;
  readonly tasks: readonly NewTask[];
  readonly failures: readonly NewFailure[];
  readonly storageWrites: readonly StorageWrite[];
  /** Stays where it was when absent. */
  readonly position?: Json;
  readonly announced?: number;
  /** What the batch adds to the books, but for what only the store can know: created, unchanged, held, superseded. */
  readonly counts: RunCounts;
  readonly seconds: number;
}

export interface CloseRun {
  readonly runId: string;
  readonly worker: WorkerIdentity;
  readonly status: Exclude<RunState, 'running'>;
  /** Moves the incoming's cursor; only a finished, unlimited run may give one. */
  readonly cursor?: Json;
  readonly error?: ErrorRecord;
  readonly requests: number;
  readonly seconds: number;
}

export interface ClaimRequest {
  /** Routes of one outgoing. */
  readonly routes: readonly string[];
  readonly worker: WorkerIdentity;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Publish calls in flight that the outgoing allows, over all processes. */
  readonly concurrency: number;
  /** Publish calls that this worker can start now. */
  readonly slots: number;
  readonly batch: { readonly size: number; readonly waitMs: number };
  /** What becomes of the task if this process dies with it in hand. */
  readonly onUnknown: 'retry' | 'hold';
}

export interface ClaimedTask {
  readonly id: string;
  readonly route: string;
  readonly entity: EntityIdentity;
  readonly data: JsonObject;
  readonly runId: string;
  /** Counts this attempt: 1 for the first. */
  readonly attempt: number;
  /** The attempt before ended without a known outcome. */
  readonly inDoubt: boolean;
  /** Goes with the settlement; a lease that was freed meanwhile makes it refused. */
  readonly leaseToken: number;
  readonly startedAt: number;
}

export interface Claim {
  /** One list a publish call. */
  readonly groups: readonly (readonly ClaimedTask[])[];
  /** When the next task of these routes is due, where fewer were claimable than asked for: milliseconds since the epoch. */
  readonly nextDue?: number;
  /** Ids of the tasks whose outcome was refused, because their lease was lost. */
  readonly refused: readonly string[];
}

/** What became of a claimed task. */
export interface Settlement {
  readonly task: ClaimedTask;
  readonly state: Exclude<TaskState, 'new' | 'processing' | 'superseded' | 'cancelled'>;
  /** When a `retry` or an `unknown` task is due again; an `unknown` one without waits for a command. */
  readonly dueAt?: number;
  readonly finishedAt: number;
  readonly response?: Json;
  readonly error?: ErrorRecord;
  readonly exchange?: Exchange;
  readonly storageWrites?: readonly StorageWrite[];
}

export interface TaskRow {
  readonly id: string;
  readonly route: string;
  readonly type: string;
  readonly identifier: string;
  readonly status: TaskState;
  readonly attempts: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly dueAt: string | null;
  readonly error?: ErrorRecord;
}

export interface AttemptRecord {
  readonly number: number;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly outcome: TaskState;
  readonly error?: ErrorRecord;
  readonly exchange?: Exchange;
  readonly response?: Json;
}

export interface TaskEvent {
  readonly at: string;
  readonly event: string;
  readonly detail?: string;
}

export interface TaskDetails extends TaskRow {
  readonly runId: string;
  readonly stage: 'incoming' | 'route' | 'outgoing';
  readonly data: JsonObject;
  readonly raw?: JsonObject;
  readonly response?: Json;
  readonly history: readonly AttemptRecord[];
  readonly events: readonly TaskEvent[];
}

export interface TaskFilter {
  readonly status?: readonly TaskState[];
  readonly route?: string;
  /** An identifier, or `type/identifier`. */
  readonly entity?: string;
  /** Milliseconds since the epoch, on the time of the last change. */
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

export interface RunFilter {
  readonly incoming?: string;
  readonly limit: number;
}

/**
 * Where runs, tasks, cursors and storages live. Every method is one transaction: it happens whole or not at all,
 * and is durable when its promise resolves. Several processes may use one store. Times are UTC.
 */
export interface Store {
  /** Makes a process known, or its leases last: to be called every {@link RENEW_MS}. */
  renew(worker: WorkerIdentity, now: number): Promise<void>;
  /** Gives up all leases of a process that stops. What it still holds becomes `unknown`. */
  release(worker: WorkerIdentity): Promise<void>;

  openRun(request: OpenRunRequest): Promise<OpenedRun>;
  /** Stores a batch and tells what the store made of each route's tasks. Rejects when the run is no longer the worker's. */
  commitBatch(batch: BatchCommit): Promise<RunCounts>;
  closeRun(request: CloseRun): Promise<RunRecord>;
  run(id: string): Promise<RunRecord | undefined>;
  runs(filter: RunFilter): Promise<readonly RunRecord[]>;
  cursor(incoming: string): Promise<Json | undefined>;

  /**
   * Stores outcomes, then takes due tasks, both in one transaction: so that a slot is free again only when its
   * outcome is stored. Outcomes of tasks whose lease was lost are refused.
   */
  settleAndClaim(settlements: readonly Settlement[], request?: ClaimRequest): Promise<Claim>;

  task(id: string): Promise<TaskDetails | undefined>;
  tasks(filter: TaskFilter): Promise<{ readonly tasks: readonly TaskRow[]; readonly next?: string }>;
  /** How many tasks a route has in each state. */
  countTasks(
    routes: readonly string[],
  ): Promise<Readonly<Record<string, Partial<Record<TaskState, number>>>>>;

  /** How many tasks of a route wait for a worker (`new` or `retry`), counted no further than `limit`. */
  countQueued(route: string, limit: number): Promise<number>;

  readStorage(storage: string, key: string): Promise<Json | undefined>;

  close(): Promise<void>;
}

/** How long a lease lasts without being renewed. */
export const LEASE_MS = 30_000;
/** How often a worker renews. */
export const RENEW_MS = 10_000;

export function emptyRouteCounts(): RouteCounts {
  return { dropped: 0, failed: 0, passed: 0, made: 0, created: 0, unchanged: 0, held: 0, superseded: 0 };
}

export function emptyRunCounts(): RunCounts {
  return { read: 0, dropped: 0, failed: 0, passed: 0, entities: 0, requests: 0, routes: {} };
}

/** Adds the second books to the first. */
export function addCounts(to: RunCounts, from: RunCounts): void {
  to.read += from.read;
  to.dropped += from.dropped;
  to.failed += from.failed;
  to.passed += from.passed;
  to.entities += from.entities;
  to.requests += from.requests;
  for (const [route, counts] of Object.entries(from.routes)) {
    to.routes[route] ??= emptyRouteCounts();
    const target = to.routes[route];
    for (const name of Object.keys(counts) as (keyof RouteCounts)[]) target[name] += counts[name];
  }
}
