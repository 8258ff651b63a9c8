import type { JsonObject } from '@millrace/core';
import { newId } from '../new-id.ts';
import type { Claim, ClaimedRoute, ClaimedTask, ClaimRequest, Settlement } from '../store.ts';
import { isOpen } from '../task-state.ts';
import { type Database, fromText, pack, type Row, toText } from './database.ts';
import { freeTheDead, introduce } from './leases.ts';
import { replay } from './replay.ts';
import { writeStorage } from './storages.ts';

// LIMIT +?: with a bare variable there SQLite compiles the statement anew at every call, which costs more than the query.
// A task is claimable when it is due (due_at is only set in states that may be claimed), nobody has it, and no older
// task of its key is open: so two tasks of one key are never in flight together, and finish in creation order.
export const DUE = `
  SELECT seq, due_at, status, id, route, type, identifier, run, stage, attempts, attempts_before, lease_token, data
  FROM tasks AS t JOIN payloads ON payloads.task = seq
  WHERE route = ? AND due_at IS NOT NULL AND due_at <= ?
    AND NOT EXISTS (SELECT 1 FROM leases WHERE leases.task = t.seq)
    AND NOT EXISTS (
      SELECT 1 FROM tasks AS older
      WHERE older.route = t.route AND older.type = t.type AND older.identifier = t.identifier AND older.open = 1
        AND older.seq < t.seq)
  ORDER BY due_at, seq LIMIT +?`;

/** Stores outcomes and takes due tasks, in one transaction. */
export function settleAndClaim(
  db: Database,
  settlements: readonly Settlement[],
  request?: ClaimRequest,
): Claim {
  // The power may fail: then the outcomes of the last moment are unknown, as those of requests in flight are.
  return db.quickTransaction(() => {
    const refused = settlements.filter((one) => !settleOne(db, one)).map((one) => one.task.id);
    return { ...(request ? claim(db, request) : { groups: [] }), refused };
  });
}

/** Takes due tasks for this worker: a lease, a fencing token, one more attempt. */
function claim(db: Database, request: ClaimRequest): Omit<Claim, 'refused'> {
  freeTheDead(db, request.now);
  introduce(db, request.worker, request.now);
  const inFlight = callsInFlight(db, routeIds(request));
  const busy = [...inFlight.values()].reduce((sum, calls) => sum + calls, 0);
  const calls = Math.min(request.slots, request.concurrency - busy);
  const due = calls > 0 ? findDue(db, request, calls * request.batch.size, inFlight) : [];
  const chunks = chunk(due, request);
  const groups = chunks.map((tasks) => lease(db, request, tasks));
  const nextDue =
    chunks.length < calls ? findNextDue(db, request, due.slice(chunks.flat().length)) : undefined;
  return { groups, ...(nextDue !== undefined && { nextDue }) };
}

function placeholders(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}

function routeIds(request: ClaimRequest): readonly string[] {
  return request.routes.flat().map((route) => route.id);
}

/** Publish calls in flight of each route, over all processes. A call that mixes routes counts for its first. */
function callsInFlight(db: Database, routes: readonly string[]): ReadonlyMap<string, number> {
  const sql = `SELECT route, count(*) AS calls FROM
      (SELECT min(route) AS route FROM leases WHERE route IN (${placeholders(routes)}) GROUP BY call)
    GROUP BY route`;
  return new Map(db.all(sql, ...routes).map((row) => [String(row['route']), Number(row['calls'])]));
}

/** Due tasks, those of the first routes first. */
function findDue(
  db: Database,
  request: ClaimRequest,
  limit: number,
  inFlight: ReadonlyMap<string, number>,
): Row[] {
  const found: Row[] = [];
  for (const routes of request.routes) {
    const left = limit - found.length;
    if (left <= 0) break;
    // Route by route, because the index gives each one in order; sorting all due tasks for every claim would not scale.
    const rows = routes.flatMap((route) => {
      const most = allowance(route, inFlight) * request.batch.size;
      return most > 0 ? db.all(DUE, route.id, request.now, Math.min(left, most)) : [];
    });
    if (routes.length > 1) {
      rows.sort((a, b) => Number(a['due_at']) - Number(b['due_at']) || Number(a['seq']) - Number(b['seq']));
    }
    found.push(...rows.slice(0, left));
  }
  return found;
}

function allowance({ id, concurrency }: ClaimedRoute, inFlight: ReadonlyMap<string, number>): number {
  return concurrency === undefined ? 1_000_000 : Math.max(0, concurrency - (inFlight.get(id) ?? 0));
}

/** Publish calls: full ones, and one that is not full when its oldest task has waited long enough. */
function chunk(due: readonly Row[], request: ClaimRequest): readonly Row[][] {
  const { size, waitMs } = request.batch;
  const chunks: Row[][] = [];
  for (let start = 0; start < due.length; start += size) {
    const tasks = due.slice(start, start + size);
    const oldest = Number(tasks[0]?.['due_at']);
    if (tasks.length === size || request.now - oldest >= waitMs) chunks.push(tasks);
  }
  return chunks;
}

