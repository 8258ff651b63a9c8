import type { Exchange, HttpRequest, HttpResponse } from './exchange.ts';
import type { Json, JsonObject } from './json.ts';

export type MaybePromise<T> = T | Promise<T>;

/** Structured logging, as pino offers it: facts first, then the sentence. */
export interface Logger {
  debug(facts: object, message?: string): void;
  info(facts: object, message?: string): void;
  warn(facts: object, message?: string): void;
  error(facts: object, message?: string): void;
}

/** One named key-to-JSON store. Writes are seen at once by later reads and stored with the batch in hand. */
export interface Storage {
  get(key: string): MaybePromise<Json | undefined>;
  /** `ttl` in milliseconds; without one the storage's own applies. */
  set(key: string, value: Json, options?: { readonly ttl?: number }): MaybePromise<void>;
  delete(key: string): MaybePromise<void>;
  /** At most `limit` entries in the order of their keys, those after a key; what was written but not stored yet included. */
  entries(page: { readonly after?: string; readonly limit: number }): MaybePromise<readonly StorageEntry[]>;
}

export interface StorageEntry {
  readonly key: string;
  readonly value: Json;
}

/** The storages that the project declares. Asking for another one is an error. */
export interface Storages {
  get(name: string): Storage;
}

/** What an entity is known by: one task per route and key is open at a time. */
export interface EntityIdentity {
  readonly type: string;
  readonly id: string;
}

/** What `@{…}` and `{"context": …}` can read at this place. */
export interface Context {
  readonly run: { readonly id: string; readonly startedAt: string };
  readonly entity?: EntityIdentity;
  readonly task?: { readonly id: string };
  readonly attempt?: number;
  readonly parameters?: JsonObject;
}

/** What a component is given for one run. */
export interface RunContext {
  /** Run id; stands on every log line and every task of the run. */
  readonly id: string;
  /** Pass it to every request. Aborted: finish the batch in hand, start no other. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly storages: Storages;
  readonly context: Context;
  /** Says something to a person who waits for the run, such as how long it will take. What must be kept goes to `log`. */
  readonly note?: (text: string) => void;
  /** Who a record is, by the `entity` of the incoming or route; undefined where it has no identifier (yet). */
  readonly identify?: (data: JsonObject) => EntityIdentity | undefined;
  /** True where a record that failed before is taken through its chain again because somebody asked for it. */
  readonly replay?: boolean;
  /** Told what each transformer was given and made, where somebody wants to see it: `transform`, `plan`, `test`. */
  readonly trace?: Trace;
}

/** Follows a record through a chain of transformers. */
export interface Trace {
  /** A step begins: its index in its chain, its name, its record. */
  step(place: StepPlace, data: JsonObject): StepTrace;
}

export interface StepPlace {
  /** The option that holds the chain: `transformers`, `then`, `cases[0].then`; for a saved one its id. */
  readonly chain: string;
  readonly index: number;
  readonly name: string;
}

export interface StepTrace {
  /** For the chains inside this step. */
  readonly inner: Trace;
  made(entities: readonly JsonObject[]): void;
  failed(error: Error): void;
}

/** What requests want to go out now, under a limit of so many in a time. */
export interface TrafficRequest {
  readonly requests: number;
  readonly windowMs: number;
  /** How many of each kind wait. */
  readonly publish: number;
  readonly poll: number;
  /** Grants of which all requests are answered by now, and how many milliseconds ago the last of them was. */
  readonly answered: readonly { readonly grant: number; readonly ago: number }[];
}

/** What may go now. */
export interface TrafficGrant {
  readonly publish: number;
  readonly poll: number;
  /** Names it in `answered`. */
  readonly grant: number;
  readonly waitMs: number;
}

/** What a client's HTTP shares with the other processes on the store, and tells whoever watches it. */
export interface Traffic {
  /**
   * How many of each kind may go now, as one grant, and milliseconds until more may. Publishing goes first. A request
   * counts until the window is over after its answer: only then is it certain when the other side counted it.
   */
  take(request: TrafficRequest): Promise<TrafficGrant>;
  /** Told of every answer; without a status where there was none. */
  answered?(sample: {
    readonly method: string;
    readonly status?: number;
    readonly milliseconds: number;
  }): void;
}

