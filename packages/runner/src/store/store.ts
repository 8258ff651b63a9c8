import type { Json, StorageEntry } from '@millrace/core';
import type {
  CommandOutcome,
  Paced,
  PaceRequest,
  PrunePlan,
  PruneRequest,
  RouteLag,
  ScheduleRecord,
  ScheduleTick,
  TaskCommand,
  TickedSchedule,
} from './operations.ts';
import type {
  OpenedRun,
  OpenRunRequest,
  ReceivingRequest,
  RunCounts,
  RunFilter,
  RunRecord,
  WorkerIdentity,
} from './run-records.ts';
import type { StorageFilter, StorageRow, StorageSummary } from './storage-records.ts';
import type {
  BatchCommit,
  Claim,
  ClaimRequest,
  CloseRun,
  DeliveryMark,
  NewTask,
  Probe,
  Settlement,
  StorageWrite,
  TaskDetails,
  TaskFilter,
  TaskRow,
} from './task-records.ts';
import type { TaskState } from './task-state.ts';

export * from './operations.ts';
export * from './run-records.ts';
export * from './storage-records.ts';
export * from './task-records.ts';

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
  /** Opens books for a receiver, beside those of the run that reads. When their process dies, they are closed as they are. */
  openReceiving(request: ReceivingRequest): Promise<RunRecord>;
  /** Stores a batch and tells what the store made of each route's tasks. Rejects when the run is no longer the worker's. */
  commitBatch(batch: BatchCommit): Promise<RunCounts>;
  /** The same of what came to a receiver, once: of a delivery that is remembered nothing is stored. */
  commitDelivery(batch: BatchCommit, delivery: DeliveryMark): Promise<RunCounts | 'repeated'>;
  /** Whether a delivery was stored, and is remembered still. */
  isDelivered(incoming: string, delivery: string): Promise<boolean>;
  /** What {@link commitBatch} would make of a task. Changes nothing. */
  probe(task: NewTask): Promise<Probe>;
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
  /** Finds out which ended tasks may go: once, however many calls of `prune` it takes. */
  planPrune(request: PruneRequest): Promise<PrunePlan>;
  /** Deletes at most `limit` of them with their histories, in one transaction. Returns how many. */
  prune(plan: PrunePlan, limit: number): Promise<number>;
  /** Deletes what nothing refers to any more: rows of closed batches, entries out of time, old runs. */
  sweep(request: { readonly now: number; readonly runsBefore: number }): Promise<number>;
  lags(routes: readonly string[], now: number): Promise<readonly RouteLag[]>;
  /** Tasks that ended failed or rejected after a mark, oldest first; the mark to go on from. */
  failuresSince(mark: number, until: number, limit: number): Promise<readonly TaskRow[]>;

  /** Accounts for every fire up to now. `held`: another live process has this schedule. */
  tickSchedule(tick: ScheduleTick): Promise<TickedSchedule | 'held'>;
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
  /** Entries in the order of their keys (by code points), those after a key, at most `limit`. */
  storageEntries(storage: string, after: string, limit: number): Promise<readonly StorageEntry[]>;

  /** Every storage that holds something, by name. Entries out of time count for none of this. */
  storages(): Promise<readonly StorageSummary[]>;
  /** Entries with their times, in the order of their keys. */
  storageRows(filter: StorageFilter): Promise<readonly StorageRow[]>;
  /** What a person writes or deletes. Returns how many of the entries were there before. */
  writeStorage(writes: readonly StorageWrite[]): Promise<number>;
  /** Deletes all entries of a storage. Returns how many. */
  clearStorage(storage: string): Promise<number>;

  /** The folder that the store fills, where it is one of this machine. */
  readonly folder?: string;

  close(): Promise<void>;
}

/** How long a lease lasts without being renewed. */
export const LEASE_MS = 30_000;
/** How often a worker renews. */
export const RENEW_MS = 10_000;
