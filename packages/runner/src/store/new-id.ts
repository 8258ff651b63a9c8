import { monotonicFactory } from 'ulid';

const next = monotonicFactory();

/** A ULID: in order of time, also within a millisecond, and unlike that of any other process. */
export function newId(now = Date.now()): string {
  return next(now);
}
