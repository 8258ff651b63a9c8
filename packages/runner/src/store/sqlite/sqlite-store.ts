import type { Json } from '@millrace/core';
import type {
  BatchCommit,
  Claim,
  ClaimRequest,
  CloseRun,
  OpenedRun,
  OpenRunRequest,
  RunCounts,
  RunFilter,
  RunRecord,
  Settlement,
  Store,
  TaskDetails,
  TaskFilter,
  TaskRow,
  WorkerIdentity,
} from '../store.ts';
import type { TaskState } from '../task-state.ts';
import { commitBatch } from './batches.ts';
import { settleAndClaim } from './claims.ts';
import { Database } from './database.ts';
import { free, freeTheDead, renew } from './leases.ts';
import { countQueued, countTasks, findTask, listTasks, readStorage } from './queries.ts';
import { closeRun, findRun, listRuns, openRun, readCursor } from './runs.ts';

/** The store in one SQLite file. Throws `store.newer` and `store.unavailable` when it cannot be opened. */
export class SqliteStore implements Store {
  readonly #db: Database;

  constructor(path: string) {
    this.#db = new Database(path);
    this.#db.transaction(() => freeTheDead(this.#db, Date.now()));
  }

  async renew(worker: WorkerIdentity, now: number): Promise<void> {
    this.#db.transaction(() => renew(this.#db, worker, now));
  }

  async release(worker: WorkerIdentity): Promise<void> {
    this.#db.transaction(() => free(this.#db, worker.id, Date.now(), 'the process stopped'));
  }

  async openRun(request: OpenRunRequest): Promise<OpenedRun> {
    return openRun(this.#db, request, Date.now());
  }

  async commitBatch(batch: BatchCommit): Promise<RunCounts> {
    return commitBatch(this.#db, batch, Date.now());
  }

  async closeRun(request: CloseRun): Promise<RunRecord> {
    return closeRun(this.#db, request, Date.now());
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

  async countQueued(route: string, limit: number): Promise<number> {
    return countQueued(this.#db, route, limit);
  }

  async readStorage(storage: string, key: string): Promise<Json | undefined> {
    return readStorage(this.#db, storage, key, Date.now());
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}
