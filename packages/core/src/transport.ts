import type { MaybePromise } from './contracts.ts';
import type { Method } from './exchange.ts';
import type { Json } from './json.ts';

/** A request of a client, as it is about to go out; it has not signed in yet. */
export interface TransportRequest {
  readonly method: Method;
  /** With its query. */
  readonly url: string;
  /** Below the client's address, without a query, as the component named it. */
  readonly path: string;
  /** What is sent: JSON, or the fields of a form. */
  readonly body?: Json;
  readonly headers: Readonly<Record<string, string>>;
  /** The signal that the request is sent with: it tells who asks. */
  readonly signal: AbortSignal;
}

/** What a system answers; default status 200. A text that is no JSON is a body of text. */
export interface TransportAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
}

/**
 * Stands between a client and the network, where a test or a preview must not send. A client hands it to `createHttp`
 * as it does `traffic`.
 */
export interface Transport {
  /** Answers a request in its place; undefined: it goes out. Rejects where it must not be sent. */
  answer(request: TransportRequest): MaybePromise<TransportAnswer | undefined>;
  /** Told what came over the network for a request that was let out; not where no answer came. */
  received?(request: TransportRequest, answer: TransportAnswer): void;
  /** Told by `createHttp` that the requests of the client come here. */
  attached(): void;
}

/** True for a request that asks for a token, as OAuth2 has it: no request of anybody's data. */
export function asksForToken({ body, headers }: Pick<TransportRequest, 'body' | 'headers'>): boolean {
  const form = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  return form && typeof body === 'object' && body !== null && 'grant_type' in body;
}
