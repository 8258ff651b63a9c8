import { DateTime } from 'luxon';
import type { Json } from '../../json.ts';
import { nameOf } from '../functions/arguments.ts';

/** An instant, and the way it was written. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Minutes that the local time it was written in is ahead of UTC. */
  readonly offset: number;
  /** True for a date without a time. */
  readonly dateOnly: boolean;
  /** True where no offset was written: UTC is assumed. */
  readonly local: boolean;
}

const COMMON =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d\d):?(\d\d))?)?$/;

/**
 * Reads a date as systems write it: ISO 8601 in any of its forms, the same with a blank instead of the T, or the form
 * of mails (RFC 2822). One without an offset is in UTC. Throws where the text is no date.
 */
export function readDate(value: Json | undefined): Moment {
  if (typeof value !== 'string') {
    const hint =
      typeof value === 'number' ? '; parse_date(number, "t") reads seconds since 1970, "T" milliseconds' : '';
    throw new TypeError(`a date is wanted, not ${nameOf(value)}${hint}`);
  }
  return readCommon(value) ?? readOther(value);
}

/** What nearly all dates look like, without the detours of a library. */
function readCommon(text: string): Moment | undefined {
  const match = COMMON.exec(text);
  if (!match) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '',
    zulu,
    sign,
    ahead,
    aheadMinutes,
  ] = match;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (mo < 1 || mo > 12 || d < 1 || h > 23 || mi > 59 || s > 59 || d > daysIn(y, mo)) return undefined;
  const offset =
    sign === undefined ? 0 : (Number(ahead) * 60 + Number(aheadMinutes)) * (sign === '-' ? -1 : 1);
  if (Math.abs(offset) > 18 * 60) return undefined;
  const local = utc(y, mo, d, h, mi, s, fraction === '' ? 0 : Math.trunc(Number(`0.${fraction}`) * 1000));
  return {
    at: local - offset * 60_000,
    offset,
    dateOnly: match[4] === undefined,
    local: !zulu && sign === undefined,
  };
}

function utc(...[year, month, day, hour, minute, second, millisecond]: readonly number[]): number {
  const date = new Date(0);
  // Date.UTC takes the years 0 to 99 for ones of the last century.
  date.setUTCFullYear(year ?? 0, (month ?? 1) - 1, day);
  return date.setUTCHours(hour ?? 0, minute, second, millisecond);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function readOther(text: string): Moment {
  const options = { zone: 'utc', setZone: true } as const;
  const iso = DateTime.fromISO(text, options);
  const found = iso.isValid ? iso : DateTime.fromRFC2822(text, options);
  if (found.isValid) {
    const dateOnly = iso.isValid && !text.includes('T');
    const local = iso.isValid && !/T.*(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(text);
    return { at: found.toMillis(), offset: found.offset, dateOnly, local };
  }
  const reason =
    iso.invalidReason === 'unparsable' ? 'it is not in the form of ISO 8601' : iso.invalidExplanation;
  throw new TypeError(`${nameOf(text)} is no date: ${reason ?? 'no such day or time'}`);
}

/** The moment in ISO 8601: in UTC with a Z, elsewhere with its offset. */
export function writeDate({ at, offset, dateOnly }: Moment): string {
  const local = new Date(at + offset * 60_000);
  if (Number.isNaN(local.getTime())) throw new RangeError('the date is out of range');
  const text = local.toISOString();
  if (dateOnly) return text.slice(0, -14);
  return offset === 0 ? text : `${text.slice(0, -1)}${writeOffset(offset)}`;
}

/** `+01:00`; `separator` stands between hours and minutes. */
export function writeOffset(offset: number, separator = ':'): string {
  const minutes = Math.abs(Math.round(offset));
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}${separator}${two(minutes % 60)}`;
}
