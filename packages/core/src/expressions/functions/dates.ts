import type { Json } from '../../json.ts';
import { addTime, diffTime } from '../dates/arithmetic.ts';
import { compileFormat, type Format } from '../dates/format.ts';
import { type Moment, readDate, writeDate } from '../dates/moment.ts';
import { compileParse } from '../dates/parse.ts';
import { type TimeZone, zoneOf } from '../dates/zone.ts';
import { absent, text } from './arguments.ts';
import { BoundedCache } from './bounded-cache.ts';
import type { Call, LanguageFunction } from './function.ts';
import { checkLocale, refuse } from './refuse.ts';

type Known = readonly (Json | undefined)[];

/** Compiles of a pattern and a locale. */
function byPattern<T>(
  compile: (pattern: string, locale: string) => T,
): (pattern: string, locale: Json | undefined) => T {
  const cache = new BoundedCache((key) => {
    const [pattern = '', locale = ''] = JSON.parse(key) as string[];
    return { made: compile(pattern, locale) };
  });
  return (pattern, locale) =>
    cache.get(JSON.stringify([pattern, absent(locale) ? 'en' : checkLocale(text(locale))])).made;
}

const formats = byPattern(compileFormat);
const parses = byPattern(compileParse);

function zoneArgument(zone: Json | undefined): TimeZone | undefined {
  return absent(zone) ? undefined : zoneOf(text(zone));
}

const inUtc = (at: number): string => writeDate({ at, offset: 0, dateOnly: false, local: false });

function parse(
  value: Json | undefined,
  pattern: Json | undefined,
  zone: TimeZone | undefined,
  locale: Json | undefined,
) {
  if (!absent(pattern)) return inUtc(parses(text(pattern), locale)(text(value), zone));
  const { at, local } = readDate(value);
  return inUtc(local && zone ? zone.instantOf(at) : at);
}

/** Looks at patterns, zones and locales that stand in the file. */
function prepareParse([, pattern, zone, locale]: Known): Call | undefined {
  return refuse(() => {
    zoneArgument(zone);
    if (typeof pattern === 'string') parses(pattern, locale);
    return undefined;
  });
}

function prepareFormat(known: Known): Call | undefined {
  const [, pattern, zone, locale] = known;
  return refuse(() => {
    const place = zoneArgument(zone);
    if (typeof pattern !== 'string') return undefined;
    const format: Format = formats(pattern, locale);
    if (known.slice(1).some((argument) => argument === undefined)) return undefined;
    return ([value]) => format(readDate(value), place);
  });
}

function toTimezone(value: Json | undefined, zone: TimeZone): string {
  const { at } = readDate(value);
  const moment: Moment = { at, offset: zone.offsetAt(at), dateOnly: false, local: false };
  return writeDate(moment);
}

