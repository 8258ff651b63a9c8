import { type JsonObject, MillraceError } from '@millrace/core';
import { newId } from '../new-id.ts';
import type { Claim, ClaimedRoute, ClaimedTask, ClaimRequest, Settlement } from '../store.ts';
import { type Database, fromText, pack, type Row, toText } from './database.ts';
import { freeTheDead, introduce } from './leases.ts';
import { replay } from './replay.ts';
import { writeStorage } from './storages.ts';

// A task is claimable when it is due (due_at is only set in states that may be claimed) and no older task of
// its key is open: so two tasks of one key are never in flight together, and finish in creation order.
export const DUE = `
  SELECT seq, due_at, status FROM tasks AS t
  WHERE route = ? AND due_at IS NOT NULL AND due_at <= ?
    AND NOT EXISTS (
      SELECT 1 FROM tasks AS older
      WHERE older.route = t.route AND older.type = t.type AND older.identifier = t.identifier AND older.seq < t.seq
        AND older.status IN ('new', 'processing', 'retry', 'unknown', 'waiting'))
  ORDER BY due_at, seq LIMIT ?`;

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
      (SELECT lease_call, min(route) AS route FROM tasks INDEXED BY tasks_leased
       WHERE lease_worker IS NOT NULL AND route IN (${placeholders(routes)}) GROUP BY lease_call)
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
    const seq = Number(row['seq']);
    const leased = db.get(
      `UPDATE tasks SET status = 'processing', due_at = NULL, attempts = attempts + 1, lease_worker = ?,
         lease_token = lease_token + 1, lease_call = ?, started_at = ?, on_unknown = ?, updated_at = ? WHERE seq = ?
       RETURNING id, route, type, identifier, run, stage, attempts, attempts_before, lease_token`,
      request.worker.id,
      call,
      request.now,
      request.onUnknown,
      request.now,
      seq,
    );
    const payload = db.get('SELECT data FROM payloads WHERE task = ?', seq);
    if (!leased || !payload) throw new MillraceError('internal.bug', `task ${seq} has no payload`);
    return {
      id: String(leased['id']),
      route: String(leased['route']),
      entity: { type: String(leased['type']), id: String(leased['identifier']) },
      data: fromText<JsonObject>(payload['data']) ?? {},
      runId: String(leased['run']),
      stage: leased['stage'] as ClaimedTask['stage'],
      attempt: Number(leased['attempts']),
      tries: Number(leased['attempts']) - Number(leased['attempts_before']),
      inDoubt: row['status'] === 'unknown',
      leaseToken: Number(leased['lease_token']),
      startedAt: request.now,
    };
  });
}

/** Stores one outcome with its attempt; false where the lease was lost. */
function settleOne(db: Database, settlement: Settlement): boolean {
  const { task, state, finishedAt } = settlement;
  const row = db.get(
    `UPDATE tasks SET status = ?, due_at = ?, confirm_by = ?, error = ?, updated_at = ?,
       lease_worker = NULL, lease_call = NULL, attempts_before = attempts_before + ?
     WHERE id = ? AND lease_token = ? AND status = 'processing'
     RETURNING seq, fingerprint, batch_rows, row_index`,
    state,
    settlement.dueAt ?? null,
    settlement.confirmBy ?? null,
    toText(settlement.error),
    finishedAt,
    settlement.uncounted ? 1 : 0,
    task.id,
    task.leaseToken,
  );
  if (!row) return false;
  const seq = Number(row['seq']);
  if (settlement.replayed) replay(db, seq, settlement, finishedAt);
  db.run(
    `INSERT OR REPLACE INTO attempts (task, number, started_at, finished_at, outcome, error, exchange, response)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    seq,
    task.attempt,
    task.startedAt,
    finishedAt,
    state,
    toText(settlement.error),
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
