import { createHash } from 'node:crypto';
import {
  type Compiler,
  compileRequest,
  type Json,
  type JsonObject,
  type Message,
  MillraceError,
  type Outcome,
  type Predicate,
  type RunContext,
  toMillraceError,
} from '@millrace/core';
import { cap, describeBody, exchangeOf, type HttpResponse, type Method } from '@millrace/core/http';
import { type Bundle, bundled, compileBundle, type Ready } from './bundle.ts';
import type { HttpApi } from './client.ts';
import type { PublisherSettings } from './publisher-options.ts';
import { meaningOf, outcomeOf } from './statuses.ts';

/** Sends messages, each by its own request or several by one, and says what became of each. */
export class Sender {
  readonly #options: PublisherSettings;
  readonly #method: Method;
  readonly #api: HttpApi;
  readonly #prepare: ReturnType<typeof compileRequest>;
  readonly #refused: Predicate | undefined;
  readonly #bundle: Bundle | undefined;

  constructor(options: PublisherSettings, api: HttpApi, compile: Compiler) {
    this.#options = options;
    this.#method = options.method.toUpperCase() as Method;
    this.#api = api;
    const { body = this.#method === 'DELETE' ? undefined : '&{@}' } = options;
    this.#prepare = compileRequest({ ...options, ...(body !== undefined && { body }) }, compile);
    this.#refused = options.refusedWhen === undefined ? undefined : compile.condition(options.refusedWhen);
    this.#bundle = options.bundle && compileBundle(options.bundle);
  }

  async publish(messages: readonly Message[], run: RunContext): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    const requests = messages.map((message, place) => {
      const made = this.#ready(message, run);
      if ('request' in made) return made;
      outcomes[place] = made;
      return undefined;
    });
    const groups = this.#bundle
      ? bundled(requests)
      : requests.flatMap((one, place) => (one ? [[place]] : []));
    await Promise.all(
      groups.map(async (places) => {
        const made = await this.#send(
          places.flatMap((place) => requests[place] ?? []),
          run,
        );
        for (const [index, outcome] of made.entries()) outcomes[places[index] ?? 0] = outcome;
      }),
    );
    return outcomes;
  }

  /** The request of a message, or the outcome where none can be made: nothing was sent then. */
  #ready({ data, entity, taskId, attempt }: Message, run: RunContext): Ready | Outcome {
    try {
      const context = { ...run.context, entity, task: { id: taskId }, attempt };
      const request = this.#prepare(data, context);
      if (this.#needsBody() && request.json === undefined && request.text === undefined) {
        throw new MillraceError('request.missing_payload', `${this.#method} ${request.path} needs a body`, {
          hint: 'Say where it is: body: "&{…}"; body: null sends none.',
        });
      }
      return { request, taskId };
    } catch (thrown) {
      const error = toMillraceError(thrown, 'value.failed');
      return { status: error.code.startsWith('request.') ? 'rejected' : 'failed', error };
    }
  }

  #needsBody(): boolean {
    const { body } = this.#options;
    return body === undefined ? this.#method !== 'DELETE' : body !== null;
  }

  /** Sends one request for all of these; what it comes to is what they come to. */
  async #send(ready: readonly Ready[], run: RunContext): Promise<readonly Outcome[]> {
    const [first] = ready;
    if (!first) return [];
    const { idempotencyKey, statuses } = this.#options;
    const key = idempotencyKey === undefined ? {} : { [idempotencyKey]: keyOf(ready) };
    const json = this.#bundle ? { json: this.#bundle(ready.map((one) => one.request.json ?? null)) } : {};
    try {
      const headers = { ...first.request.headers, ...key };
      const request = { ...first.request, ...json, headers, method: this.#method, signal: run.signal };
      const response = await this.#api.request(request);
      return ready.map((_, index) => this.#answered(response, index, ready.length, run));
    } catch (thrown) {
      const error = toMillraceError(thrown, 'client.interrupted');
      const outcome = outcomeOf(error, this.#method, statuses, exchangeOf(thrown));
      return ready.map(() => outcome);
    }
  }

  #answered(response: HttpResponse, index: number, count: number, run: RunContext): Outcome {
    const { status, headers, body = null, exchange } = response;
    const answer = { status, headers: headers as JsonObject, body };
    const refused = this.#refused?.(answer, run.context) === true;
    const meaning = refused ? 'rejected' : (meaningOf(this.#options.statuses, status) ?? 'delivered');
    if (meaning === 'delivered' || meaning === 'waiting' || meaning === 'skipped') {
      const own = answerOf(exchange.response?.body, index, count);
      return { status: meaning, exchange, ...(own !== undefined && { response: cap(own) }) };
    }
    const what = `${exchange.request.method} ${withoutQuery(exchange.request.url)} answered ${status}`;
    const message = `${what}: ${describeBody(exchange.response?.body)}`;
    const code = meaning === 'rejected' ? 'entity.rejected' : 'client.refused';
    return { status: meaning, exchange, error: new MillraceError(code, message, { status }) };
  }
}

function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** One task's own id; of several, what only they have together. */
function keyOf(ready: readonly Ready[]): string {
  const [only, ...others] = ready.map((one) => one.taskId).sort();
  if (others.length === 0) return only ?? '';
  return createHash('sha256')
    .update([only, ...others].join('\n'))
    .digest('hex');
}

/** What the system says of one of several: its member of a list of as many, else the whole answer. */
function answerOf(body: Json | undefined, index: number, count: number): Json | undefined {
  if (count > 1 && Array.isArray(body) && body.length === count) return (body as readonly Json[])[index];
  return body;
}
