import type { ScheduleRecord, ScheduleTick, TickedSchedule } from '../store.ts';
import { type Database, fromText, type Row, toText } from './database.ts';
import { freeTheDead, introduce } from './leases.ts';

/** How many missed fires are made up for at most. */
const MOST_PENDING = 100;
/** A time that lies further ahead comes of a clock that was wrong, and is not waited for. */
const CLOCK_SLACK_MS = 60_000;

function toSchedule(row: Row): ScheduleRecord {
  const lastStarted = row['last_started'];
  return {
    id: String(row['id']),
    expected: Number(row['expected']),
    started: Number(row['started']),
    skipped: Number(row['skipped']),
    missed: Number(row['missed']),
    pending: fromText<number[]>(row['pending']) ?? [],
    ...(typeof lastStarted === 'number' && { lastStarted }),
    accountedUntil: Number(row['accounted_until']),
  };
}

export function listSchedules(db: Database): readonly ScheduleRecord[] {
  return db.all('SELECT * FROM schedules ORDER BY id').map(toSchedule);
}

/** Accounts for every fire up to now: which are to be started, and which were missed. One live process has it. */
export function tickSchedule(db: Database, tick: ScheduleTick): TickedSchedule | 'held' {
  return unmoved(db, tick) ?? advance(db, tick);
}

/** The schedule as it stands where nothing came due since it was looked at last: most looks find that, and write nothing. */
function unmoved(db: Database, tick: ScheduleTick): TickedSchedule | undefined {
  const row = db.get('SELECT * FROM schedules WHERE id = ?', tick.id);
  if (!row || row['worker'] !== tick.worker.id || row['source'] !== tick.source) return undefined;
  const known = toSchedule(row);
  const ahead = known.accountedUntil > tick.now;
  return !ahead && tick.fires(known.accountedUntil, tick.now).count === 0
    ? { ...known, newlyMissed: 0 }
    : undefined;
}

function advance(db: Database, tick: ScheduleTick): TickedSchedule | 'held' {
  return db.transaction(() => {
    freeTheDead(db, tick.now);
    introduce(db, tick.worker, tick.now);
    const row = db.get('SELECT * FROM schedules WHERE id = ?', tick.id);
    if (row && row['worker'] !== null && row['worker'] !== tick.worker.id) return 'held' as const;
    const known = row && row['source'] === tick.source ? toSchedule(row) : undefined;
    const next = known ? account(known, tick) : begin(tick, row && toSchedule(row));
    db.run(
      `INSERT INTO schedules (id, source, worker, accounted_until, pending, expected, started, skipped, missed)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET source = excluded.source, worker = excluded.worker,
         accounted_until = excluded.accounted_until, pending = excluded.pending, expected = excluded.expected,
         skipped = excluded.skipped, missed = excluded.missed`,
      tick.id,
      tick.source,
      tick.worker.id,
      next.accountedUntil,
      toText(next.pending),
      next.expected,
      next.started,
      next.skipped,
      next.missed,
    );
    return { ...next, newlyMissed: next.missed - Number(row?.['missed'] ?? 0) };
  });
}

/** A schedule that is new, or was changed: the past is none of its business, what was pending is missed. */
function begin(tick: ScheduleTick, before: ScheduleRecord | undefined): ScheduleRecord {
  return {
    id: tick.id,
    expected: before?.expected ?? 0,
    started: before?.started ?? 0,
    skipped: before?.skipped ?? 0,
    missed: (before?.missed ?? 0) + (before?.pending.length ?? 0),
    pending: [],
    accountedUntil: tick.now,
  };
}

function account(known: ScheduleRecord, tick: ScheduleTick): ScheduleRecord {
  const from = known.accountedUntil > tick.now + CLOCK_SLACK_MS ? tick.now : known.accountedUntil;
  if (from >= tick.now) return { ...known, accountedUntil: from };
  const { fires, count } = tick.fires(from, tick.now);
  const pending = [...known.pending, ...wanted(fires, tick)].slice(-MOST_PENDING);
  return {
    ...known,
    expected: known.expected + count,
    missed: known.missed + known.pending.length + count - pending.length,
    pending,
    accountedUntil: tick.now,
  };
}

/** The fires to start: the one that is due now, and of the late ones those that are to be made up for. */
function wanted(fires: readonly number[], tick: ScheduleTick): readonly number[] {
  const late = fires.filter((fire) => tick.now - fire > tick.grace);
  const due = fires.slice(late.length);
  if (tick.catchUp === 'all') return fires;
  if (tick.catchUp === 'last' && due.length === 0) return late.slice(-1);
  return due;
}

export function settleFire(
  db: Database,
  id: string,
  fire: number,
  outcome: 'started' | 'skipped',
  now: number,
): void {
  db.transaction(() => {
    const row = db.get('SELECT * FROM schedules WHERE id = ?', id);
    const schedule = row && toSchedule(row);
    if (!schedule?.pending.includes(fire)) return;
    const pending = schedule.pending.filter((one) => one !== fire);
    const started = outcome === 'started';
    db.run(
      `UPDATE schedules SET pending = ?, started = started + ?, skipped = skipped + ?,
         last_started = coalesce(?, last_started) WHERE id = ?`,
      toText(pending),
      started ? 1 : 0,
      started ? 0 : 1,
      started ? now : null,
      id,
    );
  });
}

/** Incomings with a run whose process died, and that the next full run goes on with. */
export function interruptedRuns(db: Database, now: number): readonly string[] {
  return db.transaction(() => {
    freeTheDead(db, now);
    return db
      .all(
        "SELECT DISTINCT incoming FROM runs WHERE status = 'running' AND worker IS NULL AND limited = 0 AND receiving = 0",
      )
      .map((row) => String(row['incoming']));
  });
}
