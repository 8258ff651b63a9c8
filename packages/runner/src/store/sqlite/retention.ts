import type { PrunePlan, PruneRequest } from '../store.ts';
import type { TaskState } from '../task-state.ts';
import type { Database } from './database.ts';
import { firstMade, routesOf } from './listing.ts';

const WELL_ENDED = ['finished', 'skipped', 'superseded', 'cancelled'] as const satisfies TaskState[];
const BADLY_ENDED = ['failed', 'rejected'] as const satisfies TaskState[];

/** Finds out once how far a route's tasks go, however many transactions it takes to delete them. */
export function planPrune(db: Database, { route, endedBefore, keep }: PruneRequest): PrunePlan {
  const each = 'SELECT seq FROM tasks WHERE route = ? AND status = ? AND open = 0';
  const sql = `${WELL_ENDED.map(() => each).join(' UNION ALL ')} ORDER BY seq DESC LIMIT 1 OFFSET ?`;
  const newest = db.get(sql, ...WELL_ENDED.flatMap((state) => [route, state]), keep);
  return {
    route,
    endedBefore,
    madeBefore: firstMade(db, endedBefore),
    tooMany: Number(newest?.['seq'] ?? 0),
  };
}

/** Deletes ended tasks with their histories: those too old, and the oldest of too many that ended well. */
export function prune(db: Database, plan: PrunePlan, limit: number): number {
  const { route, endedBefore, madeBefore, tooMany } = plan;
  const chosen = new Set<number>();
  const choose = (state: TaskState, where: string, value: number) => {
    const left = limit - chosen.size;
    if (left <= 0) return;
    const sql = `SELECT seq FROM tasks WHERE route = ? AND status = ? AND ${where} LIMIT ?`;
    for (const row of db.all(sql, route, state, value, left)) chosen.add(Number(row['seq']));
  };
  for (const state of [...WELL_ENDED, ...BADLY_ENDED]) {
    choose(state, 'updated_at > created_at AND updated_at < ?', endedBefore);
    choose(state, 'open = 0 AND updated_at <= created_at AND seq < ?', madeBefore);
  }
  for (const state of WELL_ENDED) choose(state, 'open = 0 AND seq <= ? ORDER BY seq', tooMany);
  return chosen.size === 0 ? 0 : remove(db, [...chosen]);
}

function remove(db: Database, seqs: readonly number[]): number {
  return db.transaction(() => {
    let removed = 0;
    for (const seq of seqs) {
      // Asked again: it may have been retried since it was found.
      const { changes } = db.run('DELETE FROM tasks WHERE seq = ? AND open = 0', seq);
      if (changes === 0) continue;
      removed += changes;
      db.run('DELETE FROM payloads WHERE task = ?', seq);
      db.run('DELETE FROM attempts WHERE task = ?', seq);
      db.run('DELETE FROM events WHERE task = ?', seq);
    }
    return removed;
  });
}

/** Deletes what nothing refers to any more, a bounded number at a time. Returns how many rows went. */
export function sweep(db: Database, { now, runsBefore }: { now: number; runsBefore: number }): number {
  return db.transaction(() => {
    const rows = db.run(
      'DELETE FROM batch_rows WHERE seq IN (SELECT seq FROM batch_rows WHERE seq < ? ORDER BY seq LIMIT 200)',
      oldestOpenBatch(db),
    );
    const storage = db.run('DELETE FROM storage WHERE expires_at IS NOT NULL AND expires_at <= ?', now);
    const deliveries = db.run('DELETE FROM deliveries WHERE expires_at <= ?', now);
    // The newest run of an incoming stays however old it is.
    const runs = db.run(
      `DELETE FROM runs WHERE seq IN (SELECT seq FROM runs AS old WHERE started_at < ? AND status <> 'running'
         AND EXISTS (SELECT 1 FROM runs AS newer WHERE newer.incoming = old.incoming AND newer.seq > old.seq) LIMIT 1000)`,
      runsBefore,
    );
    return rows.changes + storage.changes + deliveries.changes + runs.changes;
  });
}

/** The first batch of which a task may still fail; they grow with the tasks. */
function oldestOpenBatch(db: Database): number {
  const sql = `SELECT batch_rows AS batch FROM tasks
    WHERE route = ? AND status = ? AND open = 1 AND batch_rows IS NOT NULL ORDER BY seq LIMIT 1`;
  const states = ['new', 'retry', 'unknown', 'waiting'] as const satisfies TaskState[];
  const batches = routesOf(db).flatMap((route) =>
    states.flatMap((state) => Number(db.get(sql, route, state)?.['batch'] ?? Number.MAX_SAFE_INTEGER)),
  );
  return Math.min(Number.MAX_SAFE_INTEGER, ...batches);
}