function findNextDue(db: Database, request: ClaimRequest, due: readonly Row[]): number | undefined {
  const oldest = due[0];
  if (oldest) return Number(oldest['due_at']) + request.batch.waitMs;
  const sql = `SELECT min(due_at) AS next FROM tasks
    WHERE due_at IS NOT NULL AND due_at > ? AND route IN (${placeholders(routeIds(request))})`;
  const next = db.get(sql, request.now, ...routeIds(request))?.['next'];
  return typeof next === 'number' ? next : undefined;
}

function lease(db: Database, request: ClaimRequest, tasks: readonly Row[]): readonly ClaimedTask[] {
  const call = newId(request.now);
  return tasks.map((row) => {
    const attempt = Number(row['attempts']) + 1;
    db.run(
      'INSERT INTO leases (task, route, worker, call, started_at, on_unknown) VALUES (?, ?, ?, ?, ?, ?)',
      row['seq'] ?? null,
      row['route'] ?? null,
      request.worker.id,
      call,
      request.now,
      request.onUnknown,
    );
    return {
      id: String(row['id']),
      route: String(row['route']),
      entity: { type: String(row['type']), id: String(row['identifier']) },
      data: fromText<JsonObject>(row['data']) ?? {},
      runId: String(row['run']),
      stage: row['stage'] as ClaimedTask['stage'],
      attempt,
      tries: attempt - Number(row['attempts_before']),
      inDoubt: row['status'] === 'unknown',
      leaseToken: Number(row['lease_token']),
      startedAt: request.now,
    };
  });
}

const SETTLED = `error = ?, updated_at = ?, attempts = ?, attempts_before = attempts_before + ?,
    lease_token = lease_token + 1
  WHERE id = ? AND lease_token = ? RETURNING seq, fingerprint, batch_rows, row_index`;
// Two statements: one that does not name `open` leaves the indexes alone that ask for it.
const STAYS_OPEN = `UPDATE tasks SET status = ?, due_at = ?, confirm_by = ?, ${SETTLED}`;
const ENDS = `UPDATE tasks SET status = ?, open = 0, due_at = ?, confirm_by = ?, ${SETTLED}`;

/** Stores one outcome with its attempt; false where the lease was lost. */
function settleOne(db: Database, settlement: Settlement): boolean {
  const { task, state, finishedAt } = settlement;
  const error = toText(settlement.error);
  const row = db.get(
    isOpen(state) ? STAYS_OPEN : ENDS,
    state,
    settlement.dueAt ?? null,
    settlement.confirmBy ?? null,
    error,
    finishedAt,
    task.attempt,
    settlement.uncounted ? 1 : 0,
    task.id,
    task.leaseToken,
  );
  if (!row) return false;
  const seq = Number(row['seq']);
  db.run('DELETE FROM leases WHERE task = ?', seq);
  if (settlement.replayed) replay(db, seq, settlement, finishedAt);
  db.run(
    `INSERT OR REPLACE INTO attempts (task, number, started_at, finished_at, outcome, error, exchange, response)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    seq,
    task.attempt,
    task.startedAt,
    finishedAt,
    state,
    error,
    pack(settlement.exchange),
    pack(settlement.response),
  );
  if (state === 'failed' || state === 'rejected') keepRow(db, seq, row);
  if (state === 'finished' || state === 'waiting') remember(db, task, String(row['fingerprint']), finishedAt);
  writeStorage(db, settlement.storageWrites ?? [], finishedAt);
  return true;
}

/** The row as it was read goes with the task that failed: those of its batch may be deleted. */
function keepRow(db: Database, seq: number, task: Row): void {
  const raw = rowOf(db, task);
  if (raw) db.run('UPDATE payloads SET raw = ? WHERE task = ? AND raw IS NULL', pack(raw), seq);
}

/** The row that a task was made of, while its batch keeps it. */
export function rowOf(db: Database, task: Row): JsonObject | undefined {
  const [batch, index] = [task['batch_rows'], task['row_index']];
  if (typeof batch !== 'number' || typeof index !== 'number') return undefined;
  const stored = db.get('SELECT rows FROM batch_rows WHERE seq = ?', batch);
  return fromText<readonly JsonObject[]>(stored?.['rows'])?.[index];
}

/** What the system was given last: the only thing that makes a later entity "unchanged". */
export function remember(
  db: Database,
  task: Pick<ClaimedTask, 'id' | 'route' | 'entity'>,
  fingerprint: string,
  now: number,
): void {
  db.run(
    `INSERT INTO delivered (route, type, identifier, fingerprint, task, delivered_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (route, type, identifier) DO UPDATE SET fingerprint = excluded.fingerprint, task = excluded.task,
       delivered_at = excluded.delivered_at`,
    task.route,
    task.entity.type,
    task.entity.id,
    fingerprint,
    task.id,
    now,
  );
}
