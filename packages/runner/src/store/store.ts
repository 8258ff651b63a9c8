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
  /** The row as it was read, where the route's history always keeps it. */
  readonly raw?: JsonObject;
  /** Its place among the rows of the batch: from there it is kept where the task fails. */
  readonly row?: number;
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

export interface RunFilter {
  readonly incoming?: string;
  readonly limit: number;
}

/** What a person asks of a task. */
export type TaskCommand =
  | {
      readonly kind: 'retry';
      /** Also where a newer task of its key exists, or it was delivered. */
      readonly force?: boolean;
      /** Replaces what is sent, or, where it failed before, the record that goes through the chains. */
      readonly data?: JsonObject;
    }
  | { readonly kind: 'skip' | 'cancel'; readonly reason?: string }
  | { readonly kind: 'confirm' /** Why it failed; without: it arrived. */; readonly failed?: string };

export interface CommandOutcome {
  readonly id: string;
  readonly from: TaskState;
  /** The state that it has now; undefined where the command was refused. */
  readonly to?: TaskState;
  readonly error?: ErrorRecord;
}

/** Which ended tasks may go. */
export interface PruneRequest {
  readonly route: string;
  /** Milliseconds since the epoch: what ended before goes. */
  readonly endedBefore: number;
  /** Of what was delivered, skipped, superseded or cancelled, so many of the newest stay at most. */
  readonly keep: number;
  /** Rows of one transaction. */
  readonly limit: number;
}

/** A schedule as a tick sees it. */
export interface ScheduleTick {
  readonly id: string;
  /** Cron and zone: a changed one begins anew. */
  readonly source: string;
  readonly worker: WorkerIdentity;
  readonly now: number;
  readonly catchUp: 'none' | 'last' | 'all';
  /** A fire is late, and thus missed by a runner that was down, after so many milliseconds. */
  readonly grace: number;
  /** The fires in (from, to], the newest of them where there are many, and how many there are. */
  readonly fires: (from: number, to: number) => { readonly fires: readonly number[]; readonly count: number };
}

export interface ScheduleRecord {
  readonly id: string;
  /** Fires that came due; expected = started + skipped + missed + pending. */
  readonly expected: number;
  readonly started: number;
  readonly skipped: number;
  readonly missed: number;
  /** Fires that are to be started. */
  readonly pending: readonly number[];
  readonly lastStarted?: number;
  readonly accountedUntil: number;
}

/** How requests of a client are paced over all processes. */
export interface PaceRequest {
  readonly client: string;
  readonly requests: number;
  readonly windowMs: number;
  /** How many requests of each kind want to go now. */
  readonly publish: number;
  readonly poll: number;
  readonly now: number;
  /** What was granted before and is answered by now, and when. */
  readonly answered?: readonly { readonly grant: number; readonly at: number }[];
}

export interface Paced {
  readonly publish: number;
  readonly poll: number;
  /** Tells it again when all of them are answered. */
  readonly grant: number;
  /** When more may go; milliseconds since the epoch. */
  readonly nextAt: number;
  /** What is left of the limit now. */
  readonly left: number;
}

/** What a route's tasks look like from outside. */
export interface RouteLag {
  readonly route: string;
  /** When the oldest task that is due became so. */
  readonly oldestDue?: number;
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
  /** Gives up a run that is not at its end: the next one of its incoming goes on with it. */
  leaveRun(id: string, worker: WorkerIdentity): Promise<void>;
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

  /** Does what a person asks of tasks, each one guarded by its state, and writes it into their histories. */
  commandTasks(ids: readonly string[], command: TaskCommand): Promise<readonly CommandOutcome[]>;
  /** Fails the `waiting` tasks whose confirmation did not come in time. Returns how many. */
  expireConfirmations(now: number): Promise<number>;
  /** Deletes ended tasks with their histories, one transaction of at most `limit`. Returns how many. */
  prune(request: PruneRequest): Promise<number>;
  /** Deletes what nothing refers to any more: rows of closed batches, entries out of time, old runs. */
  sweep(request: { readonly now: number; readonly runsBefore: number }): Promise<number>;
  lags(routes: readonly string[], now: number): Promise<readonly RouteLag[]>;
  /** Tasks that ended failed or rejected after a mark, oldest first; the mark to go on from. */
  failuresSince(mark: number, until: number, limit: number): Promise<readonly TaskRow[]>;

  /** Accounts for every fire up to now. `held`: another live process has this schedule. */
  tickSchedule(tick: ScheduleTick): Promise<ScheduleRecord | 'held'>;
  /** A pending fire became a run, or was left out. */
  settleFire(id: string, fire: number, outcome: 'started' | 'skipped', now: number): Promise<void>;
  schedules(): Promise<readonly ScheduleRecord[]>;
  /** Incomings whose run was interrupted and may be taken up. */
  interruptedRuns(): Promise<readonly string[]>;

  /** Gives requests their turn, publishing first; polling gets at most 80 % while publishing waits. */
  pace(request: PaceRequest): Promise<Paced>;

  setCursor(incoming: string, cursor: Json | undefined): Promise<void>;
  cursors(): Promise<
    readonly { readonly incoming: string; readonly cursor: Json; readonly updatedAt: string }[]
  >;

  notified(rule: string): Promise<Json | undefined>;
  setNotified(rule: string, mark: Json): Promise<void>;

  /** How many tasks of a route wait for a worker (`new` or `retry`), counted no further than `limit`. */
  countQueued(route: string, limit: number): Promise<number>;

  readStorage(storage: string, key: string): Promise<Json | undefined>;

  /** The folder that the store fills, where it is one of this machine. */
  readonly folder?: string;

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
