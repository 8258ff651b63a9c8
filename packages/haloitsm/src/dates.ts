import {
  compilePattern,
  defineTransformer,
  isObject,
  type Json,
  type JsonObject,
  MillraceError,
  Options,
  Pattern,
  setAt,
} from '@millrace/core';
import { Type } from 'typebox';
import { withOtherTexts } from './made-shapes.ts';
import { checkZone, fromHaloDate, toHaloDate } from './writing/halo-dates.ts';

export const dates = defineTransformer({
  description:
    'Gives HaloITSM\'s dates, which are UTC and have no zone, their offset, in the local time of a zone; or the way back. Halo\'s "not set" (1900-01-01, 1899-12-30) becomes null. The publisher writes dates as Halo wants them by itself.',
  options: Options({
    at: Type.Optional(
      Type.Array(Pattern({ description: 'A pattern such as `*date` or `actions.*.datetime`' }), {
        minItems: 1,
        description: 'Which dates; else every text of the record that is a date and time',
      }),
    ),
    to: Type.Unsafe<'iso' | 'halo'>({
      type: 'string',
      enum: ['iso', 'halo'],
      default: 'iso',
      description: 'iso: with an offset; halo: in UTC, without one',
    }),
    timezone: Type.String({
      default: 'UTC',
      minLength: 1,
      description: 'For iso, the zone of the result; for halo, the zone of dates that have none',
    }),
  }),
  examples: [
    {
      title: 'With an offset',
      options: { timezone: 'Europe/Amsterdam' },
      given: { id: 7, dateoccurred: '2026-07-01T10:00:00', targetdate: '1900-01-01T00:00:00' },
      made: { id: 7, dateoccurred: '2026-07-01T12:00:00+02:00', targetdate: null },
    },
    {
      title: 'Only some, and in UTC',
      options: { at: ['date*'] },
      given: { dateoccurred: '2026-07-01T10:00:00', lastactiondate: '2026-07-02T10:00:00.25' },
      made: { dateoccurred: '2026-07-01T10:00:00Z', lastactiondate: '2026-07-02T10:00:00.25' },
    },
    {
      title: 'Back',
      options: { to: 'halo', timezone: 'Europe/Amsterdam' },
      given: { start: '2026-07-01T12:00:00+02:00', end: '2026-07-01T13:00:00' },
      made: { start: '2026-07-01T10:00:00', end: '2026-07-01T11:00:00' },
    },
  ],
  check({ timezone }, report) {
    try {
      checkZone(timezone);
    } catch {
      report({
        code: 'config.invalid_value',
        message: `"${timezone}" is no time zone`,
        hint: 'Name one of the IANA, such as Europe/Amsterdam.',
        path: ['timezone'],
      });
    }
  },
  shape({ at = [] }, check) {
    for (const index of at.keys()) check.place(['at', index]);
    return withOtherTexts(check.record);
  },
  create({ at, to, timezone }) {
    try {
      checkZone(timezone);
    } catch (cause) {
      throw new MillraceError('config.invalid_value', `"${timezone}" is no time zone`, { cause });
    }
    const convert = (text: string) =>
      to === 'iso' ? fromHaloDate(text, timezone) : toHaloDate(text, timezone);
    const everywhere = (value: Json): Json => {
      if (typeof value === 'string') return convert(value);
      if (Array.isArray(value)) return (value as readonly Json[]).map(everywhere);
      if (!isObject(value)) return value;
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, everywhere(member)]));
    };
    const patterns = at?.map((one) => compilePattern(one));
    const some = (data: JsonObject, pattern: ReturnType<typeof compilePattern>) =>
      pattern
        .match(data)
        .reduce<JsonObject>(
          (record, { path, value }) => setAt(record, path, everywhere(value)) as JsonObject,
          data,
        );
    return {
      transform: (data) => patterns?.reduce(some, data) ?? (everywhere(data) as JsonObject),
    };
  },
});
