import {
  canonicalJson,
  type Exchange,
  isObject,
  type Json,
  type JsonObject,
  MillraceError,
  type Outcome,
  toMillraceError,
} from '@millrace/core';
import { cap, exchangeOf, failedOutcome, type HttpRequest } from '@millrace/core/http';
import type { Operation } from '../catalogue/index.ts';
import type { HaloClient } from '../client.ts';
import { type Draft, unsent } from './draft.ts';
import type { FileSource } from './file-source.ts';
import { bodyOf, byElement, type FieldFault, fieldFaults, refusal } from './refusal.ts';
import type { Addressed } from './target.ts';

/** What became of one message, with the record that Halo answered for it, where it did. */
export interface Sent {
  readonly outcome: Outcome;
  readonly record?: JsonObject;
}

/** Told once for each message, as soon as it is known. */
export type Tell = (one: Addressed, sent: Sent) => void;

export interface SenderOptions {
  readonly halo: HaloClient;
  readonly operation: Operation;
  readonly files: FileSource | undefined;
  /** Asked again before elements are sent again that a refused array held: it may be there now. */
  readonly again: (draft: Draft) => Promise<Addressed | Outcome>;
}

/** Sends requests, as few as the operation allows. */
export class Sender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Those that differ in nothing but an element of their array go out as one. */
  async send(all: readonly Addressed[], signal: AbortSignal, tell: Tell): Promise<void> {
    const { files } = this.#options;
    if (!files) await Promise.all(groups(all).map((group) => this.#send(group, signal, tell)));
    else await Promise.all(all.map((one) => files.inTurn(() => this.#send([one], signal, tell))));
  }

  async #send(group: readonly Addressed[], signal: AbortSignal, tell: Tell): Promise<void> {
    const [first] = group;
    if (!first) return;
    let request: Omit<HttpRequest, 'signal'>;
    try {
      request = await this.#request(group);
    } catch (thrown) {
      // A file cannot be read: nothing was sent.
      for (const one of group) tell(one, { outcome: unsent(toMillraceError(thrown), signal) });
      return;
    }
    try {
      const { status, headers, body, exchange } = await this.#options.halo.request({ ...request, signal });
      if (typeof body === 'string' && String(headers['content-type']).includes('html')) {
        const message = `${request.method} ${request.path} answered ${status} with a page for people`;
        const error = new MillraceError('client.unreadable', message, { status });
        for (const one of group) tell(one, { outcome: { status: 'unknown', error, exchange } });
        return;
      }
      for (const [index, one] of group.entries())
        tell(one, delivered(answerOf(body, index, group.length), exchange));
    } catch (thrown) {
      const error = toMillraceError(thrown);
      const exchange = exchangeOf(thrown) ?? exchangeOf(error.cause);
      // A file that became shorter meanwhile leaves no whole request behind.
      const outcome = error.code.startsWith('file.')
        ? unsent(error, signal)
        : failedOutcome(error, this.#options.operation.method, exchange);
      if (outcome.status === 'rejected') await this.#refused(group, error, exchange, signal, tell);
      else for (const one of group) tell(one, { outcome });
    }
  }

  async #request(group: readonly Addressed[]): Promise<Omit<HttpRequest, 'signal'>> {
    const [first] = group as [Addressed];
    const { member, ...request } = first.request;
    const { files } = this.#options;
    if (files) {
      const as = { inArray: member !== undefined, inParts: this.#options.operation.body === 'multipart' };
      const filled = await files.fill(first.draft, member ?? request.json ?? null, as);
      return { ...request, ...filled };
    }
    const json = member === undefined ? {} : { json: group.map((one) => one.request.member ?? null) };
    // Else several are answered with the last of them alone.
    return { ...request, ...json, ...(group.length > 1 && { query: { returnall: true, ...request.query } }) };
  }

  /** An array is refused whole for one bad element. */
  async #refused(
    group: readonly Addressed[],
    error: MillraceError,
    exchange: Exchange | undefined,
    signal: AbortSignal,
    tell: Tell,
  ): Promise<void> {
    const faults = fieldFaults(bodyOf(error));
    const reject = (one: Addressed, index: number) => {
      const own = faultsOf(one, index, faults);
      const refused = refusal(error, own, one.draft.payload);
      tell(one, { outcome: { status: 'rejected', error: refused, ...(exchange && { exchange }) } });
    };
    const [only] = group;
    if (only && group.length === 1) return reject(only, 0);
    const bad = byElement(faults, group.length);
    if (bad) {
      // It could not even be read: certainly nothing of it was done, and the others go out without the bad ones.
      for (const index of bad.keys()) reject(group[index] as Addressed, index);
      return this.#send(
        group.filter((_, index) => !bad.has(index)),
        signal,
        tell,
      );
    }
    const middle = Math.ceil(group.length / 2);
    // One after the other: they may be about things of one another.
    for (const half of [group.slice(0, middle), group.slice(middle)]) await this.#anew(half, signal, tell);
  }

  async #anew(group: readonly Addressed[], signal: AbortSignal, tell: Tell): Promise<void> {
    const again = await Promise.all(group.map((one) => this.#options.again(one.draft)));
    const open = again.flatMap((one, index) => {
      if ('request' in one) return [one];
      tell(group[index] as Addressed, { outcome: one });
      return [];
    });
    await this.send(open, signal, tell);
  }
}

/** The faults of one message; where its payload is a list by itself, each is led by the place in it. */
function faultsOf(
  { request }: Addressed,
  index: number,
  faults: readonly FieldFault[],
): readonly FieldFault[] {
  if (request.member !== undefined) return faults.filter(({ element = index }) => element === index);
  return faults.map(({ element, path, ...fault }) => ({
    ...fault,
    path: element === undefined || !Array.isArray(request.json) ? path : [String(element), ...path],
  }));
}

function groups(all: readonly Addressed[]): readonly (readonly Addressed[])[] {
  const together = new Map<string, Addressed[]>();
  for (const [place, one] of all.entries()) {
    const { member, path, query } = one.request;
    const key = `${member === undefined ? `${place}:` : ''}${path}?${canonicalJson(query)}`;
    together.set(key, [...(together.get(key) ?? []), one]);
  }
  return [...together.values()];
}

function delivered(answer: Json | undefined, exchange: Exchange): Sent {
  const record = recordOf(answer);
  return {
    outcome: { status: 'delivered', exchange, ...(answer !== undefined && { response: cap(answer) }) },
    ...(record && { record }),
  };
}

/** One record is answered as itself, or as a list of one. */
function recordOf(answer: Json | undefined): JsonObject | undefined {
  const one = Array.isArray(answer) && answer.length === 1 ? (answer as readonly Json[])[0] : answer;
  return isObject(one) ? one : undefined;
}

/** What Halo says of one of several: all of them, or only the last. */
function answerOf(body: Json | undefined, index: number, count: number): Json | undefined {
  if (count === 1) return body;
  if (Array.isArray(body) && body.length === count) return (body as readonly Json[])[index];
  return index === count - 1 ? body : undefined;
}
