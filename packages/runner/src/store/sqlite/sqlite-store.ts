import { dirname } from 'node:path';
import type { Json, StorageEntry } from '@millrace/core';
import type {
  BatchCommit,
  Claim,
  ClaimRequest,
  CloseRun,
  CommandOutcome,
  DeliveryMark,
  NewTask,
  OpenedRun,
  OpenRunRequest,
  Paced,
  PaceRequest,
  Probe,
  PrunePlan,
  PruneRequest,
  ReceivingRequest,
  RouteLag,
  RunCounts,
  RunFilter,
  RunRecord,
  ScheduleRecord,
  ScheduleTick,
  Settlement,
  StorageFilter,
  StorageRow,
  StorageSummary,
  StorageWrite,
  Store,
  TaskCommand,
  TaskDetails,
  TaskFilter,
  TaskRow,
  TickedSchedule,
  WorkerIdentity,
} from '../store.ts';
import type { TaskState } from '../task-state.ts';
import { commitBatch } from './batches.ts';
import { settleAndClaim } from './claims.ts';
import { commandTasks, expireConfirmations } from './commands.ts';
import { Database, fromText, toText } from './database.ts';
import { commitDelivery, isDelivered } from './deliveries.ts';
import { free, freeTheDead, renew } from './leases.ts';
import { failuresSince, listTasks } from './listing.ts';
import { pace } from './pacing.ts';
import { probe } from './probe.ts';
import { countQueued, countTasks, findTask, lags } from './queries.ts';
import { planPrune, prune, sweep } from './retention.ts';
import {
  closeRun,
  findRun,
  listCursors,
  listRuns,
  openReceiving,
  openRun,
  readCursor,
  setCursor,
} from './runs.ts';
import { interruptedRuns, listSchedules, settleFire, tickSchedule } from './schedules.ts';
import {
  clearStorage,
  readStorage,
  storageEntries,
  storageRows,
  storageSummaries,
  writeStorage,
} from './storages.ts';

/** The store in one SQLite file. Throws `store.newer` and `store.unavailable` when it cannot be opened. */
export class SqliteStore implements Store {
  readonly folder: string;
  readonly #db: Database;
  readonly #now: () => number;

  constructor(path: string, now: () => number = Date.now) {
    this.#db = new Database(path);
    this.folder = dirname(path);
    this.#now = now;
    this.#db.transaction(() => freeTheDead(this.#db, now()));
  }

  async renew(worker: WorkerIdentity, now: number): Promise<void> {
    this.#db.transaction(() => renew(this.#db, worker, now));
  }

  async release(worker: WorkerIdentity): Promise<void> {
    this.#db.transaction(() => free(this.#db, worker.id, Date.now(), 'the process stopped'));
  }

