/**
 * What a schedule should do, the slow way: every minute is looked at, in the zone's own time. Written without the library
 * that the runner uses, to be compared with it.
 *
 * - Where clocks go forward, a time that does not exist fires once, at the first minute after the gap.
 * - Where they go back, a time that comes twice fires the first time only.
 * - An expression with several hours (a list, a range, a step, any) goes by the clock on the wall instead: what does not
 *   exist is left out, what comes twice fires twice.
 */
export interface Minute {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The local time as if it were UTC: two of them can be compared, and stepped through. */
  readonly local: number;
  readonly clock: Clock;
}

/** What a clock and a calendar on the wall show. */
interface Clock {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly weekday: number;
}

function clockAt(local: number): Clock {
  const time = new Date(local);
  return {
    minute: time.getUTCMinutes(),
    hour: time.getUTCHours(),
    day: time.getUTCDate(),
    month: time.getUTCMonth() + 1,
    weekday: time.getUTCDay(),
  };
}

const MINUTE = 60_000;
const HOUR = 3_600_000;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds by which a zone is ahead of UTC. */
export function offsetAt(at: number, timeZone: string): number {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    const numeric = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    } as const;
    formatter = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', era: 'short', ...numeric });
    formatters.set(timeZone, formatter);
  }
  const parts = Object.fromEntries(
    formatter.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(at / MINUTE) * MINUTE;
}

/** When the offset of a zone changes: the first moment of the new one. */
export function transitions(timeZone: string, from: number, to: number): number[] {
  const found: number[] = [];
  for (let at = from; at < to; at += 12 * HOUR) {
    let [low, high] = [at, Math.min(at + 12 * HOUR, to)];
    if (offsetAt(low, timeZone) === offsetAt(high, timeZone)) continue;
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
      if (offsetAt(middle, timeZone) === offsetAt(low, timeZone)) low = middle;
      else high = middle;
    }
    found.push(high);
  }
  return found;
}

/** Each minute of (from, to]. */
export function minutes(timeZone: string, from: number, to: number): Minute[] {
  const all: Minute[] = [];
  let offset: number | undefined;
  for (let at = Math.floor(from / MINUTE) * MINUTE + MINUTE; at <= to; at += MINUTE) {
    // No zone changes its offset but at a quarter of an hour.
    if (offset === undefined || at % (15 * MINUTE) === 0) offset = offsetAt(at, timeZone);
    all.push({ at, local: at + offset, clock: clockAt(at + offset) });
  }
  return all;
}

function field(text: string, low: number, high: number): ReadonlySet<number> {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [first, last] = range === '*' ? [low, high] : range.split('-').map(Number);
    for (let value = first ?? low; value <= (last ?? first ?? high); value += Number(step)) values.add(value);
  }
  return values;
}

function matcher(cron: string): (clock: Clock) => boolean {
  const [minute = '*', hour = '*', day = '*', month = '*', weekday = '*'] = cron.split(' ');
  const sets = {
    minute: field(minute, 0, 59),
    hour: field(hour, 0, 23),
    day: field(day, 1, 31),
    month: field(month, 1, 12),
  };
  const weekdays = new Set([...field(weekday, 0, 7)].map((one) => one % 7));
  return (clock) => {
    if (!sets.minute.has(clock.minute) || !sets.hour.has(clock.hour) || !sets.month.has(clock.month))
      return false;
    const byDay = sets.day.has(clock.day);
    const byWeekday = weekdays.has(clock.weekday);
    // As in Vixie cron: where both are named, either will do.
    return day === '*' || weekday === '*' ? byDay && byWeekday : byDay || byWeekday;
  };
}

/** The fires among these minutes. */
export function oracle(cron: string, all: readonly Minute[]): number[] {
  const matches = matcher(cron);
  const everyHour = !/^\d+$/.test(cron.split(' ')[1] ?? '');
  const fires: number[] = [];
  let latest = Number.NEGATIVE_INFINITY;
  for (const [index, { at, local, clock }] of all.entries()) {
    const before = all[index - 1]?.local ?? local - MINUTE;
    let due = matches(clock);
    if (due && local <= latest && !everyHour) due = false;
    for (let skipped = before + MINUTE; skipped < local && !everyHour; skipped += MINUTE)
      due ||= matches(clockAt(skipped));
    if (due) fires.push(at);
    latest = Math.max(latest, local);
  }
  return fires;
}
