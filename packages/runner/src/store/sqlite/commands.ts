import { type ErrorCode, MillraceError } from '@millrace/core';
import type { CommandOutcome, TaskCommand } from '../store.ts';
import { canMove, isOpen, type TaskState } from '../task-state.ts';
import { remember } from './claims.ts';
import { type Database, pack, type Row, toText } from './database.ts';
import { statusOf, TASKS } from './queries.ts';
import { note } from './replay.ts';

const TARGET = { skip: 'skipped', cancel: 'cancelled', retry: 'new' } as const;

/** Does what a person asks of tasks, each guarded by its state, in one transaction. */
export function commandTasks(
  db: Database,
  ids: readonly string[],
  command: TaskCommand,
  now: number,
): readonly CommandOutcome[] {
  return db.transaction(() =>
    ids.flatMap((id) => {
      const row = db.get(`${TASKS} WHERE id = ?`, id);
      return row ? [commandOne(db, row, command, now)] : [];
    }),
  );
}

function commandOne(db: Database, row: Row, command: TaskCommand, now: number): CommandOutcome {
  const [id, from] = [String(row['id']), statusOf(row)];
  const to = targetOf(command);
  const error = objection(db, row, from, to, command);
  if (error) return { id, from, error: error.toRecord() };
  const seq = Number(row['seq']);
  if (command.kind === 'retry') retry(db, seq, command.data, now);
  else {
    const failed = command.kind === 'confirm' && command.failed !== undefined;
    const reason = failed ? unconfirmed(command.failed) : undefined;
    db.run(
      `UPDATE tasks SET status = ?, open = 0, due_at = NULL, confirm_by = NULL, updated_at = ?, error = coalesce(?, error)
       WHERE seq = ?`,
      to,
      now,
      toText(reason?.toRecord()),
      seq,
    );
    if (to === 'finished') {
      const entity = { type: String(row['type']), id: String(row['identifier']) };
      remember(db, { id, route: String(row['route']), entity }, String(row['fingerprint']), now);
    }
  }
  note(db, seq, now, `${EVENTS[command.kind]} by command`, detailOf(command, from));
  return { id, from, to };
}

const EVENTS = { retry: 'retried', skip: 'skipped', cancel: 'cancelled', confirm: 'confirmed' } as const;

function targetOf(command: TaskCommand): 'new' | 'skipped' | 'cancelled' | 'finished' | 'failed' {
  if (command.kind !== 'confirm') return TARGET[command.kind];
  return command.failed === undefined ? 'finished' : 'failed';
}

function detailOf(command: TaskCommand, from: TaskState): string {
  const parts = [`was ${from}`];
  if (command.kind === 'retry' && command.force) parts.push('forced');
  if (command.kind === 'retry' && command.data) parts.push('with edited data');
  if (command.kind === 'confirm' && command.failed !== undefined) parts.push(`as failed: ${command.failed}`);
  if ((command.kind === 'skip' || command.kind === 'cancel') && command.reason) parts.push(command.reason);
  return parts.join(', ');
}

function retry(db: Database, seq: number, data: object | undefined, now: number): void {
  db.run(
    `UPDATE tasks SET status = 'new', open = 1, due_at = ?, confirm_by = NULL, updated_at = ?, attempts_before = attempts
     WHERE seq = ?`,
    now,
    now,
    seq,
  );
  if (data) db.run('UPDATE payloads SET data = ? WHERE task = ?', pack(data), seq);
}

/** Why the command may not be done, if so. */
function objection(
  db: Database,
  row: Row,
  from: TaskState,
  to: TaskState,
  command: TaskCommand,
): MillraceError | undefined {
  const id = String(row['id']);
  const refuse = (code: ErrorCode, message: string, hint: string) =>
    new MillraceError(code, message, { hint });
  if (from === 'processing') {
    return refuse(
      'task.wrong_state',
      `Task ${id} is being sent right now`,
      'Try again when its attempt has ended.',
    );
  }
  if (command.kind === 'confirm' && from !== 'waiting') {
    return refuse(
      'task.wrong_state',
      `Task ${id} is ${from}: only a waiting one is confirmed`,
      'See millrace tasks show.',
    );
  }
  if (!canMove(from, to)) {
    return refuse(
      'task.wrong_state',
      `Task ${id} is ${from}: it cannot become ${to}`,
      'See millrace tasks show.',
    );
  }
  if (command.kind !== 'retry' || command.force) return undefined;
  if (from === 'finished') {
    return refuse(
      'task.wrong_state',
      `Task ${id} was delivered`,
      'To send it once more all the same, add --force.',
    );
  }
  const newer = db.get(
    'SELECT id, status FROM tasks WHERE route = ? AND type = ? AND identifier = ? AND seq > ? ORDER BY seq DESC LIMIT 1',
    row['route'] ?? null,
    row['type'] ?? null,
    row['identifier'] ?? null,
    row['seq'] ?? null,
  );
  if (!newer || isOpen(from)) return undefined;
  return refuse(
    'task.outdated',
    `Task ${id} is outdated: ${newer['id']} of the same entity is newer (${newer['status']})`,
    'Retry the newer one, or add --force to send this one all the same.',
  );
}

function unconfirmed(reason: string | undefined): MillraceError {
  return new MillraceError('task.unconfirmed', reason ?? 'It was not confirmed in time', {
    hint: 'Look in the other system what became of it, then retry the task.',
  });
}

/** Fails what waits longer than its outgoing allows. Returns how many. */
export function expireConfirmations(db: Database, now: number): number {
  const due = db.get('SELECT 1 FROM tasks WHERE confirm_by IS NOT NULL AND confirm_by <= ?', now);
  if (!due) return 0;
  return db.transaction(() => {
    const rows = db.all("SELECT seq FROM tasks WHERE confirm_by <= ? AND status = 'waiting'", now);
    for (const row of rows) {
      const seq = Number(row['seq']);
      const error = toText(unconfirmed(undefined).toRecord());
      db.run(
        "UPDATE tasks SET status = 'failed', open = 0, confirm_by = NULL, updated_at = ?, error = ? WHERE seq = ?",
        now,
        error,
        seq,
      );
      note(db, seq, now, 'not confirmed in time');
    }
    return rows.length;
  });
}
