import { type JsonObject, milliseconds, type Report } from '@millrace/core';
import type { Operation } from './catalogue/index.ts';

export interface IncrementalOptions {
  /** The date field of a row by which news is told. */
  readonly field: string;
  /** How far before the last news reading begins again. */
  readonly overlap: string;
}

/** Where the next run begins: the newest date of the field that was read. ISO 8601, UTC. */
export interface IncrementalCursor extends JsonObject {
  readonly at: string;
}

const has = (operation: Operation, name: string) =>
  operation.query.some((parameter) => parameter.name === name);

/** True where the operation can be asked for rows by when they changed. */
export function canBeIncremental(operation: Operation): boolean {
  return (
    (has(operation, 'datesearch') && has(operation, 'startdate')) || has(operation, 'lastupdatefromdate')
  );
}

export function checkIncremental(operation: Operation, report: Report): void {
  if (canBeIncremental(operation)) return;
  report({
    code: 'config.invalid_value',
    message: `${operation.path} has no filter by date, so that it can only be read whole`,
    hint: 'Leave "incremental" out: what did not change is not sent again anyway.',
    path: ['incremental'],
    atKey: true,
  });
}

/**
 * The query that asks for news only: `datesearch` with `startdate` takes any date field; where an operation has
 * neither, `lastupdatefromdate` is its one filter. Halo reads dates without a zone as UTC.
 */
export function newsQuery(
  operation: Operation,
  options: IncrementalOptions,
  cursor: IncrementalCursor,
): JsonObject {
  const from = new Date(Date.parse(cursor.at) - milliseconds(options.overlap))
    .toISOString()
    .replace(/Z$/, '');
  if (!has(operation, 'datesearch')) return { lastupdatefromdate: from };
  // The one value that is spelt otherwise than its field.
  const field = options.field === 'dateoccurred' ? 'dateoccured' : options.field;
  return { datesearch: field, startdate: from };
}

/** The newest date of the field in some rows and so far; a row without it, or with Halo's "not set", says nothing. */
export function newest(
  rows: readonly JsonObject[],
  field: string,
  soFar: string | undefined,
): string | undefined {
  let latest = soFar;
  for (const row of rows) {
    const value = row[field];
    if (typeof value !== 'string') continue;
    const time = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`);
    if (Number.isNaN(time)) continue;
    const iso = new Date(time).toISOString();
    if (latest === undefined || iso > latest) latest = iso;
  }
  return latest;
}

/** What changes while a run reads belongs to the next one: the cursor never lies behind the start of the run. */
export function nextCursor(latest: string | undefined, runStartedAt: string): IncrementalCursor | undefined {
  if (latest === undefined) return undefined;
  return { at: latest < runStartedAt ? latest : runStartedAt };
}
