import { callFunction, FUNCTIONS, type Json, NO_SERVICES } from '@millrace/core';

/** How Halo writes dates: ISO 8601 without a zone, in UTC. */
const LOCAL = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/;
const ZONED = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:Z|[+-]\d\d:?\d\d)$/i;
/** How it says that a date is not set. */
const UNSET = /^(?:1899-12-30|1900-01-01)T00:00:00(?:\.0+)?$/;

/** A date as Halo takes it; one without a zone is one of `zone`. What is no date and time stays as it is. */
export function toHaloDate(text: string, zone = 'UTC'): string {
  if (ZONED.test(text)) return inUtc(new Date(text.replace(' ', 'T')), text);
  if (!LOCAL.test(text) || UNSET.test(text) || zone === 'UTC') return text;
  return inUtc(new Date(String(call('parse_date', text, null, zone))), text);
}

function inUtc(date: Date, text: string): string {
  return Number.isNaN(date.getTime()) ? text : date.toISOString().replace(/(?:\.000)?Z$/, '');
}

/** A date of Halo with its offset, in the local time of `zone`; null where it is not set. */
export function fromHaloDate(text: string, zone = 'UTC'): string | null {
  if (UNSET.test(text)) return null;
  if (!LOCAL.test(text)) return text;
  const utc = `${text.replace(' ', 'T')}Z`;
  return zone === 'UTC' ? utc : String(call('to_timezone', utc, zone)).replace(/\.000(?=[Z+-])/, '');
}

function call(name: string, ...args: readonly Json[]): Json {
  const found = FUNCTIONS[name];
  return found ? callFunction(found, args, NO_SERVICES) : null;
}

/** Throws a RangeError for what is no IANA zone. */
export function checkZone(zone: string): void {
  new Intl.DateTimeFormat('en', { timeZone: zone });
}
