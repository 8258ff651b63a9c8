import type { EntityIdentity, JsonObject } from '@millrace/core';
import { newId } from '../new-id.ts';
import {
  addCounts,
  type BatchCommit,
  emptyRouteCounts,
  type NewFailure,
  type NewTask,
  type RouteCounts,
  type RunCounts,
} from '../store.ts';
import { isOpen, type TaskState } from '../task-state.ts';
import { type Database, pack, toText } from './database.ts';
import { introduce } from './leases.ts';
import { heldRun } from './runs.ts';
import { writeStorage } from './storages.ts';
import { isOutdated, rememberVersion } from './versions.ts';

/** Stores a batch's tasks, failures and storage writes, the position and the books, in one transaction. */
export function commitBatch(db: Database, batch: BatchCommit, now: number): RunCounts {
  return db.transaction(() => storeBatch(db, batch, now));
}

/** The same inside a transaction. */
export function storeBatch(db: Database, batch: BatchCommit, now: number): RunCounts {
  const run = heldRun(db, batch.runId, batch.worker);
  introduce(db, batch.worker, now);
  const counts = structuredClone(batch.counts);
  const of = (route: string): RouteCounts => {
    counts.routes[route] ??= emptyRouteCounts();
    return counts.routes[route];
  };
  const rows = new BatchRows(db, batch.rows);
  for (const task of batch.tasks) addTask(db, batch.runId, task, of(task.route), rows, now);
  rows.store();
  for (const failure of batch.failures) addFailure(db, batch.runId, failure, now);
  writeStorage(db, batch.storageWrites, now);

  const books = structuredClone(run.counts);
  addCounts(books, counts);
  const lowest = Math.min(run.announced?.lowest ?? Infinity, batch.announced ?? Infinity);
  const highest = Math.max(run.announced?.highest ?? -1, batch.announced ?? -1);
  db.run(
    `UPDATE runs SET counts = ?, position = coalesce(?, position), seconds = seconds + ?,
         announced_lowest = ?, announced_highest = ? WHERE id = ?`,
    toText(books),
    toText(batch.position),
    batch.seconds,
    highest < 0 ? null : lowest,
    highest < 0 ? null : highest,
    batch.runId,
  );
  return counts;
}

/** The rows of which tasks were made, stored once a batch however many tasks a row makes. */
class BatchRows {
  readonly #db: Database;
  readonly #rows: readonly JsonObject[];
  readonly #used: JsonObject[] = [];
  readonly #places = new Map<number, number>();
  #seq: number | undefined;

  constructor(db: Database, rows: readonly JsonObject[]) {
    this.#db = db;
    this.#rows = rows;
  }

