import { estimate } from './estimate.ts';
import type { Page } from './list-reader.ts';
import type { Reading } from './reading.ts';

/**
 * After so many answers it is known how long a page takes: the first have waited for a token, a connection, and a list
 * that nobody had asked for before.
 */
const ANSWERS = 4;

/** Says how long the read of the outermost list will take, if that is long. */
export class Announcement {
  readonly #reading: Reading;
  #isMade: boolean;
  #answers = 0;
  #answeredAt: number | undefined;
  /** Milliseconds from one answer to the next, what comes of it being stored between them: the fastest so far. */
  #cycle = Number.POSITIVE_INFINITY;

  constructor(reading: Reading, isMade: boolean) {
    this.#reading = reading;
    this.#isMade = isMade;
  }

  /** Told of every page of the list. */
  answered(page: Page): void {
    if (this.#isMade) return;
    const now = performance.now();
    if (this.#answeredAt !== undefined) this.#cycle = Math.min(this.#cycle, now - this.#answeredAt);
    this.#answeredAt = now;
    this.#answers++;
    // Where records lead to further requests, the second page would come too late.
    const { levels, details } = this.#reading;
    if (levels.length > 1 || details) this.#make(page, page.listed.took);
    else if (this.#answers === ANSWERS) this.#make(page, this.#cycle);
  }

  #make({ state }: Page, each: number): void {
    this.#isMade = true;
    const { halo, levels, details, run } = this.#reading;
    const records = Math.max(state.total, state.handed);
    const pages = state.size > 0 ? Math.ceil(records / state.size) : 0;
    const isParent = levels.length > 1;
    const single = isParent || details ? records : 0;
    const concurrency = levels[0]?.parents?.concurrency ?? details?.concurrency ?? 1;
    const expected = estimate({ records, pages, single, concurrency }, halo.limit, each);
    if (!expected) return;
    const { requests, seconds, text } = expected;
    run.log.info({ records, requests, seconds: Math.round(seconds) }, `a long read: ${text}`);
    run.note?.(isParent ? `${text}, or longer: each has children` : text);
  }
}