  async openRun(request: OpenRunRequest): Promise<OpenedRun> {
    return openRun(this.#db, request, this.#now());
  }

  async openReceiving(request: ReceivingRequest): Promise<RunRecord> {
    return openReceiving(this.#db, request, this.#now());
  }

  async commitBatch(batch: BatchCommit): Promise<RunCounts> {
    return commitBatch(this.#db, batch, this.#now());
  }

  async commitDelivery(batch: BatchCommit, delivery: DeliveryMark): Promise<RunCounts | 'repeated'> {
    return commitDelivery(this.#db, batch, delivery, this.#now());
  }

  async isDelivered(incoming: string, delivery: string): Promise<boolean> {
    return isDelivered(this.#db, incoming, delivery, this.#now());
  }

  async probe(task: NewTask): Promise<Probe> {
    return probe(this.#db, task);
  }

  async closeRun(request: CloseRun): Promise<RunRecord> {
    return closeRun(this.#db, request, this.#now());
  }

  async leaveRun(id: string, worker: WorkerIdentity): Promise<void> {
    const sql = 'UPDATE runs SET worker = NULL WHERE id = ? AND worker = ?';
    this.#db.transaction(() => this.#db.run(sql, id, worker.id));
  }

  async run(id: string): Promise<RunRecord | undefined> {
    return findRun(this.#db, id);
  }

  async runs(filter: RunFilter): Promise<readonly RunRecord[]> {
    return listRuns(this.#db, filter);
  }

  async cursor(incoming: string): Promise<Json | undefined> {
    return readCursor(this.#db, incoming);
  }

  async settleAndClaim(settlements: readonly Settlement[], request?: ClaimRequest): Promise<Claim> {
    return settleAndClaim(this.#db, settlements, request);
  }

  async task(id: string): Promise<TaskDetails | undefined> {
    return findTask(this.#db, id);
  }

  async tasks(filter: TaskFilter): Promise<{ readonly tasks: readonly TaskRow[]; readonly next?: string }> {
    return listTasks(this.#db, filter);
  }

  async countTasks(
    routes: readonly string[],
  ): Promise<Readonly<Record<string, Partial<Record<TaskState, number>>>>> {
    return countTasks(this.#db, routes);
  }

  async commandTasks(ids: readonly string[], command: TaskCommand): Promise<readonly CommandOutcome[]> {
    return commandTasks(this.#db, ids, command, this.#now());
  }

  async expireConfirmations(now: number): Promise<number> {
    return expireConfirmations(this.#db, now);
  }

  async planPrune(request: PruneRequest): Promise<PrunePlan> {
    return planPrune(this.#db, request);
  }

  async prune(plan: PrunePlan, limit: number): Promise<number> {
    return prune(this.#db, plan, limit);
  }

  async sweep(request: { readonly now: number; readonly runsBefore: number }): Promise<number> {
    return sweep(this.#db, request);
  }

  async lags(routes: readonly string[], now: number): Promise<readonly RouteLag[]> {
    return lags(this.#db, routes, now);
  }

  async failuresSince(mark: number, until: number, limit: number): Promise<readonly TaskRow[]> {
    return failuresSince(this.#db, mark, until, limit);
  }

  async tickSchedule(tick: ScheduleTick): Promise<TickedSchedule | 'held'> {
    return tickSchedule(this.#db, tick);
  }

  async settleFire(id: string, fire: number, outcome: 'started' | 'skipped', now: number): Promise<void> {
    settleFire(this.#db, id, fire, outcome, now);
  }

  async schedules(): Promise<readonly ScheduleRecord[]> {
    return listSchedules(this.#db);
  }

  async interruptedRuns(): Promise<readonly string[]> {
    return interruptedRuns(this.#db, this.#now());
  }

  async pace(request: PaceRequest): Promise<Paced> {
    return pace(this.#db, request);
  }

  async setCursor(incoming: string, cursor: Json | undefined): Promise<void> {
    setCursor(this.#db, incoming, cursor, this.#now());
  }

  async cursors() {
    return listCursors(this.#db);
  }

  async notified(rule: string): Promise<Json | undefined> {
    return fromText<Json>(this.#db.get('SELECT mark FROM notified WHERE rule = ?', rule)?.['mark']);
  }

  async setNotified(rule: string, mark: Json): Promise<void> {
    const sql = 'INSERT OR REPLACE INTO notified (rule, mark) VALUES (?, ?)';
    this.#db.transaction(() => this.#db.run(sql, rule, toText(mark)));
  }

  async countQueued(route: string, limit: number): Promise<number> {
    return countQueued(this.#db, route, limit);
  }

  async readStorage(storage: string, key: string): Promise<Json | undefined> {
    return readStorage(this.#db, storage, key, this.#now());
  }

  async storageEntries(storage: string, after: string, limit: number): Promise<readonly StorageEntry[]> {
    return storageEntries(this.#db, storage, { after, limit, now: this.#now() });
  }

  async storages(): Promise<readonly StorageSummary[]> {
    return storageSummaries(this.#db, this.#now());
  }

  async storageRows(filter: StorageFilter): Promise<readonly StorageRow[]> {
    return storageRows(this.#db, filter, this.#now());
  }

  async writeStorage(writes: readonly StorageWrite[]): Promise<number> {
    return this.#db.transaction(() => writeStorage(this.#db, writes, this.#now()));
  }

  async clearStorage(storage: string): Promise<number> {
    return this.#db.transaction(() => clearStorage(this.#db, storage));
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}
