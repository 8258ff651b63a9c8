import { DateTime, Duration, type DurationLikeObject, FixedOffsetZone, type Zone } from 'luxon';
import type { Json } from '../../json.ts';
import { suggestion } from '../../option-findings.ts';
import { absent, nameOf, number, numberIn, text } from '../functions/arguments.ts';
import { type Moment, readDate, writeDate } from './moment.ts';
import { zoneOf } from './zone.ts';

type Unit =
  | 'years'
  | 'quarters'
  | 'months'
  | 'weeks'
  | 'days'
  | 'hours'
  | 'minutes'
  | 'seconds'
  | 'milliseconds';

/** Units of the calendar, whose length depends on the date. */
const CALENDAR: ReadonlySet<Unit> = new Set(['years', 'quarters', 'months']);

const MILLISECONDS: Readonly<Record<string, number>> = {
  weeks: 604_800_000,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
  milliseconds: 1,
};

const UNITS: readonly Unit[] = [
  'years',
  'quarters',
  'months',
  'weeks',
  'days',
  'hours',
  'minutes',
  'seconds',
  'milliseconds',
];

function unitOf(value: Json | undefined): Unit {
  const name = text(value).toLowerCase();
  const unit = UNITS.find((one) => one === name || one === `${name}s`);
  if (unit) return unit;
  throw new TypeError(`there is no unit "${text(value)}"; ${suggestion(name, UNITS, 'there is')}`);
}

const SHORT = /^([+-]?)(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const SHORT_UNITS: Readonly<Record<string, Unit>> = {
  ms: 'milliseconds',
  s: 'seconds',
  m: 'minutes',
  h: 'hours',
  d: 'days',
};

/** `90m`, `1d`, or ISO 8601: `P1M`, `PT2H`, `-P1W`. */
function durationOf(value: string): DurationLikeObject {
  const short = SHORT.exec(value);
  if (short) {
    const [, sign = '', amount = '', letters = ''] = short;
    return { [SHORT_UNITS[letters] ?? 'days']: Number(`${sign}${amount}`) };
  }
  const read = Duration.fromISO(value);
  if (!read.isValid)
    throw new TypeError(`${nameOf(value)} is neither a number nor a duration such as 90m or P1M`);
  return read.toObject();
}

interface Addition {
  readonly date: Json;
  readonly amount: Json;
  readonly unit: Json | undefined;
  readonly zone: Json | undefined;
}

export function addTime({ date, amount, unit, zone }: Addition): string {
  if (typeof amount === 'string' && numberIn(amount) === undefined)
    return move(readDate(date), durationOf(amount.trim()), absent(zone) ? unit : zone);
  if (absent(amount)) throw new TypeError('an amount is wanted, not null');
  if (absent(unit)) throw new TypeError('the amount has no unit');
  return move(readDate(date), { [unitOf(unit)]: number(amount) }, zone);
}

function move(moment: Moment, by: DurationLikeObject, zone: Json | undefined): string {
  for (const unit of ['years', 'quarters', 'months', 'weeks', 'days'] as const) {
    if (!Number.isInteger(by[unit] ?? 0)) throw new RangeError(`only whole ${unit} can be added`);
  }
  const place = absent(zone) ? undefined : zoneOf(text(zone));
  const moved = DateTime.fromMillis(moment.at, { zone: place?.zone ?? fixed(moment) }).plus(by);
  if (!moved.isValid) throw new RangeError('the date is out of range');
  const whole = !('hours' in by || 'minutes' in by || 'seconds' in by || 'milliseconds' in by);
  const offset = Math.round(moved.offset);
  return writeDate({
    at: moved.toMillis(),
    offset,
    dateOnly: moment.dateOnly && whole && !place,
    local: false,
  });
}

function fixed({ offset }: Moment): Zone {
  return FixedOffsetZone.instance(offset);
}

interface Difference {
  readonly from: Json;
  readonly to: Json;
  readonly unit: Json | undefined;
  readonly zone: Json | undefined;
}

export function diffTime({ from, to, unit, zone }: Difference): number {
  const name = absent(unit) ? 'seconds' : unitOf(unit);
  const place = absent(zone) ? undefined : zoneOf(text(zone)).zone;
  const start = readDate(from);
  const end = readDate(to);
  const length = MILLISECONDS[name];
  const ofCalendar = CALENDAR.has(name) || (place !== undefined && (name === 'days' || name === 'weeks'));
  if (!ofCalendar && length !== undefined) return (end.at - start.at) / length;
  const at = (moment: Moment) => DateTime.fromMillis(moment.at, { zone: place ?? fixed(start) });
  return at(end).diff(at(start), name).as(name);
}
