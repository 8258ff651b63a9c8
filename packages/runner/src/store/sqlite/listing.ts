import type { SQLInputValue } from 'node:sqlite';
import type { TaskFilter, TaskRow } from '../store.ts';
import { TASK_STATES, type TaskState } from '../task-state.ts';
import type { Database, Row } from './database.ts';
import { TASKS, toTaskRow } from './queries.ts';

const EVER = Number.MAX_SAFE_INTEGER;

/** The places in the order of the tasks between which a page lies: `from` counts, `before` does not. */
interface Span {
  readonly from: number;
  readonly before: number;
}

/**
 * Newest first, a page at a time. Times are those of the last change. What was made within them is read in the order of
 * the tasks; only where that does not fill the page, what is older and changed within them is looked up. So each part
 * is read by an index, and only as far as the page needs: a store of millions answers at once.
 */
export function listTasks(db: Database, filter: TaskFilter): { tasks: readonly TaskRow[]; next?: string } {
  const { since, until, limit } = filter;
  const after =
    filter.after === undefined ? undefined : db.get('SELECT seq FROM tasks WHERE id = ?', filter.after);
  const page = filter.after === undefined ? EVER : Number(after?.['seq'] ?? 0);
  const before = until === undefined ? page : Math.min(page, firstMade(db, until + 1));
  const from = since === undefined ? 0 : firstMade(db, since);
  const rows = read(db, made(db, filter), { from, before }, filter);
  if (since !== undefined && rows.length <= limit) {
    rows.push(...read(db, changed(db, filter), { from: 0, before: Math.min(from, before) }, filter));
  }
  const tasks = rows.slice(0, limit).map(toTaskRow);
  const last = tasks.at(-1);
  return { tasks, ...(rows.length > limit && last && { next: last.id }) };
}

/** A condition on tasks that an index answers in their order. */
interface Part {
  readonly where: string;
  readonly values: readonly SQLInputValue[];
}

/** The rows of all parts, newest first, one more than the page holds at most. */
function read(db: Database, parts: readonly Part[], { from, before }: Span, filter: TaskFilter): Row[] {
  const { since = 0, until = EVER, limit } = filter;
  if (from >= before) return [];
  const rows = parts.flatMap(({ where, values }) =>
    db.all(
      `${TASKS} WHERE ${where} AND seq >= ? AND seq < ?
         AND coalesce(leases.started_at, updated_at) BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?`,
      ...values,
      from,
      before,
      since,
      until,
      limit + 1,
    ),
  );
  return rows.sort((a, b) => Number(b['seq']) - Number(a['seq'])).slice(0, limit + 1);
}

const OPEN_KEPT = ['new', 'retry', 'unknown', 'waiting'] as const satisfies TaskState[];
const FREE = 'leases.task IS NULL';

function made(db: Database, filter: TaskFilter): readonly Part[] {
  const { status, route, entity } = filter;
  if (route === undefined && !status?.length && entity === undefined) return [{ where: 'TRUE', values: [] }];
  return routesOf(db, filter).flatMap((one) =>
    entity === undefined ? inStates(one, filter.status) : ofEntity(db, one, entity, filter.status),
  );
}

function inStates(route: string, status: TaskFilter['status']): readonly Part[] {
  const states = status?.length ? status : TASK_STATES;
  return states.map((state): Part => {
    if (state === 'processing')
      return { where: 'seq IN (SELECT task FROM leases WHERE route = ?)', values: [route] };
    const open = (OPEN_KEPT as readonly TaskState[]).includes(state);
    const where = `tasks.route = ? AND status = ? AND open = ${open ? 1 : 0}${open ? ` AND ${FREE}` : ''}`;
    return { where, values: [route, state] };
  });
}

function ofEntity(
  db: Database,
  route: string,
  entity: string,
  status: TaskFilter['status'],
): readonly Part[] {
  const inStatus = status?.length
    ? `AND iif(${FREE}, status, 'processing') IN (${status.map(() => '?').join(', ')})`
    : '';
  return keys(db, route, entity).flatMap(([type, identifier]) =>
    [1, 0].map((open) => ({
      where: `tasks.route = ? AND type = ? AND identifier = ? AND open = ${open} ${inStatus}`,
      values: [route, type, identifier, ...(status ?? [])],
    })),
  );
}

/** Tasks that changed after they were made. */
function changed(db: Database, filter: TaskFilter): readonly Part[] {
  const { status, entity, since = 0 } = filter;
  if (entity !== undefined) return made(db, filter);
  const states = (status?.length ? status : TASK_STATES).filter((state) => state !== 'processing');
  const processing = !status?.length || status.includes('processing');
  return routesOf(db, filter).flatMap((route) => [
    ...states.map((state) => ({
      where: `tasks.route = ? AND status = ? AND updated_at > created_at AND updated_at >= ? AND ${FREE}`,
      values: [route, state, since],
    })),
    ...(processing ? inStates(route, ['processing']) : []),
  ]);
}

/** The routes that have tasks, or the one that is named. */
export function routesOf(db: Database, { route }: { readonly route?: string } = {}): readonly string[] {
  return route === undefined ? distinct(db, 'route') : [route];
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

/** The place of the first task that was made at a time or later, by halves: their times grow with their places. */
export function firstMade(db: Database, time: number): number {
  let low = 0;
  let high = Number(db.get('SELECT max(seq) AS last FROM tasks')?.['last'] ?? 0) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = db.get('SELECT seq, created_at FROM tasks WHERE seq >= ? ORDER BY seq LIMIT 1', middle);
    if (row === undefined || Number(row['created_at']) >= time) high = middle;
    else low = Number(row['seq']) + 1;
  }
  return low;
}

/** Tasks that ended failed or rejected after a mark and not after another time, oldest first. */
export function failuresSince(db: Database, mark: number, until: number, limit: number): readonly TaskRow[] {
  const when = 'updated_at > ? AND updated_at <= ? ORDER BY updated_at, seq LIMIT ?';
  const from = firstMade(db, mark + 1);
  return routesOf(db)
    .flatMap((route) =>
      ['failed', 'rejected'].flatMap((status) => [
        ...db.all(
          `${TASKS} WHERE tasks.route = ? AND status = ? AND updated_at > created_at AND ${when}`,
          ...[route, status, mark, until, limit],
        ),
        // Those that failed before they were tasks.
        ...db.all(
          `${TASKS} WHERE tasks.route = ? AND status = ? AND open = 0 AND updated_at <= created_at AND seq >= ? AND ${when}`,
          ...[route, status, from, mark, until, limit],
        ),
      ]),
    )
    .sort((a, b) => Number(a['updated_at']) - Number(b['updated_at']))
    .slice(0, limit)
    .map(toTaskRow);
}
