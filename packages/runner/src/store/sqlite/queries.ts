import type { ErrorRecord, Exchange, Json, JsonObject } from '@millrace/core';
import type { RouteLag, TaskDetails, TaskRow } from '../store.ts';
import type { TaskState } from '../task-state.ts';
import { rowOf } from './claims.ts';
import { type Database, fromText, isoTime, type Row } from './database.ts';

/** Tasks, and since when they are being sent, where they are. */
export const TASKS =
  'SELECT tasks.*, leases.started_at AS leased_at FROM tasks LEFT JOIN leases ON leases.task = tasks.seq';

/** The state of a row of {@link TASKS}. */
export function statusOf(row: Row): TaskState {
  return row['leased_at'] === null ? (row['status'] as TaskState) : 'processing';
}

export function toTaskRow(row: Row): TaskRow {
  const error = fromText<ErrorRecord>(row['error']);
  const leased = row['leased_at'] !== null;
  return {
    id: String(row['id']),
    route: String(row['route']),
    type: String(row['type']),
    identifier: String(row['identifier']),
    status: statusOf(row),
    attempts: Number(row['attempts']) + (leased ? 1 : 0),
    createdAt: isoTime(row['created_at']) ?? '',
    updatedAt: isoTime(leased ? row['leased_at'] : row['updated_at']) ?? '',
    dueAt: (leased ? undefined : isoTime(row['due_at'])) ?? null,
    ...(error && { error }),
  };
}

/** When the oldest task of each route that is due became so. */
export function lags(db: Database, routes: readonly string[], now: number): readonly RouteLag[] {
  const sql = `SELECT due_at AS due FROM tasks WHERE route = ? AND due_at IS NOT NULL AND due_at <= ?
    AND seq NOT IN (SELECT task FROM leases) ORDER BY due_at LIMIT 1`;
  return routes.map((route) => {
    const due = db.get(sql, route, now)?.['due'];
    return { route, ...(typeof due === 'number' && { oldestDue: due }) };
  });
}

/** One task with all that is known of it. `id` may be a beginning of an id that only one task has. */
export function findTask(db: Database, id: string): TaskDetails | undefined {
  const rows = db.all(
    `SELECT tasks.*, data, raw, response, leases.started_at AS leased_at
     FROM tasks JOIN payloads ON payloads.task = tasks.seq LEFT JOIN leases ON leases.task = tasks.seq
     WHERE id >= ? AND id < ? ORDER BY id LIMIT 2`,
    id,
    `${id}~`,
  );
  const row = rows[0];
  if (!row || (rows.length > 1 && row['id'] !== id)) return undefined;
  const seq = Number(row['seq']);
  const raw = fromText<JsonObject>(row['raw']) ?? rowOf(db, row);
  const attempts = db.all('SELECT * FROM attempts WHERE task = ? ORDER BY number', seq);
  const answered = attempts.findLast((one) => one['response'] !== null);
  // Those of the first release keep it with the payload.
  const response = fromText<Json>(answered?.['response'] ?? row['response']);
  return {
    ...toTaskRow(row),
    runId: String(row['run']),
    stage: row['stage'] as TaskDetails['stage'],
    data: fromText<JsonObject>(row['data']) ?? {},
    ...(raw && { raw }),
    ...(response !== undefined && { response }),
    history: attempts.map(toAttempt),
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
  const response = fromText<Json>(row['response']);
  return {
    number: Number(row['number']),
    startedAt: isoTime(row['started_at']) ?? '',
    ...(finishedAt && { finishedAt }),
    outcome: row['outcome'] as TaskState,
    ...(error && { error }),
    ...(exchange && { exchange }),
    ...(response !== undefined && { response }),
  };
}

export function countTasks(
  db: Database,
  routes: readonly string[],
): Record<string, Partial<Record<TaskState, number>>> {
  const counts: Record<string, Partial<Record<TaskState, number>>> = {};
  for (const route of routes) {
    const found: Record<string, number> = {};
    for (const open of [1, 0]) {
      const sql = `SELECT status, count(*) AS tasks FROM tasks WHERE route = ? AND open = ${open} GROUP BY status`;
      for (const row of db.all(sql, route)) found[String(row['status'])] = Number(row['tasks']);
    }
    const leased =
      'SELECT status, count(*) AS tasks FROM leases JOIN tasks ON seq = task WHERE leases.route = ? GROUP BY status';
    for (const row of db.all(leased, route)) {
      const [status, tasks] = [String(row['status']), Number(row['tasks'])];
      found['processing'] = (found['processing'] ?? 0) + tasks;
      found[status] = (found[status] ?? 0) - tasks;
    }
    counts[route] = Object.fromEntries(Object.entries(found).filter(([, tasks]) => tasks > 0));
  }
  return counts;
}

export function countQueued(db: Database, route: string, limit: number): number {
  // Those that are being sent are among them.
  const leased = Number(db.get('SELECT count(*) AS tasks FROM leases WHERE route = ?', route)?.['tasks']);
  const sql = `SELECT count(*) AS tasks FROM
    (SELECT 1 FROM tasks WHERE route = ? AND open = 1 AND status IN ('new', 'retry') LIMIT +?)`;
  return Math.max(0, Number(db.get(sql, route, limit + leased)?.['tasks']) - leased);
}