  /** Where a task finds its row again. */
  refer(row: number): { readonly batchRows: number; readonly rowIndex: number } | undefined {
    const data = this.#rows[row];
    if (!data) return undefined;
    this.#seq ??= this.#db.run("INSERT INTO batch_rows (rows) VALUES ('[]')").lastId;
    let place = this.#places.get(row);
    if (place === undefined) {
      place = this.#used.push(data) - 1;
      this.#places.set(row, place);
    }
    return { batchRows: this.#seq, rowIndex: place };
  }

  store(): void {
    if (this.#seq === undefined) return;
    this.#db.run('UPDATE batch_rows SET rows = ? WHERE seq = ?', pack(this.#used), this.#seq);
  }
}

interface Newest {
  readonly seq: number;
  readonly status: TaskState;
  readonly fingerprint: string;
  readonly configHash: string;
}

const OF_KEY = `SELECT seq, status, fingerprint, config_hash FROM tasks
  WHERE route = ? AND type = ? AND identifier = ? AND seq <> ?`;
// Each half is one step in the index, however many tasks the key has.
const NEWEST = `SELECT * FROM (SELECT * FROM (${OF_KEY} AND open = 1 ORDER BY seq DESC LIMIT 1)
  UNION ALL SELECT * FROM (${OF_KEY} AND open = 0 ORDER BY seq DESC LIMIT 1)) ORDER BY seq DESC LIMIT 1`;

/** The newest task of a key. */
export function newestOf(
  db: Database,
  route: string,
  { type, id }: EntityIdentity,
  except = -1,
): Newest | undefined {
  const row = db.get(NEWEST, route, type, id, except, route, type, id, except);
  return (
    row && {
      seq: Number(row['seq']),
      status: row['status'] as TaskState,
      fingerprint: String(row['fingerprint']),
      configHash: String(row['config_hash']),
    }
  );
}

export function addTask(
  db: Database,
  runId: string,
  task: NewTask,
  counts: RouteCounts,
  rows: BatchRows | undefined,
  now: number,
): void {
  const verdict = compare(db, task);
  counts.made++;
  if (verdict !== 'outdated') rememberVersion(db, task);
  if (verdict !== 'new') {
    counts.unchanged++;
    if (verdict === 'held') counts.held++;
    if (verdict === 'outdated') counts.outdated = (counts.outdated ?? 0) + 1;
    return;
  }
  const id = newId(now);
  if (task.supersede) counts.superseded += supersede(db, task, id, now);
  const row = task.raw || task.row === undefined ? undefined : rows?.refer(task.row);
  insertTask(db, { ...task, ...row, id, runId, status: 'new', stage: 'outgoing', dueAt: now }, now);
  counts.created++;
}

/** Whether an entity is news for its route, as `tasks.unchanged` means it; an older version than one before never is. */
export function compare(db: Database, task: NewTask, except = -1): 'new' | 'unchanged' | 'held' | 'outdated' {
  if (isOutdated(db, task)) return 'outdated';
  const newest = newestOf(db, task.route, task.entity, except);
  if (newest && isOpen(newest.status)) {
    return newest.fingerprint === task.fingerprint ? 'unchanged' : 'new';
  }
  if (task.unchanged === 'send') return 'new';
  if (newest && (newest.status === 'failed' || newest.status === 'rejected')) {
    const same = newest.fingerprint === task.fingerprint && newest.configHash === task.configHash;
    return same ? 'held' : 'new';
  }
  const delivered = db.get(
    'SELECT fingerprint FROM delivered WHERE route = ? AND type = ? AND identifier = ?',
    task.route,
    task.entity.type,
    task.entity.id,
  );
  return delivered?.['fingerprint'] === task.fingerprint ? 'unchanged' : 'new';
}

/** Takes older queued tasks of the same key out of the queue. Returns how many. */
function supersede(db: Database, task: NewTask, by: string, now: number): number {
  const where = `route = ? AND type = ? AND identifier = ? AND open = 1 AND status IN ('new', 'retry')
    AND seq NOT IN (SELECT task FROM leases)`;
  const key = [task.route, task.entity.type, task.entity.id] as const;
  db.run(
    `INSERT INTO events (task, at, event, detail) SELECT seq, ?, 'superseded', ? FROM tasks WHERE ${where}`,
    now,
    by,
    ...key,
  );
  const set = "status = 'superseded', open = 0, due_at = NULL, updated_at = ?";
  return db.run(`UPDATE tasks SET ${set} WHERE ${where}`, now, ...key).changes;
}

/** A failure of the same row for the same reason stands already: it is not stored twice. */
function addFailure(db: Database, runId: string, failure: NewFailure, now: number): void {
  const newest = newestOf(db, failure.route, failure.entity);
  if (
    newest &&
    (newest.status === 'failed' || newest.status === 'rejected') &&
    newest.fingerprint === failure.fingerprint &&
    newest.configHash === failure.configHash
  ) {
    db.run(
      // Not changed: it is the same failure, of which nobody needs to be told again.
      'UPDATE tasks SET error = ?, run = ? WHERE seq = ?',
      toText(failure.error),
      runId,
      newest.seq,
    );
    return;
  }
  insertTask(db, { ...failure, id: newId(now), runId, data: failure.raw, dueAt: null }, now);
}

interface Insert {
  readonly id: string;
  readonly runId: string;
  readonly route: string;
  readonly entity: EntityIdentity;
  readonly status: TaskState;
  readonly stage: 'incoming' | 'route' | 'outgoing';
  readonly data: unknown;
  readonly raw?: unknown;
  readonly fingerprint: string;
  readonly configHash: string;
  readonly dueAt: number | null;
  readonly batchRows?: number;
  readonly rowIndex?: number;
  readonly error?: unknown;
}

function insertTask(db: Database, task: Insert, now: number): void {
  const { lastId } = db.run(
    `INSERT INTO tasks (id, route, type, identifier, status, open, stage, run, fingerprint, config_hash, due_at,
       created_at, updated_at, error, batch_rows, row_index) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    task.id,
    task.route,
    task.entity.type,
    task.entity.id,
    task.status,
    isOpen(task.status) ? 1 : 0,
    task.stage,
    task.runId,
    task.fingerprint,
    task.configHash,
    task.dueAt,
    now,
    now,
    toText(task.error),
    task.batchRows ?? null,
    task.rowIndex ?? null,
  );
  db.run('INSERT INTO payloads (task, data, raw) VALUES (?, ?, ?)', lastId, pack(task.data), pack(task.raw));
}
