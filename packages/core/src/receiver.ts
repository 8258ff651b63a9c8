import type { MaybePromise, RunContext } from './contracts.ts';
import type { Json, JsonObject } from './json.ts';

/** One call of another system at `/hooks/INCOMING`. */
export interface HookRequest {
  /** Upper case: `POST`. */
  readonly method: string;
  /** The parameters of the query string; of one that stands there several times, the last. */
  readonly query: Readonly<Record<string, string>>;
  /** By names in lower case; one that stands there several times is joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they came: signatures are made over them. */
  readonly body: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** What the sender is told, where it wants to hear more than that its records are stored. */
export interface HookAnswer {
  /** 200 to 299; 200 where absent. */
  readonly status?: number;
  /** By names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, a text as plain text. */
  readonly body?: Json;
}

/** What came with one call. */
export interface Received {
  readonly entities: readonly JsonObject[];
  readonly answer?: HookAnswer;
  /**
   * What tells this delivery from every other one, where something does: one that was stored before, within that many
   * milliseconds, is answered as the first was, and nothing is made of it.
   */
  readonly delivery?: { readonly id: string; readonly rememberMs: number };
}

/** Takes records that come to us: webhooks. The sender is told 2xx only after the tasks are stored. */
export interface Receiver {
  /** Methods that it answers; the others are refused with 405. Default: POST. */
  readonly methods?: readonly string[];
  /** A body of more bytes is refused with 413, and not read to its end. Default: 1,048,576. */
  readonly maxBytes?: number;
  /**
   * Proves the sender before it looks at anything else, then finds the records. Throws `hook.unauthorized` (401),
   * `hook.unsupported_type` (415), `hook.unreadable` (400): the message goes to the sender, so it tells nothing that only
   * we may know. Called for each request as it comes, also while others are in hand; what is given first is stored first.
   */
  receive(request: HookRequest, run: RunContext): MaybePromise<Received>;
}
