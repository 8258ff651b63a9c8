import type { SQLInputValue } from 'node:sqlite';
import type { ErrorRecord, Exchange, Json, JsonObject } from '@millrace/core';
import type { TaskDetails, TaskFilter, TaskRow } from '../store.ts';
import type { TaskState } from '../task-state.ts';
import { type Database, fromText, isoTime, type Row } from './database.ts';

function toTaskRow(row: Row): TaskRow {
  const error = fromText<ErrorRecord>(row['error']);
  return {
    id: String(row['id']),
    route: String(row['route']),
    type: String(row['type']),
    identifier: String(row['identifier']),
    status: row['status'] as TaskState,
    attempts: Number(row['attempts']),
    createdAt: isoTime(row['created_at']) ?? '',
    updatedAt: isoTime(row['updated_at']) ?? '',
    dueAt: isoTime(row['due_at']) ?? null,
    ...(error && { error }),
  };
}

/** Newest first, a page at a time. */
export function listTasks(db: Database, filter: TaskFilter): { tasks: readonly TaskRow[]; next?: string } {
  const where: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (condition: string, ...more: SQLInputValue[]) => {
    where.push(condition);
    values.push(...more);
  };
  if (filter.route !== undefined) add('route = ?', filter.route);
  if (filter.status?.length) add(`status IN (${filter.status.map(() => '?').join(', ')})`, ...filter.status);
  if (filter.since !== undefined) add('updated_at >= ?', filter.since);
  if (filter.until !== undefined) add('updated_at <= ?', filter.until);
  if (filter.after !== undefined) add('seq < (SELECT seq FROM tasks WHERE id = ?)', filter.after);
  if (filter.entity !== undefined) {
    const slash = filter.entity.indexOf('/');
    const [type, id] = [filter.entity.slice(0, Math.max(slash, 0)), filter.entity.slice(slash + 1)];
    add('(identifier = ? OR (type = ? AND identifier = ?))', filter.entity, type, id);
  }
  const sql = `SELECT * FROM tasks ${where.length ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY seq DESC LIMIT ?`;
  const rows = db.all(sql, ...values, filter.limit + 1);
  const tasks = rows.slice(0, filter.limit).map(toTaskRow);
  const last = tasks.at(-1);
  return { tasks, ...(rows.length > filter.limit && last && { next: last.id }) };
}

/** One task with all that is known of it. `id` may be a beginning of an id that only one task has. */
export function findTask(db: Database, id: string): TaskDetails | undefined {
  const rows = db.all(
    `SELECT tasks.*, data, raw, response FROM tasks JOIN payloads ON payloads.task = tasks.seq
     WHERE id >= ? AND id < ? ORDER BY id LIMIT 2`,
    id,
    `${id}~`,
  );
  const row = rows[0];
  if (!row || (rows.length > 1 && row['id'] !== id)) return undefined;
  const seq = Number(row['seq']);
  const raw = fromText<JsonObject>(row['raw']);
  const response = fromText<Json>(row['response']);
  return {
    ...toTaskRow(row),
    runId: String(row['run']),
    stage: row['stage'] as TaskDetails['stage'],
    data: fromText<JsonObject>(row['data']) ?? {},
    ...(raw && { raw }),
    ...(response !== undefined && { response }),
    history: db.all('SELECT * FROM attempts WHERE task = ? ORDER BY number', seq).map(toAttempt),
    events: db.all('SELECT at, event, detail FROM events WHERE task = ? ORDER BY seq', seq).map((event) => ({
      at: isoTime(event['at']) ?? '',
      event: String(event['event']),
      ...(typeof event['detail'] === 'string' && { detail: event['detail'] }),
    })),
  };
}

function toAttempt(row: Row): TaskDetails['history'][number] {
  const finishedAt = isoTime(row['finished_at']);
  const error = fromText<ErrorRecord>(row['error']);
  const exchange = fromText<Exchange>(row['exchange']);
  return {
    number: Number(row['number']),
    startedAt: isoTime(row['started_at']) ?? '',
    ...(finishedAt && { finishedAt }),
    outcome: row['outcome'] as TaskState,
    ...(error && { error }),
    ...(exchange && { exchange }),
  };
}

export function countTasks(
  db: Database,
  routes: readonly string[],
): Record<string, Partial<Record<TaskState, number>>> {
  const counts: Record<string, Partial<Record<TaskState, number>>> = {};
  for (const route of routes) {
    const rows = db.all('SELECT status, count(*) AS tasks FROM tasks WHERE route = ? GROUP BY status', route);
    counts[route] = Object.fromEntries(rows.map((row) => [String(row['status']), Number(row['tasks'])]));
  }
  return counts;
}

export function countQueued(db: Database, route: string, limit: number): number {
  const sql = `SELECT count(*) AS queued FROM
    (SELECT 1 FROM tasks WHERE route = ? AND status IN ('new', 'retry') LIMIT ?)`;
  return Number(db.get(sql, route, limit)?.['queued'] ?? 0);
}

export function readStorage(db: Database, storage: string, key: string, now: number): Json | undefined {
  const row = db.get(
    'SELECT value FROM storage WHERE name = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)',
    storage,
    key,
    now,
  );
  return fromText<Json>(row?.['value']);
}
