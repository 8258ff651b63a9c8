import {
  type HookAnswer,
  type HookRequest,
  MillraceError,
  type Received,
  type Receiver,
  toMillraceError,
} from '@millrace/core';
import type { CompiledIncoming, CompiledRoute } from '../compile/compile.ts';
import type { Engine } from '../engine.ts';
import type { Backpressure } from '../execution/backpressure.ts';
import { passes } from '../execution/patience.ts';
import type { ReceivingRun, Taken } from '../execution/receiving-run.ts';
import type { RunRecord } from '../store/store.ts';

/** Calls that wait for their turn: more of them are told to come again. */
const MOST_WAITING = 200;
/** How long a look at the tasks that wait, and at the disk, is good for. */
const LOOK_MS = 250;
const COME_AGAIN_MS = 5_000;

const DEFAULT_METHODS = ['POST'];
const DEFAULT_BYTES = 1_048_576;

export interface LaneEvents {
  runEnded(run: RunRecord): void;
  /** Tasks were stored for these routes. */
  stored(routes: readonly CompiledRoute[]): void;
}

/** What a call came to. */
export interface HookResult {
  readonly outcome: 'stored' | 'repeated' | 'empty';
  readonly records: number;
  readonly answer?: HookAnswer;
}

/** Takes the calls of one incoming's webhooks: proves each as it comes, and stores them one after the other, in the order in which they came. */
export class HookLane {
  readonly incoming: CompiledIncoming;
  readonly #receiver: Receiver;
  readonly #engine: Engine;
  readonly #events: LaneEvents;
  readonly #backpressure: Backpressure;
  readonly #abort = new AbortController();
  #run: ReceivingRun;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closing = false;
  #looked: { readonly at: number; readonly reason: string | undefined } | undefined;

  constructor(incoming: CompiledIncoming, engine: Engine, events: LaneEvents) {
    const { receiver } = incoming;
    if (!receiver) throw new MillraceError('internal.bug', `incoming ${incoming.id} receives nothing`);
    this.incoming = incoming;
    this.#receiver = receiver;
    this.#engine = engine;
    this.#events = events;
    this.#backpressure = engine.container.backpressure();
    this.#run = this.#newRun();
  }

  get methods(): readonly string[] {
    return this.#receiver.methods ?? DEFAULT_METHODS;
  }

  get maxBytes(): number {
    return this.#receiver.maxBytes ?? DEFAULT_BYTES;
  }

  /** Throws `hook.busy` where nothing is taken now: before the body is read. */
  admit(): void {
    if (this.#closing) throw busy('The receiver is being stopped or changed', 1_000);
    if (this.#waiting >= MOST_WAITING) throw busy('Too many calls wait for their turn');
  }

  /** Resolves when what came is stored. Rejects with `hook.*` where it is refused, and with whatever else went wrong. */
  async take(request: HookRequest): Promise<HookResult> {
    this.admit();
    const received = await this.#receiver.receive(request, this.#run.context);
    const { answer } = received;
    const told = answer ? { answer } : {};
    if (received.entities.length === 0) return { outcome: 'empty', records: 0, ...told };
    this.admit();
    const taken = await this.#inTurn(() => this.#store(received));
    if (taken === 'repeated') return { outcome: 'repeated', records: 0, ...told };
    this.#events.stored(this.incoming.routes);
    return { outcome: 'stored', records: received.entities.length, ...told };
  }

  /** Takes nothing new, and resolves when what waits is stored and its books are closed. */
  async stop(): Promise<void> {
    this.#closing = true;
    await this.#last;
    await this.#close();
  }

  /** Gives up on what the chains wait for. */
  abort(): void {
    this.#abort.abort(new Error('stopped'));
  }

  #newRun(): ReceivingRun {
    return this.#engine.container.receivingRun(this.incoming, this.#abort.signal);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const turn = this.#last.then(work).finally(() => this.#waiting--);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #store(received: Received): Promise<Taken> {
    await this.#demandRoom();
    if (this.#run.isOver) {
      await this.#close();
      this.#run = this.#newRun();
    }
    try {
      return await this.#run.take(received);
    } catch (error) {
      if (passes(error)) throw busy('It cannot be stored now', COME_AGAIN_MS, error);
      if (!(error instanceof MillraceError) || error.code !== 'run.cancelled') throw error;
      // This process stood still for so long that its leases were given away; nothing of the call was stored.
      this.#run = this.#newRun();
      return this.#run.take(received);
    }
  }

  /** As reading does, receiving pauses while routes hold more tasks than they may, or the disk runs low. */
  async #demandRoom(): Promise<void> {
    const now = this.#engine.clock.now();
    if (!this.#looked || now - this.#looked.at >= LOOK_MS) {
      // A route that nobody works would hold the incoming for ever.
      const worked = this.incoming.routes.filter((one) => one.resource.enabled && one.outgoing.enabled);
      const reason = await this.#backpressure.reason(worked);
      if (reason !== undefined && this.#looked?.reason === undefined)
        this.#engine.logger.warn({ incoming: this.incoming.id, reason }, 'webhooks are told to come again');
      this.#looked = { at: now, reason };
    }
    if (this.#looked.reason !== undefined) throw busy('More waits than may be taken');
  }

  async #close(): Promise<void> {
    try {
      const closed = await this.#run.close();
      if (closed) this.#events.runEnded(closed);
    } catch (thrown) {
      // They are whole, and are closed with the leases of this process.
      const err = toMillraceError(thrown);
      this.#engine.logger.warn({ err, incoming: this.incoming.id }, 'the books of a receiver stay open');
    }
  }
}

function busy(message: string, retryAfter = COME_AGAIN_MS, cause?: unknown): MillraceError {
  return new MillraceError('hook.busy', message, { retryAfter, ...(cause !== undefined && { cause }) });
}
