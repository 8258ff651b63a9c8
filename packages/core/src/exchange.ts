import type { Json } from './json.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A request and its answer as the task's history keeps them, secrets already masked. */
export interface Exchange {
  readonly request: { readonly method: string; readonly url: string; readonly body?: Json };
  readonly response?: { readonly status: number; readonly body?: Json };
}

/** A body that is made while it is sent, so that it never stands in memory whole. */
export interface BodyStream {
  /** Bytes, as they will be sent: a stream that comes to another number breaks the request. */
  readonly length: number;
  readonly type: string;
  /** Called once for each time that the request goes out. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** One HTTP call, below a client's address. */
export interface HttpRequest {
  readonly method: Method;
  /**
   * Below the client's address, without leading slash; already encoded, and with a query string if it has one. An absolute
   * address, as a system gives it for its next page, is taken where it leads below the client's: `client.foreign_link`.
   */
  readonly path: string;
  /** Null and undefined are left out, lists joined with commas unless the client says otherwise. */
  readonly query?: Readonly<Record<string, Json | undefined>>;
  /** Sent as JSON. */
  readonly json?: Json;
  /** Sent in place of `json`, which is what histories, tests and plans are shown. */
  readonly stream?: BodyStream;
  /** The answer is a file: its body becomes the base64 of its bytes, and no history keeps it. At most so many bytes. */
  readonly file?: { readonly maxBytes: number };
  /** Sent form-encoded. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as it stands; say what it is by a header `content-type`. */
  readonly text?: string;
  /** Further statuses that resolve, beside 2xx. */
  readonly expect?: readonly number[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Parsed where it is JSON, else the text; undefined where there is none. */
  readonly body: Json | undefined;
  readonly exchange: Exchange;
}
