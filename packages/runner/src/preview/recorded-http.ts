import {
  asksForToken,
  MillraceError,
  type Transport,
  type TransportAnswer,
  type TransportRequest,
} from '@millrace/core';
import type { RecordedCall } from '../config/test-file.ts';
import { matches, type SentRequest, sentRequest } from './request-match.ts';

/**
 * Answers the requests of all clients with what was recorded. Of the answers that match, each is given once, in
 * order, and the last of them again and again. Signing in is answered by itself.
 */
export class RecordedHttp {
  readonly #calls: readonly RecordedCall[];
  readonly #used = new Set<RecordedCall>();
  /** What a publisher sends with one of these signals is told apart, and taken where nothing is recorded for it. */
  readonly #publishing: (signal: AbortSignal) => boolean;
  readonly #published: SentRequest[] = [];
  readonly #unrecorded: SentRequest[] = [];

  constructor(calls: readonly RecordedCall[], publishing: (signal: AbortSignal) => boolean = () => false) {
    this.#calls = calls;
    this.#publishing = publishing;
  }

  /** What publishers sent, in order. */
  get published(): readonly SentRequest[] {
    return this.#published;
  }

  /** Calls that found no answer. */
  get unrecorded(): readonly SentRequest[] {
    return this.#unrecorded;
  }

  /** Recorded answers that no call asked for. */
  get unused(): readonly RecordedCall[] {
    return this.#calls.filter((call) => !this.#used.has(call));
  }

  readonly transport: Transport = {
    attached: () => {},
    answer: (request) => this.#answer(request),
  };

  #answer(request: TransportRequest): TransportAnswer {
    const sent = sentRequest(request);
    const publishing = this.#publishing(request.signal);
    const recorded = this.#find(sent);
    if (!recorded && asksForToken(request)) return TOKEN;
    if (publishing) this.#published.push(sent);
    if (recorded) return recorded.response;
    if (publishing && sent.method !== 'GET') return { status: 200, body: {} };
    this.#unrecorded.push(sent);
    throw new MillraceError('client.unrecorded', `${describe(sent)} has no recorded answer`, {
      hint: `Record one: - { request: { method: ${sent.method}, path: /${sent.path} }, response: { body: … } }`,
    });
  }

  #find(sent: SentRequest): RecordedCall | undefined {
    const fitting = this.#calls.filter(({ request }) => matches(request, sent));
    const call = fitting.find((one) => !this.#used.has(one)) ?? fitting.at(-1);
    if (call) this.#used.add(call);
    return call;
  }
}

const TOKEN: TransportAnswer = {
  body: { access_token: 'test-token', token_type: 'Bearer', expires_in: 3600 },
};

/** `GET /api/Client/3?count=5` */
export function describe({ method, path, query }: SentRequest): string {
  const text = Object.entries(query)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return `${method} /${path}${text === '' ? '' : `?${text}`}`;
}