export const DATE_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  now: {
    description: 'The time at which the record is worked on, in UTC.',
    parameters: [],
    required: 0,
    varies: true,
    examples: [[[], '2026-11-23T09:00:00.000Z']],
    call: (_, services) => inUtc(services.now()),
  },
  parse_date: {
    description:
      'The date that a text says, as ISO 8601 in UTC. Without a pattern the text is ISO 8601 or the form of mails. A time without an offset is one of the zone (default UTC). `t` as the pattern means seconds since 1970, `T` milliseconds.',
    parameters: ['text', 'pattern', 'zone', 'locale'],
    required: 1,
    examples: [
      [['2026-11-23T10:00:00+01:00'], '2026-11-23T09:00:00.000Z'],
      [['23-11-2026 10:00', 'dd-MM-yyyy HH:mm', 'Europe/Amsterdam'], '2026-11-23T09:00:00.000Z'],
      [['23 november 2026', 'd MMMM yyyy', null, 'nl'], '2026-11-23T00:00:00.000Z'],
      [[1700000000, 't'], '2023-11-14T22:13:20.000Z'],
    ],
    prepare: prepareParse,
    call: ([value, pattern, zone, locale]) => parse(value, pattern, zoneArgument(zone), locale),
  },
  format_date: {
    description:
      'A date by a Unicode pattern: `yyyy-MM-dd`, `dd/MM/yy HH:mm`, `EEEE d MMMM yyyy`, `XXX` for the offset; text in single quotes. In a zone, or in the offset that the date has (without one: UTC). The locale (default `en`) decides on names.',
    parameters: ['date', 'pattern', 'zone', 'locale'],
    required: 2,
    examples: [
      [['2026-11-23T09:00:00Z', 'dd-MM-yyyy HH:mm', 'Europe/Amsterdam'], '23-11-2026 10:00'],
      [['2026-11-23T09:00:00Z', 'EEEE d MMMM yyyy', null, 'nl'], 'maandag 23 november 2026'],
      [['2026-11-23T09:00:00+01:00', "yyyyMMdd'T'HHmmssXX"], '20261123T090000+0100'],
    ],
    prepare: prepareFormat,
    call: ([value, pattern, zone, locale]) =>
      formats(text(pattern), locale)(readDate(value), zoneArgument(zone)),
  },
  add_time: {
    description:
      'A date moved by an amount of `years quarters months weeks days hours minutes seconds milliseconds`, forwards or (negative) backwards; or by a duration such as `90m` or `P1M`, which the zone follows. Days and longer units keep the time of day of the zone, also where clocks are changed.',
    parameters: ['date', 'amount', 'unit', 'zone'],
    required: 2,
    examples: [
      [['2026-11-23T10:00:00Z', 2, 'hours'], '2026-11-23T12:00:00.000Z'],
      [['2026-11-23T10:00:00Z', '90m'], '2026-11-23T11:30:00.000Z'],
      [['2026-01-31', 1, 'month'], '2026-02-28'],
      [['2026-03-28T10:00:00+01:00', 1, 'day', 'Europe/Amsterdam'], '2026-03-29T10:00:00.000+02:00'],
    ],
    prepare: ([, amount, unit, zone]) =>
      refuse(() => {
        if (amount !== undefined) addTime({ date: '2026-01-01T00:00:00Z', amount, unit, zone });
        else if (unit !== undefined) addTime({ date: '2026-01-01T00:00:00Z', amount: 1, unit, zone });
        return undefined;
      }),
    call: ([date = null, amount = null, unit, zone]) => addTime({ date, amount, unit, zone }),
  },
  diff_time: {
    description:
      'How much later the second date is than the first, in a unit (default seconds), with decimals. Months and years, and days where a zone is given, are those of the calendar.',
    parameters: ['from', 'to', 'unit', 'zone'],
    required: 2,
    examples: [
      [['2026-11-23T10:00:00Z', '2026-11-23T11:30:00Z', 'hours'], 1.5],
      [['2026-11-23', '2026-11-20', 'days'], -3],
      [['2026-01-15', '2026-03-15', 'months'], 2],
    ],
    prepare: ([, , unit, zone]) =>
      refuse(() => {
        if (unit !== undefined || zone !== undefined)
          diffTime({ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', unit, zone });
        return undefined;
      }),
    call: ([from = null, to = null, unit, zone]) => (absent(to) ? null : diffTime({ from, to, unit, zone })),
  },
  to_timezone: {
    description: 'A date in the local time of a zone, with its offset.',
    parameters: ['date', 'zone'],
    required: 2,
    examples: [
      [['2026-07-01T10:00:00Z', 'Europe/Amsterdam'], '2026-07-01T12:00:00.000+02:00'],
      [['2026-07-01T12:00:00+02:00', 'UTC'], '2026-07-01T10:00:00.000Z'],
    ],
    prepare: ([, zone]) =>
      refuse(() => {
        if (typeof zone !== 'string') return undefined;
        const place = zoneOf(zone);
        return ([value]) => toTimezone(value, place);
      }),
    call: ([value, zone]) => toTimezone(value, zoneOf(text(zone))),
  },
};
