import { type ErrorRecord, type Json, MillraceError } from '@millrace/core';
import { newId } from '../new-id.ts';
import {
  type CloseRun,
  emptyRunCounts,
  type OpenedRun,
  type OpenRunRequest,
  type ReceivingRequest,
  type RunCounts,
  type RunFilter,
  type RunRecord,
  type RunState,
  type WorkerIdentity,
} from '../store.ts';
import { type Database, fromText, isoTime, type Row, toText } from './database.ts';
import { freeTheDead, introduce } from './leases.ts';

function toRun(row: Row): RunRecord {
  const finishedAt = isoTime(row['finished_at']);
  const position = fromText<Json>(row['position']);
  const cursor = fromText<Json>(row['cursor']);
  const error = fromText<ErrorRecord>(row['error']);
  const lowest = row['announced_lowest'];
  return {
    id: String(row['id']),
    incoming: String(row['incoming']),
    status: row['status'] as RunState,
    startedAt: isoTime(row['started_at']) ?? '',
    ...(finishedAt && { finishedAt }),
    resumed: Number(row['resumed']),
    limited: row['limited'] === 1,
    receiving: row['receiving'] === 1,
    ...(position !== undefined && { position }),
    ...(cursor !== undefined && { cursor }),
    ...(typeof lowest === 'number' && { announced: { lowest, highest: Number(row['announced_highest']) } }),
    counts: fromText<RunCounts>(row['counts']) ?? emptyRunCounts(),
    seconds: Number(row['seconds']),
    ...(error && { error }),
  };
}

export function findRun(db: Database, id: string): RunRecord | undefined {
  const row = db.get('SELECT * FROM runs WHERE id = ?', id);
  return row && toRun(row);
}

export function listRuns(db: Database, filter: RunFilter): readonly RunRecord[] {
  const rows =
    filter.incoming === undefined
      ? db.all('SELECT * FROM runs ORDER BY seq DESC LIMIT ?', filter.limit)
      : db.all(
          'SELECT * FROM runs WHERE incoming = ? ORDER BY seq DESC LIMIT ?',
          filter.incoming,
          filter.limit,
        );
  return rows.map(toRun);
}

export function readCursor(db: Database, incoming: string): Json | undefined {
  return fromText<Json>(db.get('SELECT cursor FROM cursors WHERE incoming = ?', incoming)?.['cursor']);
}

export function setCursor(db: Database, incoming: string, cursor: Json | undefined, now: number): void {
  db.transaction(() => {
    closeInterrupted(db, incoming, now);
    if (cursor === undefined) {
      db.run('DELETE FROM cursors WHERE incoming = ?', incoming);
      return;
    }
    db.run(
      `INSERT INTO cursors (incoming, cursor, run, updated_at) VALUES (?, ?, 'command', ?)
       ON CONFLICT (incoming) DO UPDATE SET cursor = excluded.cursor, run = excluded.run, updated_at = excluded.updated_at`,
      incoming,
      toText(cursor) ?? 'null',
      now,
    );
  });
}

/** A run that died would go on from its position, not from the cursor: it is closed. One that lives is in the way. */
function closeInterrupted(db: Database, incoming: string, now: number): void {
  freeTheDead(db, now);
  for (const row of db.all(
    "SELECT id, worker FROM runs WHERE incoming = ? AND status = 'running' AND receiving = 0",
    incoming,
  )) {
    if (row['worker'] !== null) {
      throw new MillraceError('call.busy', `Incoming "${incoming}" is being run (run ${row['id']})`, {
        hint: 'Its end would overwrite the cursor: wait for it, or stop it.',
      });
    }
    failInterrupted(db, String(row['id']), 'Its cursor was set by command', now);
  }
}

function failInterrupted(db: Database, id: string, message: string, now: number): void {
  const error = toText({ code: 'run.cancelled', message });
  db.run("UPDATE runs SET status = 'failed', finished_at = ?, error = ? WHERE id = ?", now, error, id);
}

export function listCursors(db: Database) {
  return db.all('SELECT incoming, cursor, updated_at FROM cursors ORDER BY incoming').map((row) => ({
    incoming: String(row['incoming']),
    cursor: fromText<Json>(row['cursor']) ?? null,
    updatedAt: isoTime(row['updated_at']) ?? '',
  }));
}

