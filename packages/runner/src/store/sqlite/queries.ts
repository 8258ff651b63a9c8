import type { SQLInputValue } from 'node:sqlite';
import type { ErrorRecord, Exchange, Json, JsonObject } from '@millrace/core';
import type { RouteLag, TaskDetails, TaskFilter, TaskRow } from '../store.ts';
import { TASK_STATES, type TaskState } from '../task-state.ts';
import { rowOf } from './claims.ts';
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
  const after =
    filter.after === undefined ? undefined : db.get('SELECT seq FROM tasks WHERE id = ?', filter.after);
  const before = filter.after === undefined ? Number.MAX_SAFE_INTEGER : Number(after?.['seq'] ?? 0);
  // Each part is read in the order of an index and only as far as the page needs: a store of millions answers at once.
  const rows = parts(db, filter)
    .flatMap((part) => part.read(before, filter.limit + 1))
    .sort((a, b) => Number(b['seq']) - Number(a['seq']));
  const tasks = rows.slice(0, filter.limit).map(toTaskRow);
  const last = tasks.at(-1);
  return { tasks, ...(rows.length > filter.limit && last && { next: last.id }) };
}

interface Part {
  read(before: number, limit: number): Row[];
}

function parts(db: Database, filter: TaskFilter): readonly Part[] {
  const { status, entity, since = 0, until = Number.MAX_SAFE_INTEGER } = filter;
  const part = (where: string, ...values: SQLInputValue[]): Part => ({
    read: (before, limit) =>
      db.all(
        `SELECT * FROM tasks WHERE ${where} AND seq < ? AND updated_at >= ? AND updated_at <= ? ORDER BY seq DESC LIMIT ?`,
        ...values,
        before,
        since,
        until,
        limit,
      ),
  });
  if (filter.route === undefined && !status?.length && entity === undefined) return [part('TRUE')];
  const routes = filter.route === undefined ? distinct(db, 'route') : [filter.route];
  if (entity === undefined) {
    const states = status?.length ? status : TASK_STATES;
    return routes.flatMap((route) => states.map((state) => part('route = ? AND status = ?', route, state)));
  }
  const inStates = status?.length ? `status IN (${status.map(() => '?').join(', ')})` : 'TRUE';
  return routes.flatMap((route) =>
    keys(db, route, entity).map(([type, identifier]) =>
      part(
        `route = ? AND type = ? AND identifier = ? AND ${inStates}`,
        route,
        type,
        identifier,
        ...(status ?? []),
      ),
    ),
  );
}

/** What an entity given as `identifier` or `type/identifier` may mean on a route. */
function keys(db: Database, route: string, entity: string): readonly (readonly [string, string])[] {
  const slash = entity.indexOf('/');
  const named = slash > 0 ? [[entity.slice(0, slash), entity.slice(slash + 1)] as const] : [];
  const types = distinct(db, 'type', 'route', route);
  return [...types.map((type) => [type, entity] as const), ...named.filter(([type]) => types.includes(type))];
}

/** The different values of a column that leads an index, found by jumping from one to the next. */
function distinct(db: Database, column: 'route' | 'type', within?: 'route', value?: string): string[] {
  const found: string[] = [];
  for (let last = ''; ; ) {
    const sql = `SELECT min(${column}) AS next FROM tasks WHERE ${within ? `${within} = ? AND ` : ''}${column} > ?`;
    const next = db.get(sql, ...(value === undefined ? [last] : [value, last]))?.['next'];
    if (typeof next !== 'string') return found;
    found.push(next);
    last = next;
  }
}

/** Tasks that ended failed or rejected between two times, oldest first. */
export function failuresSince(db: Database, mark: number, until: number, limit: number): readonly TaskRow[] {
  const sql = `SELECT * FROM tasks WHERE route = ? AND status = ? AND updated_at > ? AND updated_at <= ?
    ORDER BY updated_at LIMIT ?`;
  return distinct(db, 'route')
    .flatMap((route) =>
      ['failed', 'rejected'].flatMap((status) => db.all(sql, route, status, mark, until, limit)),
    )
    .sort((a, b) => Number(a['updated_at']) - Number(b['updated_at']))
    .slice(0, limit)
    .map(toTaskRow);
}

/** When the oldest task of each route that is due became so. */
export function lags(db: Database, routes: readonly string[], now: number): readonly RouteLag[] {
  const sql = 'SELECT min(due_at) AS due FROM tasks WHERE route = ? AND due_at IS NOT NULL AND due_at <= ?';
  return routes.map((route) => {
    const due = db.get(sql, route, now)?.['due'];
    return { route, ...(typeof due === 'number' && { oldestDue: due }) };
  });
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
