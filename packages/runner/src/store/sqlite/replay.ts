import { newId } from '../new-id.ts';
import type { NewTask, Settlement } from '../store.ts';
import { compare } from './batches.ts';
import { type Database, pack } from './database.ts';
import { rememberVersion } from './versions.ts';

const WHY_SKIPPED: Readonly<Record<ReturnType<typeof compare>, string | undefined>> = {
  new: undefined,
  held: undefined,
  unchanged: 'unchanged',
  outdated: 'a newer version of its entity was taken',
};

/**
 * What failed before it was a task went through its chains again: it becomes the first task that came of it, under its
 * own id, and further ones are made. What is already delivered as it is now is skipped.
 */
export function replay(db: Database, seq: number, settlement: Settlement, now: number): void {
  const [first, ...others] = settlement.replayed ?? [];
  if (!first) return;
  const verdict = (task: NewTask) => compare(db, task, seq);
  const newer = db.get(
    'SELECT id FROM tasks WHERE route = ? AND type = ? AND identifier = ? AND seq > ? LIMIT 1',
    first.route,
    first.entity.type,
    first.entity.id,
    seq,
  );
  const skipped = newer ? `a newer task of its entity exists: ${newer['id']}` : WHY_SKIPPED[verdict(first)];
  db.run(
    `UPDATE tasks SET status = ?, open = ?, due_at = ?, stage = 'outgoing', type = ?, identifier = ?, fingerprint = ?,
       config_hash = ? WHERE seq = ?`,
    skipped ? 'skipped' : 'new',
    skipped ? 0 : 1,
    skipped ? null : now,
    first.entity.type,
    first.entity.id,
    first.fingerprint,
    first.configHash,
    seq,
  );
  db.run('UPDATE payloads SET raw = coalesce(raw, data), data = ? WHERE task = ?', pack(first.data), seq);
  note(db, seq, now, skipped ? 'skipped' : 'went through its chains again', skipped);
  if (!skipped) rememberVersion(db, first);
  for (const task of others.filter((one) => WHY_SKIPPED[verdict(one)] === undefined)) {
    rememberVersion(db, task);
    insertSibling(db, seq, task, now);
  }
}

function insertSibling(db: Database, seq: number, task: NewTask, now: number): void {
  const id = newId(now);
  const { lastId } = db.run(
    `INSERT INTO tasks (id, route, type, identifier, status, open, stage, run, fingerprint, config_hash, due_at, created_at,
       updated_at)
     SELECT ?, ?, ?, ?, 'new', 1, 'outgoing', run, ?, ?, ?, ?, ? FROM tasks WHERE seq = ?`,
    id,
    task.route,
    task.entity.type,
    task.entity.id,
    task.fingerprint,
    task.configHash,
    now,
    now,
    now,
    seq,
  );
  db.run('INSERT INTO payloads (task, data) VALUES (?, ?)', lastId, pack(task.data));
  note(db, seq, now, 'made another task', id);
}

export function note(db: Database, seq: number, now: number, event: string, detail?: string): void {
  db.run('INSERT INTO events (task, at, event, detail) VALUES (?, ?, ?, ?)', seq, now, event, detail ?? null);
}
