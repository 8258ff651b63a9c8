import type { EntityIdentity, ErrorRecord, Exchange, Json, JsonObject } from '@millrace/core';
import type { RunCounts, RunState, WorkerIdentity } from './run-records.ts';
import type { TaskState } from './task-state.ts';

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
  /** Of the entity, as `versionOf` writes it: one that came after a newer one is no news. */
  readonly version?: string;
  /** The row as it was read, where the route's history always keeps it. */
  readonly raw?: JsonObject;
  /** Its place among the rows of the batch: from there it is kept where the task fails. */
  readonly row?: number;
}

/** What storing a task would come to now. */
export interface Probe {
  readonly verdict: 'new' | 'unchanged' | 'held';
  /** Whether the route ever had a task of its key. */
  readonly known: boolean;
  /** The task that it is compared with, where that is still kept: the open or failed one, else the last delivered one. */
  readonly before?: {
    readonly id: string;
    readonly status: TaskState;
    /** What it sends or sent; absent where it failed before it was a task. */
    readonly data?: JsonObject;
  };
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
  /** How many entries the storage holds: when its writes are stored, those written longest ago go. */
  readonly maxEntries?: number;
}

/** All that one batch of a run leaves behind. It is stored whole or not at all. */
export interface BatchCommit {
  readonly runId: string;
  readonly worker: WorkerIdentity;
  /** As they were read. */
  readonly rows: readonly JsonObject[];
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

/** What a delivery to a receiver is remembered by. */
export interface DeliveryMark {
  readonly incoming: string;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
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

/** A route as a claim sees it. */
export interface ClaimedRoute {
  readonly id: string;
  /** Publish calls of this route in flight at most, over all processes. */
  readonly concurrency?: number;
}

export interface ClaimRequest {
  /** Routes of one outgoing by priority: those of a list before those of the next one. */
  readonly routes: readonly (readonly ClaimedRoute[])[];
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
  /** Where it goes on: in the outgoing, unless it failed before it was a task and is tried again. */
  readonly stage: 'incoming' | 'route' | 'outgoing';
  /** Counts this attempt: 1 for the first. */
  readonly attempt: number;
  /** Attempts that count for the limit: since it was made, or last retried by command. */
  readonly tries: number;
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
  /** `new`: replayed, and now a task like any other. */
  readonly state: Exclude<TaskState, 'processing' | 'superseded' | 'cancelled'>;
  /** When a `retry` or an `unknown` task is due again; an `unknown` one without waits for a command. */
  readonly dueAt?: number;
  /** When a `waiting` task fails unless it is confirmed. */
  readonly confirmBy?: number;
  /** The system was known to be down, and nothing was sent: the attempt does not count. */
  readonly uncounted?: boolean;
  /** What came of a record that failed before it was a task and went through its chains anew. */
  readonly replayed?: readonly NewTask[];
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
