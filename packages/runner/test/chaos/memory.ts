import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Ledger } from './ledger.ts';
import { versionOf } from './project.ts';

/**
 * What the storages remember that is not true, in sentences: a ticket as read that has no task, an asset as sent that
 * never arrived. Read from the disk, past the engine. With `whole`, all that arrived has to be remembered, too.
 */
export function falseMemories(path: string, ledger: Ledger, whole: boolean): string[] {
  if (!existsSync(path)) return [];
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE name = 'storage_counts'").all();
    // Killed before the store had all of its tables.
    if (tables.length === 0) return [];
    const entries = (name: string) =>
      db
        .prepare('SELECT key, value FROM storage WHERE name = ?')
        .all(name)
        .map((row) => [String(row['key']), JSON.parse(String(row['value'])) as unknown] as const);
    const tasks = new Set(
      db
        .prepare('SELECT identifier FROM tasks UNION SELECT identifier FROM delivered')
        .all()
        .map((row) => `ticket/${row['identifier']}`),
    );
    const arrived = ledger.newest();
    const unread = entries('seen').filter(([key]) => !tasks.has(key));
    const sent = new Map(entries('sent').map(([key, value]) => [key, versionOf(value)]));
    const unsent = [...sent].filter(([key, version]) => (arrived.get(key) ?? -1) < version);
    const forgotten = whole ? [...arrived].filter(([key, version]) => sent.get(key) !== version) : [];
    return [
      ...unread.map(([key]) => `${key} is remembered as read, and no task was made of it`),
      ...unsent.map(
        ([key, version]) => `${key} is remembered as sent in version ${version}, and did not arrive`,
      ),
      ...forgotten.map(
        ([key, version]) => `${key} arrived in version ${version}, and that is not remembered`,
      ),
    ];
  } finally {
    db.close();
  }
}
