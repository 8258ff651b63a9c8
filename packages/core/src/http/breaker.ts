import { MillraceError } from '../errors.ts';

const DOWN = new Set([502, 503, 504]);
/** How many such answers in a row open it. */
const TO_OPEN = 5;
const FIRST_OPEN_MS = 5_000;
const LONGEST_OPEN_MS = 300_000;

/**
 * Leaves a system alone that answered 502, 503 or 504 five times in a row; tries it with one request when some time is
 * over, and lets twice as many go with each answer that is none of these.
 */
export class Breaker {
  readonly #now: () => number;
  #failures = 0;
  #openMs = 0;
  #openUntil = 0;
  #cap = Number.POSITIVE_INFINITY;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Requests in flight that it allows: fewer than usual while the system comes back. */
  get cap(): number {
    return this.#cap;
  }

  /** Milliseconds that nothing is sent; 0 when it may be tried. */
  get closedFor(): number {
    return Math.max(0, this.#openUntil - this.#now());
  }

  /** Throws while the system is left alone. */
  check(what: string): void {
    const wait = this.closedFor;
    if (wait === 0) return;
    throw new MillraceError(
      'client.parked',
      `${what} was not sent: the system answered 502, 503 or 504 ${TO_OPEN} times in a row`,
      { retryAfter: wait, hint: `It is tried again in ${Math.ceil(wait / 1000)} s; no attempt was used.` },
    );
  }

  /** Told of every answer. */
  answered(status: number, retryAfter = 0): void {
    if (!DOWN.has(status)) {
      this.#failures = 0;
      this.#cap *= 2;
      if (this.#cap > 1000) {
        this.#cap = Number.POSITIVE_INFINITY;
        this.#openMs = 0;
      }
      return;
    }
    this.#failures++;
    // What was on its way when it opened says nothing new.
    if (this.closedFor > 0 || this.#failures < TO_OPEN) return;
    this.#openMs = Math.min(LONGEST_OPEN_MS, this.#openMs === 0 ? FIRST_OPEN_MS : this.#openMs * 2);
    this.#openUntil = this.#now() + Math.max(this.#openMs, Math.min(retryAfter, LONGEST_OPEN_MS));
    this.#cap = 1;
    // The one that tries it next opens it again at once.
    this.#failures = TO_OPEN - 1;
  }
}
