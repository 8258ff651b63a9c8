import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { readDate, writeDate } from '../../src/expressions/dates/moment.ts';
import { zoneOf } from '../../src/expressions/dates/zone.ts';
import { FUNCTIONS } from '../../src/expressions/functions.ts';
import { NO_SERVICES } from '../../src/expressions/services.ts';
import type { Json } from '../../src/json.ts';

function call(name: string, ...args: readonly Json[]): Json {
  const definition = FUNCTIONS[name];
  if (!definition) throw new Error(`no function ${name}`);
  const work = definition.prepare?.(args, NO_SERVICES) ?? definition.call;
  expect(work(args, NO_SERVICES)).toEqual(definition.call(args, NO_SERVICES));
  return work(args, NO_SERVICES);
}

const AMSTERDAM = 'Europe/Amsterdam';

describe('a date', () => {
  it.each([
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    ['2026-11-23T10:15', '2026-11-23T10:15:00.000Z'],
    ['2026-11-23 10:15:30', '2026-11-23T10:15:30.000Z'],
    ['2026-11-23T10:15:30.1234567Z', '2026-11-23T10:15:30.123Z'],
    ['2026-11-23T10:15:30+0100', '2026-11-23T09:15:30.000Z'],
    ['20261123T101530Z', '2026-11-23T10:15:30.000Z'],
    ['2026-W48-1', '2026-11-23T00:00:00.000Z'],
    ['2026-327', '2026-11-23T00:00:00.000Z'],
    ['Mon, 23 Nov 2026 10:15:30 +0100', '2026-11-23T09:15:30.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['0001-01-01T00:00:00', '0001-01-01T00:00:00.000Z'],
  ])('%s is read as %s', (text, utc) => {
    expect(call('parse_date', text)).toBe(utc);
  });

  it.each([
    ['2026-02-30', /no date/],
    ['2026-13-01', /no date/],
    ['2026-11-23T25:00', /no date/],
    ['tomorrow', /not in the form of ISO 8601/],
    ['', /no date/],
  ])('%j is refused with a reason', (text, message) => {
    expect(() => call('parse_date', text)).toThrow(message);
  });

  it('is never a bare number, which could be seconds or milliseconds', () => {
    expect(() => call('format_date', 1_700_000_000, 'yyyy')).toThrow('parse_date(number, "t")');
    expect(call('parse_date', '1700000000', 't')).toBe('2023-11-14T22:13:20.000Z');
    expect(call('parse_date', 1_700_000_000_000, 'T')).toBe('2023-11-14T22:13:20.000Z');
    expect(() => call('parse_date', '', 't')).toThrow('no number of seconds');
  });

  const instant = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2200, 0, 1) });

  it('is read as the library reads it, and written so that it is read again', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: -56, max: 56 }), (at, quarters) => {
        const text = writeDate({ at, offset: quarters * 15, dateOnly: false, local: false });
        expect(readDate(text)).toMatchObject({ at, offset: quarters * 15 });
        expect(DateTime.fromISO(text).toMillis()).toBe(at);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws anything but a reason', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789-:TZ+. W'), maxLength: 30 }), (text) => {
        try {
          expect(Number.isFinite(readDate(text).at)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a pattern', () => {
  const AT = '2026-03-05T08:07:06.045+01:00';

  it.each([
    ['yyyy-MM-dd HH:mm:ss.SSS', '2026-03-05 08:07:06.045'],
    ['yy M d H m s S', '26 3 5 8 7 6 0'],
    ["yyyyMMdd'T'HHmmss", '20260305T080706'],
    ["h 'o''clock' a", "8 o'clock AM"],
    ['hh:mm a', '08:07 AM'],
    ['EEE, d MMM yyyy', 'Thu, 5 Mar 2026'],
    ['EEEE d MMMM', 'Thursday 5 March'],
    ["''yy", "'26"],
    ['D', '64'],
    ['DDD', '064'],
    ["YYYY-'W'ww-e", '2026-W10-4'],
    ['QQQ yyyy', 'Q1 2026'],
    ['X XX XXX', '+01 +0100 +01:00'],
    ['x xx xxx', '+01 +0100 +01:00'],
    ['Z ZZZZ ZZZZZ', '+0100 GMT+01:00 +01:00'],
    ['O OOOO', 'GMT+1 GMT+01:00'],
    ['t', '1772694426'],
    ['T', '1772694426045'],
    ['SSSSSS', '045000'],
    ['kk K', '08 8'],
    ['G', 'AD'],
    ['dd/MM/yyyy – ✓', '05/03/2026 – ✓'],
  ])('%s writes %s', (pattern, text) => {
    expect(call('format_date', AT, pattern)).toBe(text);
  });

  it.each([
    ['nl', 'EEEE d MMMM', 'donderdag 5 maart'],
    ['de', 'd. MMMM yyyy', '5. März 2026'],
    ['fr', 'EEE d MMM', 'jeu. 5 mars'],
  ])('names months and days in %s', (locale, pattern, text) => {
    expect(call('format_date', AT, pattern, null, locale)).toBe(text);
  });

  it('writes the offset and the name of a zone', () => {
    expect(call('format_date', '2026-07-01T10:00:00Z', 'HH:mm XXX VV', AMSTERDAM)).toBe(
      '12:00 +02:00 Europe/Amsterdam',
    );
    expect(call('format_date', '2026-07-01T10:00:00Z', 'XXX xxx')).toBe('Z +00:00');
  });

  it.each([
    ['31/12/2026', 'dd/MM/yyyy', '2026-12-31T00:00:00.000Z'],
    ['31-12-26 9:05 PM', 'd-M-yy h:mm a', '2026-12-31T21:05:00.000Z'],
    ['2026-12-31T10:00:00+01:00', "yyyy-MM-dd'T'HH:mm:ssXXX", '2026-12-31T09:00:00.000Z'],
    ['2026-12-31T10:00:00Z', "yyyy-MM-dd'T'HH:mm:ssXXX", '2026-12-31T10:00:00.000Z'],
    ['20261231100000.123', 'yyyyMMddHHmmss.SSS', '2026-12-31T10:00:00.123Z'],
    ['31 Dec 2026', 'd MMM yyyy', '2026-12-31T00:00:00.000Z'],
    ["5 o'clock, 31 12 2026", "h 'o''clock,' dd MM yyyy", '2026-12-31T05:00:00.000Z'],
    ['2026-365', 'yyyy-DDD', '2026-12-31T00:00:00.000Z'],
  ])('reads %s by %s', (text, pattern, utc) => {
    expect(call('parse_date', text, pattern)).toBe(utc);
  });

  it('reads names in another language', () => {
    expect(call('parse_date', '5 März 2026', 'd MMMM yyyy', null, 'de')).toBe('2026-03-05T00:00:00.000Z');
  });

  it.each([
    ['31-02-2026', 'dd-MM-yyyy'],
    ['2026-12-31', 'dd-MM-yyyy'],
    ['12 Juni 2026', 'd MMMM yyyy'],
  ])('says that %s does not fit %s', (text, pattern) => {
    expect(() => call('parse_date', text, pattern)).toThrow(`no date of the pattern "${pattern}"`);
  });

  it('reads what it wrote', () => {
    const pattern = fc.constantFrom(
      'yyyy-MM-dd HH:mm:ss.SSS xxx',
      "d MMMM yyyy, HH'h'mm:ss.SSSZ",
      'yyyyDDDHHmmss.SSSXX',
    );
    const at = fc.integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(2100, 0, 1) });
    fc.assert(
      fc.property(
        at,
        pattern,
        fc.constantFrom(AMSTERDAM, 'America/St_Johns', 'UTC', '+05:30'),
        (ms, form, zone) => {
          const iso = new Date(ms).toISOString();
          expect(call('parse_date', call('format_date', iso, form, zone), form)).toBe(iso);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('where clocks are changed', () => {
  // In Amsterdam 02:00 becomes 03:00 on 29 March 2026, and 03:00 becomes 02:00 on 25 October 2026.
  it.each([
    ['29-03-2026 01:59', '2026-03-29T00:59:00.000Z'],
    ['29-03-2026 02:30', '2026-03-29T01:30:00.000Z'],
    ['29-03-2026 03:00', '2026-03-29T01:00:00.000Z'],
    ['25-10-2026 01:59', '2026-10-24T23:59:00.000Z'],
    ['25-10-2026 02:30', '2026-10-25T00:30:00.000Z'],
    ['25-10-2026 03:00', '2026-10-25T02:00:00.000Z'],
  ])('%s in Amsterdam is %s: a time that is skipped is moved on, of two the first is meant', (text, utc) => {
    expect(call('parse_date', text, 'dd-MM-yyyy HH:mm', AMSTERDAM)).toBe(utc);
  });

  it('a date without an offset is one of the zone, whatever its form', () => {
    expect(call('parse_date', '2026-07-01T10:00:00', null, AMSTERDAM)).toBe('2026-07-01T08:00:00.000Z');
    expect(call('parse_date', '2026-07-01T10:00:00Z', null, AMSTERDAM)).toBe('2026-07-01T10:00:00.000Z');
    expect(call('parse_date', '2026-07-01', null, AMSTERDAM)).toBe('2026-06-30T22:00:00.000Z');
  });

  it.each<[string, Json, string | null, Json, string]>([
    ['2026-03-28T10:00:00+01:00', 1, 'day', AMSTERDAM, '2026-03-29T10:00:00.000+02:00'],
    ['2026-03-28T10:00:00+01:00', 24, 'hours', AMSTERDAM, '2026-03-29T11:00:00.000+02:00'],
    ['2026-03-28T10:00:00+01:00', 1, 'day', null, '2026-03-29T10:00:00.000+01:00'],
    ['2026-10-24T10:00:00+02:00', 'P1D', AMSTERDAM, undefined as never, '2026-10-25T10:00:00.000+01:00'],
    ['2026-03-28T02:30:00+01:00', 1, 'day', AMSTERDAM, '2026-03-29T03:30:00.000+02:00'],
    ['2026-01-31T10:00:00Z', 1, 'month', null, '2026-02-28T10:00:00.000Z'],
    ['2024-02-29', -1, 'years', null, '2023-02-28'],
    ['2026-11-23', 36, 'hours', null, '2026-11-24T12:00:00.000Z'],
    ['2026-11-23T10:00:00Z', '-PT90M', null, null, '2026-11-23T08:30:00.000Z'],
    ['2026-11-23T10:00:00Z', '1.5h', null, null, '2026-11-23T11:30:00.000Z'],
  ])('%s moved by %j %s in %s is %s', (date, amount, unit, zone, result) => {
    const args = [date, amount, unit, zone].filter((one) => one !== undefined);
    expect(call('add_time', ...args)).toBe(result);
  });

  it.each<[string, string, string, string | null, number]>([
    ['2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00', 'hours', null, 23],
    ['2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00', 'days', AMSTERDAM, 1],
    ['2026-10-25T00:00:00+02:00', '2026-10-26T00:00:00+01:00', 'hours', null, 25],
    ['2026-01-31', '2026-02-28', 'months', null, 1],
    ['2026-11-23T10:00:00Z', '2026-11-23T10:00:01.5Z', 'seconds', null, 1.5],
  ])('from %s to %s it is, in %s in %s, %d', (from, to, unit, zone, result) => {
    if (unit === 'months') expect(call('diff_time', from, to, unit)).toBeCloseTo(result, 0);
    else expect(call('diff_time', from, to, unit, zone)).toBe(result);
  });

  it('knows the offset of every instant as the platform does', () => {
    const zones = [
      AMSTERDAM,
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Pacific/Apia',
      'Africa/Casablanca',
    ];
    const at = fc.integer({ min: Date.UTC(1951, 0, 1), max: Date.UTC(2037, 0, 1) });
    fc.assert(
      fc.property(fc.constantFrom(...zones), at, (name, ms) => {
        const zone = zoneOf(name);
        expect(zone.offsetAt(ms)).toBe(zone.zone.offset(ms));
      }),
      { numRuns: 2000 },
    );
  });
});
