import type { Traffic, TrafficRequest } from '@millrace/core';
import type { Clock } from '../store/clock.ts';
import type { Store } from '../store/store.ts';

/** Told of every answer of every client. */
export type AnswerListener = (
  client: string,
  method: string,
  status: number | undefined,
  seconds: number,
) => void;

/** The traffic of the clients: their limits, shared through the store, and what is measured of them. */
export class ClientTraffic {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #left = new Map<string, number>();
  #listener: AnswerListener | undefined;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  of(client: string): Traffic {
    return {
      take: (request) => this.#take(client, request),
      answered: ({ method, status, milliseconds }) =>
        this.#listener?.(client, method, status, milliseconds / 1000),
    };
  }

  listen(listener: AnswerListener): void {
    this.#listener = listener;
  }

  async #take(client: string, request: TrafficRequest) {
    const now = this.#clock.now();
    const answered = request.answered.map(({ grant, ago }) => ({ grant, at: now - Math.round(ago) }));
    const { publish, poll, grant, nextAt, left } = await this.#store.pace({
      ...request,
      client,
      now,
      answered,
    });
    this.#left.set(client, left);
    return { publish, poll, grant, waitMs: Math.max(0, nextAt - now) };
  }

  /** What was left of each limit when it was last asked. */
  left(): ReadonlyMap<string, number> {
    return this.#left;
  }
}
