/** The moment at which the seeded service desk stands still: the same seed gives the same bytes on every day. */
export const BASE = Date.UTC(2026, 5, 30, 16, 0, 0);
export const MINUTE = 60_000;
export const DAY = 1440 * MINUTE;
/** How Halo says that a date is not set: with one of several days of long ago, never with null. */
export const NO_DATE = '1900-01-01T00:00:00';
export const NO_DATE_EITHER = '1899-12-30T00:00:00';

/** ISO 8601 without zone, UTC, with as many digits of the second as there are. Such texts order as their times do. */
export function haloDate(time: number): string {
  return new Date(time).toISOString().replace(/\.?0*Z$/, '');
}

/** A date as callers write it, in Halo's form: without a zone it is UTC. Undefined where it is no date. */
export function readDate(text: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\d(?:[T ]|$)/.test(text)) return undefined;
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text) || text.length <= 10 ? text : `${text}Z`;
  const time = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(time) ? undefined : haloDate(time);
}
