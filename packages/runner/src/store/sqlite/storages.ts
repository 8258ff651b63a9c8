import type { Json, StorageEntry } from '@millrace/core';
import type { StorageFilter, StorageRow, StorageSummary, StorageWrite } from '../store.ts';
import { type Database, fromText, isoTime, toText } from './database.ts';

/** Stores writes in order, inside a transaction; then the oldest entries go where a storage holds more than it may. */
export function writeStorage(db: Database, writes: readonly StorageWrite[], now: number): number {
  const limits = new Map<string, number>();
  let there = 0;
  for (const write of writes) {
    there += writeOne(db, write, now);
    if (write.maxEntries !== undefined) limits.set(write.storage, write.maxEntries);
  }
  for (const [storage, most] of limits) trim(db, storage, most);
  return there;
}

function writeOne(db: Database, { storage, key, value, expiresAt }: StorageWrite, now: number): number {
  if (value === undefined) {
    return db.run('DELETE FROM storage WHERE name = ? AND key = ?', storage, key).changes;
  }
  const newest = db.get('SELECT max(written) AS newest FROM storage WHERE name = ?', storage)?.['newest'];
  const written = Number(newest ?? 0) + 1;
  const set = 'value = ?, updated_at = ?, expires_at = ?, written = ?';
  const cells = [toText(value), now, expiresAt ?? null, written] as const;
  const { changes } = db.run(`UPDATE storage SET ${set} WHERE name = ? AND key = ?`, ...cells, storage, key);
  if (changes === 0) {
    const sql =
      'INSERT INTO storage (name, key, value, updated_at, expires_at, written) VALUES (?, ?, ?, ?, ?, ?)';
    db.run(sql, storage, key, ...cells);
  }
  return changes;
}

/** Those written longest ago. */
function trim(db: Database, storage: string, most: number): void {
  const counted = db.get('SELECT entries FROM storage_counts WHERE name = ?', storage)?.['entries'];
  const over = Number(counted ?? 0) - most;
  if (over <= 0) return;
  db.run(
    `DELETE FROM storage WHERE name = ? AND key IN
       (SELECT key FROM storage INDEXED BY storage_by_age WHERE name = ? ORDER BY written LIMIT ?)`,
    storage,
    storage,
    over,
  );
}

export function clearStorage(db: Database, storage: string): number {
  return db.run('DELETE FROM storage WHERE name = ?', storage).changes;
}

export function readStorage(db: Database, storage: string, key: string, now: number): Json | undefined {
  const row = db.get(
    'SELECT value FROM storage WHERE name = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)',
    storage,
    key,
    now,
  );
  return fromText<Json>(row?.['value']);
}

/** Entries of a storage in the order of their keys' bytes. */
export function storageEntries(
  db: Database,
  storage: string,
  page: { readonly after: string; readonly limit: number; readonly now: number },
): readonly StorageEntry[] {
  const rows = db.all(
    `SELECT key, value FROM storage WHERE name = ? AND key > ? AND (expires_at IS NULL OR expires_at > ?)
     ORDER BY key LIMIT ?`,
    storage,
    page.after,
    page.now,
    page.limit,
  );
  return rows.map((row) => ({ key: String(row['key']), value: fromText<Json>(row['value']) ?? null }));
}

/** What the storages hold, by name. */
export function storageSummaries(db: Database, now: number): readonly StorageSummary[] {
  const rows = db.all(
    `SELECT name, count(*) AS entries, sum(octet_length(key) + octet_length(value)) AS bytes,
       min(updated_at) AS oldest, max(updated_at) AS newest
     FROM storage WHERE expires_at IS NULL OR expires_at > ? GROUP BY name ORDER BY name`,
    now,
  );
  return rows.map((row) => ({
    name: String(row['name']),
    entries: Number(row['entries']),
    bytes: Number(row['bytes']),
    oldest: isoTime(row['oldest']) ?? '',
    newest: isoTime(row['newest']) ?? '',
  }));
}

/** Entries with their times, in the order of their keys. */
export function storageRows(db: Database, filter: StorageFilter, now: number): readonly StorageRow[] {
  const { storage, prefix = '', after, limit } = filter;
  const rows = db.all(
    `SELECT key, value, updated_at, expires_at FROM storage
     WHERE name = ? AND key >= ? AND key > ? AND substr(key, 1, ?) = ? AND (expires_at IS NULL OR expires_at > ?)
     ORDER BY key LIMIT ?`,
    storage,
    prefix,
    after ?? '',
    [...prefix].length,
    prefix,
    now,
    limit,
  );
  return rows.map((row) => ({
    key: String(row['key']),
    value: fromText<Json>(row['value']) ?? null,
    updatedAt: isoTime(row['updated_at']) ?? '',
    expiresAt: isoTime(row['expires_at']) ?? null,
  }));
}
