import type { PruneRequest } from '../store.ts';
import type { TaskState } from '../task-state.ts';
import type { Database } from './database.ts';

const WELL_ENDED = ['finished', 'skipped', 'superseded', 'cancelled'] as const satisfies TaskState[];
const BADLY_ENDED = ['failed', 'rejected'] as const satisfies TaskState[];

/** Deletes ended tasks with their histories: those too old, and the oldest of too many that ended well. */
export function prune(db: Database, request: PruneRequest): number {
  const { route, endedBefore, keep, limit } = request;
  const old = [...WELL_ENDED, ...BADLY_ENDED].flatMap((state) =>
    db
      .all(
        `SELECT seq FROM tasks WHERE route = ? AND status = ? AND created_at < ? AND updated_at < ? ORDER BY seq LIMIT ?`,
        route,
        state,
        endedBefore,
        endedBefore,
        limit,
      )
      .map((row) => Number(row['seq'])),
  );
  const chosen = new Set(old.slice(0, limit));
  if (chosen.size < limit) {
    for (const seq of tooMany(db, route, keep + chosen.size, limit - chosen.size)) chosen.add(seq);
  }
  return chosen.size === 0 ? 0 : remove(db, [...chosen]);
}

/** The oldest of those that ended well, where there are more than may stay. */
function tooMany(db: Database, route: string, keep: number, limit: number): readonly number[] {
  const counts = WELL_ENDED.map((state) => {
    const sql = 'SELECT count(*) AS tasks FROM tasks WHERE route = ? AND status = ?';
    return Number(db.get(sql, route, state)?.['tasks'] ?? 0);
  });
  const over = counts.reduce((sum, count) => sum + count, 0) - keep;
  if (over <= 0) return [];
  const most = Math.min(over, limit);
  return WELL_ENDED.flatMap((state) =>
    db.all('SELECT seq FROM tasks WHERE route = ? AND status = ? ORDER BY seq LIMIT ?', route, state, most),
  )
    .map((row) => Number(row['seq']))
    .sort((a, b) => a - b)
    .slice(0, most);
}

function remove(db: Database, seqs: readonly number[]): number {
  return db.transaction(() => {
    let removed = 0;
    for (const seq of seqs) {
      // Asked again: it may have been retried since it was found.
      const { changes } = db.run(
        "DELETE FROM tasks WHERE seq = ? AND status NOT IN ('new', 'processing', 'retry', 'unknown', 'waiting')",
        seq,
      );
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
    const open = db.get(
      `SELECT min(batch_rows) AS first FROM tasks INDEXED BY tasks_open
       WHERE status IN ('new', 'processing', 'retry', 'unknown', 'waiting')`,
    );
    const first = open?.['first'];
    const rows = db.run(
      'DELETE FROM batch_rows WHERE seq IN (SELECT seq FROM batch_rows WHERE seq < ? ORDER BY seq LIMIT 1000)',
      typeof first === 'number' ? first : Number.MAX_SAFE_INTEGER,
    );
    const storage = db.run('DELETE FROM storage WHERE expires_at IS NOT NULL AND expires_at <= ?', now);
    // The newest run of an incoming stays however old it is.
    const runs = db.run(
      `DELETE FROM runs WHERE seq IN (SELECT seq FROM runs AS old WHERE started_at < ? AND status <> 'running'
         AND EXISTS (SELECT 1 FROM runs AS newer WHERE newer.incoming = old.incoming AND newer.seq > old.seq) LIMIT 1000)`,
      runsBefore,
    );
    return rows.changes + storage.changes + runs.changes;
  });
}
