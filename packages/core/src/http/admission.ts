import type { Traffic } from '../contracts.ts';
import type { Breaker } from './breaker.ts';
import { type Limit, OwnTraffic } from './limit.ts';
import { SlowDown } from './slow-down.ts';

export type RequestKind = 'publish' | 'poll';

/** What a request goes under; to be given back when its answer is in. */
export interface Place {
  readonly grant: number;
  /** Requests of the grant that are not answered. */
  open: number;
}

interface Waiting {
  readonly go: (place: Place) => void;
  readonly fail: (reason: unknown) => void;
}

export interface AdmissionOptions {
  /** Requests in flight at a time. */
  readonly concurrency: number;
  readonly limit?: Limit;
  readonly traffic?: Traffic;
  readonly breaker: Breaker;
}

const UNLIMITED: Place = { grant: 0, open: 0 };

/** How long a request that found no room waits at most before it asks again: others may have left some. */
const LONGEST_WAIT_MS = 1_000;

/**
 * Where every request of a client has its turn: as many as may be in flight, within the limit, publishing before
 * polling. A request counts when it leaves: nothing holds a place in flight while it waits for the limit.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #traffic: Traffic;
  readonly #slowDown: SlowDown;
  readonly #waiting: Readonly<Record<RequestKind, Waiting[]>> = { publish: [], poll: [] };
  #inFlight = 0;
  #answered: { readonly grant: number; readonly at: number }[] = [];
  #pumping = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#traffic = options.traffic ?? new OwnTraffic();
    this.#slowDown = new SlowDown(options.limit === undefined);
  }

  /** Resolves when the request may go. Call {@link leave} when its answer is in. */
  enter(kind: RequestKind, signal: AbortSignal): Promise<Place> | Place {
    if (this.#isFree()) {
      this.#inFlight++;
      this.#slowDown.sent();
      return UNLIMITED;
    }
    return new Promise<Place>((resolve, reject) => {
      const abort = () => {
        const list = this.#waiting[kind];
        const at = list.indexOf(waiting);
        if (at >= 0) list.splice(at, 1);
        reject(signal.reason);
      };
      const settle = () => signal.removeEventListener('abort', abort);
      const waiting: Waiting = {
        go: (place) => {
          settle();
          resolve(place);
        },
        fail: (reason) => {
          settle();
          reject(reason);
        },
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting[kind].push(waiting);
      void this.#pump();
    });
  }

  leave(place: Place): void {
    this.#inFlight--;
    if (place !== UNLIMITED && --place.open === 0)
      this.#answered.push({ grant: place.grant, at: performance.now() });
    if (this.#queued > 0) void this.#pump();
  }

  /** Told of a 429, or of a header that says that nothing is left: nothing goes for so many milliseconds. */
  hold(milliseconds: number | undefined): void {
    this.#slowDown.refused(milliseconds);
  }

  get #queued(): number {
    return this.#waiting.publish.length + this.#waiting.poll.length;
  }

  get #room(): number {
    return Math.min(this.#options.concurrency, this.#options.breaker.cap) - this.#inFlight;
  }

  #isFree(): boolean {
    return !this.#options.limit && this.#queued === 0 && this.#room > 0 && this.#slowDown.waitMs === 0;
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#queued > 0 && this.#room > 0) {
        const wait = this.#slowDown.waitMs || (await this.#admit());
        if (wait > 0) {
          this.#again(wait);
          return;
        }
      }
    } catch (error) {
      for (const one of [...this.#waiting.publish.splice(0), ...this.#waiting.poll.splice(0)])
        one.fail(error);
    } finally {
      this.#pumping = false;
    }
  }

  /** Lets go what may; returns the milliseconds to wait where nothing could. */
  async #admit(): Promise<number> {
    const { limit } = this.#options;
    const room = this.#slowDown.isOn ? 1 : this.#room;
    const publish = Math.min(room, this.#waiting.publish.length);
    const poll = Math.min(room - publish, this.#waiting.poll.length);
    if (!limit) {
      this.#go('publish', publish, UNLIMITED);
      this.#go('poll', poll, UNLIMITED);
      return 0;
    }
    const now = performance.now();
    const answered = this.#answered.splice(0).map(({ grant, at }) => ({ grant, ago: now - at }));
    const taken = await this.#traffic.take({ ...limit, publish, poll, answered });
    const place = { grant: taken.grant, open: taken.publish + taken.poll };
    // Some may have given up meanwhile.
    place.open -= taken.publish - this.#go('publish', taken.publish, place);
    place.open -= taken.poll - this.#go('poll', taken.poll, place);
    return taken.publish + taken.poll > 0 ? 0 : Math.max(5, taken.waitMs);
  }

  /** Returns how many went. */
  #go(kind: RequestKind, count: number, place: Place): number {
    const going = this.#waiting[kind].splice(0, count);
    for (const one of going) {
      this.#inFlight++;
      this.#slowDown.sent();
      one.go(place);
    }
    return going.length;
  }

  #again(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#pump(), Math.min(milliseconds, LONGEST_WAIT_MS));
  }
}
