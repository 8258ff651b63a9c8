import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Ledger } from './ledger.ts';

const OPEN = ['new', 'retry', 'unknown', 'waiting'];
const OF_NONE = 'WHERE task NOT IN (SELECT seq FROM tasks)';

export interface StoreBooks {
  readonly byStatus: Readonly<Record<string, number>>;
  /** Tasks that are still to be worked. */
  readonly open: number;
  readonly violations: readonly string[];
}

/** Reads the store as it lies on the disk, past the engine. With `keep`, ended tasks may have been deleted. */
export function readStore(path: string, ledger: Ledger, keep?: number): StoreBooks {
  if (!existsSync(path)) return { byStatus: {}, open: 0, violations: ['there is no store'] };
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const number = (sql: string) => Number(Object.values(db.prepare(sql).get() ?? {})[0]);
    const rows = db.prepare('SELECT status, count(*) AS tasks FROM tasks GROUP BY status').all();
    const byStatus = Object.fromEntries(rows.map((row) => [String(row['status']), Number(row['tasks'])]));
    const open = OPEN.reduce((sum, status) => sum + (byStatus[status] ?? 0), 0);
    const total = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
    const created = db
      .prepare('SELECT counts FROM runs')
      .all()
      .flatMap(({ counts }) => {
        const { routes } = JSON.parse(String(counts)) as { routes: Record<string, { created: number }> };
        return Object.values(routes).map((books) => books.created);
      });
    const found: string[] = [];
    const same = (what: string, is: unknown, should: unknown) => {
      if (is !== should) found.push(`${what}: ${is}, should be ${should}`);
    };
    same('integrity', Object.values(db.prepare('PRAGMA integrity_check').get() ?? {})[0], 'ok');
    same('tasks under a lease', number('SELECT count(*) FROM leases'), 0);
    same('runs that are open', number("SELECT count(*) FROM runs WHERE status = 'running'"), 0);
    same('workers', number('SELECT count(*) FROM workers'), 0);
    const made = created.reduce((sum, count) => sum + count, 0);
    if (keep === undefined) same('tasks that the runs created', made, total);
    else if (made < total) found.push(`${total} tasks are more than the ${made} that the runs created`);
    else if (total < Math.min(made, keep))
      found.push(`${total} tasks are left of ${made}, ${keep} should be`);
    same('attempts of no task', number(`SELECT count(*) FROM attempts ${OF_NONE}`), 0);
    same('events of no task', number(`SELECT count(*) FROM events ${OF_NONE}`), 0);
    same('payloads', number('SELECT count(*) FROM payloads'), total);
    // Each task is one version of one ticket, so what is finished is what arrived, without the repetitions.
    if (keep === undefined) same('finished tasks', byStatus['finished'] ?? 0, ledger.distinct());
    same('entities known as delivered', number('SELECT count(*) FROM delivered'), ledger.newest().size);
    return { byStatus, open, violations: found };
  } finally {
    db.close();
  }
}
