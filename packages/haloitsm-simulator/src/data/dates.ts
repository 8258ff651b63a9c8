/** The moment at which the seeded service desk stands still: the same seed gives the same bytes on every day. */
export const BASE = Date.UTC(2026, 5, 30, 16, 0, 0);
export const MINUTE = 60_000;
export const DAY = 1440 * MINUTE;
/** How Halo says that a date is not set: with one of several days of long ago, never with null. */
export const NO_DATE = '1900-01-01T00:00:00';
export const NO_DATE_EITHER = '1899-12-30T00:00:00';

/** What comes before and behind the T of a date, by day and by second: a desk has a million dates of few days. */
const days = new Map<number, string>();
const seconds = new Map<number, string>();

/** ISO 8601 without zone, UTC, with as many digits of the second as there are. Such texts order as their times do. */
export function haloDate(time: number): string {
  const day = Math.floor(time / DAY);
  const second = Math.floor((time - day * DAY) / 1000);
  const fraction = time - day * DAY - second * 1000;
  const parts = [
    kept(days, day, () => new Date(day * DAY).toISOString().slice(0, -13)),
    kept(seconds, second, () => new Date(second * 1000).toISOString().slice(11, 19)),
  ];
  if (fraction > 0) parts.push(`.${String(fraction).padStart(3, '0').replace(/0+$/, '')}`);
  return parts.join('');
}

function kept(texts: Map<number, string>, key: number, make: () => string): string {
  let text = texts.get(key);
  if (text === undefined) {
    text = make();
    if (texts.size < 100_000) texts.set(key, text);
  }
  return text;
}

/** A date as callers write it, in Halo's form: without a zone it is UTC. Undefined where it is no date. */
export function readDate(text: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\d(?:[T ]|$)/.test(text)) return undefined;
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text) || text.length <= 10 ? text : `${text}Z`;
  const time = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(time) ? undefined : haloDate(time);
}
