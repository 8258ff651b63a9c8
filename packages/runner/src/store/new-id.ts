import { randomFillSync } from 'node:crypto';
import { monotonicFactory } from 'ulid';

const pool = new Uint32Array(256);
let used = pool.length;

/** Random numbers of the system's source, fetched many at a time: one by one they cost more than the rest of an id. */
function random(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return (pool[used++] ?? 0) / 2 ** 32;
}

const next = monotonicFactory(random);

/** A ULID: in order of time, also within a millisecond, and unlike that of any other process. */
export function newId(now = Date.now()): string {
  return next(now);
}
