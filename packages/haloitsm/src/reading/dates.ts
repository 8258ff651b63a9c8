import type { Json, JsonObject } from '@millrace/core';

/** Halo writes "not set" as one of some dates around 1900. */
const UNSET_BEFORE = Date.UTC(1902, 0, 1);

/** Milliseconds of a date as Halo writes it: ISO 8601, UTC where it names no zone. Undefined: none, or not to be read. */
export function readDate(value: Json | undefined): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d/.test(value)) return undefined;
  const dated = /T|\d:\d/.test(value) ? value.replace(' ', 'T') : `${value}T00:00:00`;
  const time = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(dated) ? dated : `${dated}Z`);
  return Number.isNaN(time) || time < UNSET_BEFORE ? undefined : time;
}

/** As Halo reads it in a query. */
export function haloDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/Z$/, '');
}

/** The date of a record in one of its fields; the parameter value `dateoccured` means the field `dateoccurred`. */
export function dateOf(row: JsonObject, field: string): number | undefined {
  return readDate(row[field === 'dateoccured' ? 'dateoccurred' : field]);
}
