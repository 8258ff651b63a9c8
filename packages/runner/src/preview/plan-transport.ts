import {
  asksForToken,
  type Json,
  MillraceError,
  type Transport,
  type TransportAnswer,
  type TransportRequest,
} from '@millrace/core';

/** A request that would be sent. */
export interface PlannedRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: Json;
}

/** Who asks with a signal: a subscriber reads, chains may ask about records, a publisher sends. */
export interface PlanSignals {
  readonly chains: AbortSignal;
  readonly publishing: AbortSignal;
}

/** What a client was asked for, by whom. */
export interface PlanCalls {
  reading: number;
  chains: number;
  publishing: number;
}

/** Told what came for the requests of chains and publishers. */
export type PlanReceived = (request: TransportRequest, answer: TransportAnswer) => void;

export interface PlanTransportOptions {
  readonly signals: PlanSignals;
  readonly captured: (request: PlannedRequest) => void;
  /** Requests for tokens that are on their way: the guard of the network lets them through. */
  readonly tokens: Set<string>;
  readonly received?: PlanReceived;
}

/**
 * The transport of one client in a plan. What reads goes out. What a publisher sends is written down and answered with
 * an empty 200; what a chain would send is refused.
 */
export class PlanTransport implements Transport {
  readonly calls: PlanCalls = { reading: 0, chains: 0, publishing: 0 };
  readonly #signals: PlanSignals;
  readonly #captured: (request: PlannedRequest) => void;
  readonly #tokens: Set<string>;
  readonly #received: PlanReceived | undefined;
  #attached = false;

  constructor(options: PlanTransportOptions) {
    this.#signals = options.signals;
    this.#captured = options.captured;
    this.#tokens = options.tokens;
    this.#received = options.received;
  }

  received(request: TransportRequest, answer: TransportAnswer): void {
    if (!asksForToken(request) && this.#who(request.signal) !== 'reading') this.#received?.(request, answer);
  }

  /** Whether the client hands its requests over at all. */
  get isAttached(): boolean {
    return this.#attached;
  }

  attached(): void {
    this.#attached = true;
  }

  answer(request: TransportRequest): TransportAnswer | undefined {
    const { method, url, body, signal } = request;
    if (asksForToken(request)) {
      this.#tokens.add(`${method} ${url}`);
      return undefined;
    }
    const who = this.#who(signal);
    this.calls[who]++;
    if (method === 'GET' || who === 'reading') return undefined;
    if (who === 'publishing') {
      this.#captured({ method, url, ...(body !== undefined && { body }) });
      return { status: 200, body: {} };
    }
    throw new MillraceError('client.withheld', `${method} ${url} was not sent: a plan only reads`, {
      hint: 'What depends on its answer cannot be planned; test it with a recorded one.',
    });
  }

  #who(signal: AbortSignal): keyof PlanCalls {
    if (signal === this.#signals.publishing) return 'publishing';
    return signal === this.#signals.chains ? 'chains' : 'reading';
  }
}