/** A connection to one system: address, authentication, pacing, retries. Shared by all that use it. */
export interface Client {
  /** The cheapest call that proves address and credentials. Rejects with a `client.*` error. */
  ping(signal: AbortSignal): Promise<void>;
  /**
   * Any call below the client's address, with its authentication, pacing and retries: what the transformer `request`
   * uses. Resolves with an answer of 2xx, rejects with a `client.*` error. A client without HTTP has none.
   */
  request?(request: HttpRequest): Promise<HttpResponse>;
  /** Gives back what the client opened. Called once, last. */
  close?(): Promise<void>;
}

export interface Batch<Position extends Json = Json> {
  readonly entities: readonly JsonObject[];
  /** Where a run goes on after this batch if it dies; stored with the batch's tasks. */
  readonly position?: Position;
  /** How many records the source says there are in all. */
  readonly total?: number;
  /**
   * Records that were read and are not handed on: known from the last run, or gone before their details could be
   * fetched. The books count them as read and dropped.
   */
  readonly dropped?: number;
}

/** Where to begin: the cursor of the last finished run, the position of one that died. */
export interface ReadFrom<Cursor extends Json = Json, Position extends Json = Json> {
  readonly cursor?: Cursor;
  readonly position?: Position;
}

/** Reads records from a system, batch by batch. */
export interface Subscriber<Cursor extends Json = Json, Position extends Json = Json> {
  /**
   * Being asked for the next batch is the acknowledgement of the last: it is stored by then. The RETURN value
   * is the next run's cursor; `undefined` leaves it as it is. `finally` blocks run on success, failure and
   * abort alike. Throws `client.*` errors; never yields a batch that was read only in part. `source.incomplete`,
   * thrown when all is read that can be, says what is missing: the run ends `unbalanced`.
   */
  read(
    from: ReadFrom<Cursor, Position>,
    run: RunContext,
  ): AsyncGenerator<Batch<Position>, Cursor | undefined>;
}

/** One entity on its way out. */
export interface Message {
  readonly data: JsonObject;
  readonly entity: EntityIdentity;
  /** The same in every attempt of a task: an idempotency key. */
  readonly taskId: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The run that made the task. */
  readonly runId: string;
}

/**
 * What became of a message.
 * - `delivered`: the system has it. `waiting`: it has it, and must confirm. `skipped`: nothing was to be sent.
 * - `rejected`: the record is not valid and never will be. `failed`: it cannot go out until somebody acts.
 * - `retry`: certainly not processed; may go out later. `unknown`: it may or may not have been processed.
 */
export type Outcome =
  | {
      readonly status: 'delivered' | 'waiting' | 'skipped';
      readonly response?: Json;
      readonly exchange?: Exchange;
      /** Stored in one transaction with the delivery; of no use with `skipped`. */
      readonly remember?: readonly StorageChange[];
    }
  | {
      readonly status: 'failed' | 'rejected' | 'retry' | 'unknown';
      readonly error: Error;
      readonly exchange?: Exchange;
    };

/** An entry of a storage that a delivery writes; without a value it deletes it. */
export interface StorageChange {
  readonly storage: string;
  readonly key: string;
  readonly value?: Json;
}

/**
 * What an attempt before came to. `absent`: nothing, or nothing that sending it again would double. An outcome is stored as
 * that of the attempt.
 */
export type Verdict =
  | 'delivered'
  | 'absent'
  | 'unknown'
  | Extract<Outcome, { readonly status: 'delivered' | 'waiting' | 'skipped' }>;

/** Sends records to a system. */
export interface Publisher {
  /** One outcome per message, in the same order. A throw, or a wrong count, makes all of them `unknown`. */
  publish(messages: readonly Message[], run: RunContext): Promise<readonly Outcome[]>;
  /** Asked after an unknown outcome, before anything is sent again. */
  verify?(message: Message, run: RunContext): Promise<Verdict>;
}

/** Turns one record into none (`[]` drops it), one or several. Throwing fails that record only. */
export interface Transformer {
  transform(data: JsonObject, run: RunContext): MaybePromise<JsonObject | readonly JsonObject[]>;
}
