import type { BatchCommit, DeliveryMark, RunCounts } from '../store.ts';
import { storeBatch } from './batches.ts';
import type { Database } from './database.ts';

/** Whether a delivery was stored, and is remembered still. */
export function isDelivered(db: Database, incoming: string, id: string, now: number): boolean {
  const sql = 'SELECT 1 FROM deliveries WHERE incoming = ? AND id = ? AND expires_at > ?';
  return db.get(sql, incoming, id, now) !== undefined;
}

/** Stores a batch and remembers its delivery, in one transaction; nothing of a delivery that is remembered already. */
export function commitDelivery(
  db: Database,
  batch: BatchCommit,
  { incoming, id, expiresAt }: DeliveryMark,
  now: number,
): RunCounts | 'repeated' {
  return db.transaction(() => {
    if (isDelivered(db, incoming, id, now)) return 'repeated';
    db.run(
      'INSERT OR REPLACE INTO deliveries (incoming, id, expires_at) VALUES (?, ?, ?)',
      incoming,
      id,
      expiresAt,
    );
    return storeBatch(db, batch, now);
  });
}
