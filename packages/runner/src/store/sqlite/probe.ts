import type { JsonObject } from '@millrace/core';
import type { NewTask, Probe } from '../store.ts';
import { isOpen, type TaskState } from '../task-state.ts';
import { compare } from './batches.ts';
import { type Database, fromText, type Row } from './database.ts';

/** What storing a task would come to, and the task that stands for its key now. */
export function probe(db: Database, task: NewTask): Probe {
  const { route, entity } = task;
  const compared = compare(db, task);
  const verdict = compared === 'outdated' ? 'unchanged' : compared;
  const key = [route, entity.type, entity.id] as const;
  const newest = db.get(
    `SELECT id, status, stage, data FROM tasks JOIN payloads ON payloads.task = tasks.seq
     WHERE route = ? AND type = ? AND identifier = ? ORDER BY seq DESC LIMIT 1`,
    ...key,
  );
  const delivered = db.get(
    'SELECT task FROM delivered WHERE route = ? AND type = ? AND identifier = ?',
    ...key,
  );
  const before = stands(newest) ? newest : (deliveredTask(db, delivered) ?? newest);
  const known = newest !== undefined || delivered !== undefined;
  if (!before) return { verdict, known };
  const data = before['stage'] === 'outgoing' ? fromText<JsonObject>(before['data']) : undefined;
  return {
    verdict,
    known,
    before: { id: String(before['id']), status: before['status'] as TaskState, ...(data && { data }) },
  };
}

/** An open or failed task stands for what it is to deliver. */
function stands(task: Row | undefined): boolean {
  const status = task?.['status'] as TaskState | undefined;
  return status !== undefined && (isOpen(status) || status === 'failed' || status === 'rejected');
}

function deliveredTask(db: Database, delivered: Row | undefined): Row | undefined {
  if (!delivered) return undefined;
  return db.get(
    'SELECT id, status, stage, data FROM tasks JOIN payloads ON payloads.task = tasks.seq WHERE id = ?',
    String(delivered['task']),
  );
}