/** One run of an incoming at a time: opens a new one, takes up one whose process died, or says who is at it. */
export function openRun(db: Database, request: OpenRunRequest, now: number): OpenedRun {
  return db.transaction(() => {
    freeTheDead(db, now);
    introduce(db, request.worker, now);
    const running = db.all(
      `SELECT runs.seq, runs.id, runs.limited, runs.worker, workers.host, workers.pid FROM runs
       LEFT JOIN workers ON workers.id = runs.worker
       WHERE incoming = ? AND status = 'running' AND receiving = 0 ORDER BY runs.seq`,
      request.incoming,
    );
    const held = running.find((row) => row['worker'] !== null);
    if (held) {
      const { id, host, pid } = held;
      return { status: 'busy' as const, runId: String(id), host: String(host), pid: Number(pid) };
    }
    const cursor = readCursor(db, request.incoming);
    const taken = takeUp(db, request, running, now);
    const id = taken ?? insertRun(db, { ...request, id: newId(now) }, now);
    const run = findRun(db, id);
    if (!run) throw new MillraceError('internal.bug', `run ${id} vanished`);
    return { status: 'opened' as const, run, ...(cursor !== undefined && { cursor }) };
  });
}

/** The id of the dead run that goes on, if there is one that may; those that may not are closed. */
function takeUp(
  db: Database,
  request: OpenRunRequest,
  dead: readonly Row[],
  now: number,
): string | undefined {
  let taken: string | undefined;
  for (const row of dead) {
    const id = String(row['id']);
    if (row['limited'] === 1 || request.fresh) {
      failInterrupted(db, id, 'The process that ran it ended before its work was done', now);
    } else if (!request.limited && taken === undefined) {
      db.run('UPDATE runs SET worker = ?, resumed = resumed + 1 WHERE id = ?', request.worker.id, id);
      taken = id;
    }
  }
  return taken;
}

/** Opens books for a receiver: they are whole after each delivery, so that nobody takes them up. */
export function openReceiving(db: Database, request: ReceivingRequest, now: number): RunRecord {
  return db.transaction(() => {
    freeTheDead(db, now);
    introduce(db, request.worker, now);
    return heldRun(db, insertRun(db, { ...request, receiving: true }, now), request.worker);
  });
}

type NewRun = OpenRunRequest & { readonly id: string; readonly receiving?: boolean };

function insertRun(db: Database, { id, incoming, worker, limited, receiving }: NewRun, now: number): string {
  db.run(
    `INSERT INTO runs (id, incoming, status, worker, started_at, limited, receiving, counts)
     VALUES (?, ?, 'running', ?, ?, ?, ?, ?)`,
    id,
    incoming,
    worker.id,
    now,
    limited ? 1 : 0,
    receiving ? 1 : 0,
    toText(emptyRunCounts()),
  );
  return id;
}

/** The run, if it is still this worker's to write to. */
export function heldRun(db: Database, id: string, worker: WorkerIdentity): RunRecord {
  const row = db.get("SELECT * FROM runs WHERE id = ? AND worker = ? AND status = 'running'", id, worker.id);
  if (!row) {
    throw new MillraceError('run.cancelled', `Run ${id} belongs to another process now`, {
      hint: 'Its lease ran out, because this process stood still; nothing is lost, the other one goes on.',
    });
  }
  return toRun(row);
}

export function closeRun(db: Database, request: CloseRun, now: number): RunRecord {
  return db.transaction(() => {
    const run = heldRun(db, request.runId, request.worker);
    const counts = { ...run.counts, requests: run.counts.requests + request.requests };
    db.run(
      `UPDATE runs SET status = ?, finished_at = ?, worker = NULL, cursor = ?, error = ?, counts = ?,
         seconds = seconds + ? WHERE id = ?`,
      request.status,
      now,
      toText(request.cursor),
      toText(request.error),
      toText(counts),
      request.seconds,
      request.runId,
    );
    if (request.cursor !== undefined) {
      if (request.status !== 'finished' || run.limited) {
        throw new MillraceError('internal.bug', 'only a finished, unlimited run may move the cursor');
      }
      db.run(
        `INSERT INTO cursors (incoming, cursor, run, updated_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (incoming) DO UPDATE SET cursor = excluded.cursor, run = excluded.run, updated_at = excluded.updated_at`,
        run.incoming,
        toText(request.cursor) ?? 'null',
        run.id,
        now,
      );
    }
    return findRun(db, request.runId) ?? run;
  });
}
