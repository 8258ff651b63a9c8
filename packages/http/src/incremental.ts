import {
  type Compiler,
  compileOnBody,
  Duration,
  Expression,
  type Json,
  type JsonObject,
  milliseconds,
  Options,
} from '@millrace/core';
import { type Static, Type } from 'typebox';
import { dateOf, formatDate } from './date.ts';

export const IncrementalOptions = Options(
  {
    field: Expression({ description: 'In a row: when it changed, or a number that only grows' }),
    parameter: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Query parameter that takes it. Without one, say `?{since}` in path, query or body',
      }),
    ),
    overlap: Duration({
      default: '5m',
      description: 'How far before the last news reading begins again; not for numbers',
    }),
    format: Type.Unsafe<'iso' | 'date' | 'unix' | 'unixMs' | 'number'>({
      type: 'string',
      enum: ['iso', 'date', 'unix', 'unixMs', 'number'],
      default: 'iso',
      description:
        'What rows and parameter hold: ISO 8601 in UTC, its date only, seconds or milliseconds since 1970, or a number that is no date',
    }),
  },
  { description: 'Reads what is new since the last finished run; the first run reads all' },
);

export type IncrementalSettings = Static<typeof IncrementalOptions>;

/** Where the next run begins: the greatest value of the field that was read; ISO 8601 in UTC, or the number. */
export interface IncrementalCursor extends JsonObject {
  readonly at: string | number;
}

/** Reads on from what an earlier run has seen. Values are milliseconds since 1970, or plain numbers. */
export interface Incremental {
  /** What the parameter is given; undefined for the first run. */
  since(cursor: IncrementalCursor | undefined): Json | undefined;
  /** The greatest value of the field in some rows and so far; a row without it says nothing. */
  newest(rows: readonly JsonObject[], soFar: number | undefined): number | undefined;
  /** What changes while a run reads belongs to the next one; a cursor never moves back. */
  next(
    newest: number | undefined,
    cursor: IncrementalCursor | undefined,
    startedAt: string,
  ): IncrementalCursor | undefined;
}

export function compileIncremental(
  settings: IncrementalSettings,
  compile: Pick<Compiler, 'value'>,
): Incremental {
  const { format } = settings;
  const read = compileOnBody(settings.field, compile);
  const overlap = milliseconds(settings.overlap);
  const amountOf = (row: JsonObject) =>
    format === 'number' ? numberOf(read(row)) : dateOf(read(row), format);
  const positionOf = (cursor: IncrementalCursor) =>
    typeof cursor.at === 'number' ? cursor.at : Date.parse(cursor.at);
  return {
    since(cursor) {
      if (!cursor) return undefined;
      const at = positionOf(cursor);
      return format === 'number' ? at : formatDate(at - overlap, format);
    },
    newest(rows, soFar) {
      let greatest = soFar;
      for (const row of rows) {
        const value = amountOf(row);
        if (value !== undefined && (greatest === undefined || value > greatest)) greatest = value;
      }
      return greatest;
    },
    next(newest, cursor, startedAt) {
      if (newest === undefined) return undefined;
      const reached = cursor ? Math.max(newest, positionOf(cursor)) : newest;
      if (format === 'number') return { at: reached };
      return { at: new Date(Math.min(reached, Date.parse(startedAt))).toISOString() };
    },
  };
}

function numberOf(value: Json): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
