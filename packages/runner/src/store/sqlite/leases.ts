import { LEASE_MS, type WorkerIdentity } from '../store.ts';
import { isDead } from '../worker-identity.ts';
import type { Database } from './database.ts';

/** Makes a worker known and its leases good for another {@link LEASE_MS}. */
export function renew(db: Database, worker: WorkerIdentity, now: number): void {
  db.run(
    `INSERT INTO workers (id, host, pid, process_start, expires_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at`,
    worker.id,
    worker.host,
    worker.pid,
    worker.processStart,
    now + LEASE_MS,
  );
}

/** Makes a worker known that is not yet, so that what it takes can be told from what the dead hold. */
export function introduce(db: Database, worker: WorkerIdentity, now: number): void {
  if (!db.get('SELECT 1 FROM workers WHERE id = ?', worker.id)) renew(db, worker, now);
}

/** Frees what a worker holds. What was being published becomes `unknown`: it may or may not have arrived. */
export function free(db: Database, workerId: string, now: number, why: string): void {
  db.run(
    `INSERT INTO events (task, at, event, detail) SELECT task, ?, 'lease freed', ? FROM leases WHERE worker = ?`,
    now,
    why,
    workerId,
  );
  db.run(
    `INSERT OR REPLACE INTO attempts (task, number, started_at, finished_at, outcome)
     SELECT task, attempts + 1, started_at, ?, 'unknown' FROM leases JOIN tasks ON seq = task WHERE worker = ?`,
    now,
    workerId,
  );
  db.run(
    `UPDATE tasks SET status = 'unknown', attempts = attempts + 1, lease_token = lease_token + 1, updated_at = ?,
       due_at = (SELECT iif(on_unknown = 'hold', NULL, ?) FROM leases WHERE task = seq)
     WHERE seq IN (SELECT task FROM leases WHERE worker = ?)`,
    now,
    now,
    workerId,
  );
  db.run('DELETE FROM leases WHERE worker = ?', workerId);
  // Books of receivers are whole after each delivery: they end with their process.
  db.run(
    `UPDATE runs SET status = 'finished', finished_at = ?, worker = NULL
     WHERE worker = ? AND receiving = 1 AND status = 'running'`,
    now,
    workerId,
  );
  db.run('UPDATE runs SET worker = NULL WHERE worker = ?', workerId);
  db.run('UPDATE schedules SET worker = NULL WHERE worker = ?', workerId);
  db.run('DELETE FROM workers WHERE id = ?', workerId);
}

/** Frees the leases that ran out, and at once those of processes of this host that run no more. */
export function freeTheDead(db: Database, now: number): void {
  for (const row of db.all('SELECT id, host, pid, process_start, expires_at FROM workers')) {
    const worker = {
      host: String(row['host']),
      pid: Number(row['pid']),
      processStart: String(row['process_start']),
    };
    if (isDead(worker)) free(db, String(row['id']), now, `process ${worker.pid} on ${worker.host} ended`);
    else if (Number(row['expires_at']) < now) {
      free(db, String(row['id']), now, `process ${worker.pid} on ${worker.host} did not renew its lease`);
    }
  }
}
