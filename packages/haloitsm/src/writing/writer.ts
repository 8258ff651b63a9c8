import {
  isObject,
  type JsonObject,
  type Message,
  MillraceError,
  type Outcome,
  type Publisher,
  type RunContext,
  toMillraceError,
  type Verdict,
} from '@millrace/core';
import type { HaloClient } from '../client.ts';
import type { Ready } from '../operation-request.ts';
import { type Draft, type MakeDraft, unsent } from './draft.ts';
import type { FileSource } from './file-source.ts';
import { KeyLocks } from './key-locks.ts';
import { saysTheSame } from './same-content.ts';
import { Sender, type Sent } from './sender.ts';
import { type Addressed, type Addressing, address, addressed, namedId } from './target.ts';

export interface WriterOptions extends Addressing {
  readonly halo: HaloClient;
  readonly draft: MakeDraft;
  readonly files: FileSource | undefined;
}

/** Stands for the key of a record whose id is known: nothing has to be looked for. */
const KNOWN = '';

/** All that write through one client look out for each other's natural keys. */
const locks = new WeakMap<HaloClient, KeyLocks>();

/** Sends messages to one operation, each to the record that it means. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #locks: KeyLocks;
  readonly #sender: Sender;

  constructor(options: WriterOptions) {
    this.#options = options;
    const { halo, operation, files } = options;
    this.#locks = locks.get(halo) ?? new KeyLocks();
    locks.set(halo, this.#locks);
    this.#sender = new Sender({ halo, operation, files, again: (draft) => this.#address(draft) });
  }

  /** With `verify` only where a natural key tells what an attempt did. */
  get publisher(): Publisher {
    const publish: Publisher['publish'] = (messages, run) => this.#publish(messages, run);
    if (!this.#options.matcher) return { publish };
    return { publish, verify: (message, run) => this.#verify(message, run) };
  }

  async #publish(messages: readonly Message[], run: RunContext): Promise<readonly Outcome[]> {
    const outcomes = new Map<Message, Outcome>();
    const drafts = await Promise.all(messages.map((message) => this.#draft(message, run)));
    const open: Draft[] = [];
    for (const [index, one] of drafts.entries()) {
      if ('message' in one) open.push(one);
      else outcomes.set(messages[index] as Message, one);
    }
    const tell = (message: Message, outcome: Outcome) => void outcomes.set(message, outcome);
    if (!this.#options.matcher) await this.#send(open, run.signal, tell);
    else await this.#inTurn(open, run.signal, tell);
    return messages.map((message) => outcomes.get(message) ?? lost());
  }

  /** Of one natural key one at a time: the second finds what the first made. */
  async #inTurn(drafts: readonly Draft[], signal: AbortSignal, tell: TellMessage): Promise<void> {
    const rounds: { readonly keys: Set<string>; readonly drafts: Draft[] }[] = [];
    for (const draft of drafts) {
      const key = await this.#lockOf(draft, tell);
      if (key === undefined) continue;
      const round = rounds.find(({ keys }) => !keys.has(key)) ?? { keys: new Set<string>(), drafts: [] };
      if (!rounds.includes(round)) rounds.push(round);
      if (key !== KNOWN) round.keys.add(key);
      round.drafts.push(draft);
    }
    for (const round of rounds)
      await this.#locks.hold([...round.keys], () => this.#send(round.drafts, signal, tell));
  }

  /** Undefined where the message has its outcome already. */
  async #lockOf(draft: Draft, tell: TellMessage): Promise<string | undefined> {
    const { matcher, operation, links } = this.#options;
    try {
      if (namedId(draft, operation) !== undefined || (await links?.target(draft)) !== undefined) return KNOWN;
      return matcher?.lockOf(draft);
    } catch (thrown) {
      tell(draft.message, unsent(toMillraceError(thrown), draft.run.signal));
      return undefined;
    }
  }

  async #send(drafts: readonly Draft[], signal: AbortSignal, tell: TellMessage): Promise<void> {
    const made = await Promise.all(drafts.map((draft) => this.#address(draft)));
    const open: Addressed[] = [];
    for (const [index, one] of made.entries()) {
      if ('request' in one) open.push(one);
      else tell((drafts[index] as Draft).message, one);
    }
    const sent: [Addressed, Sent][] = [];
    await this.#sender.send(open, signal, (one, what) => sent.push([one, what]));
    await Promise.all(
      sent.map(async ([one, what]) => tell(one.draft.message, await this.#linked(one, what))),
    );
  }

  /** A message and the record that it means, or the outcome where nothing is to be sent. */
  async #address(draft: Draft): Promise<Addressed | Outcome> {
    try {
      return await address(draft, this.#options);
    } catch (thrown) {
      return unsent(toMillraceError(thrown, 'client.interrupted'), draft.run.signal);
    }
  }

  async #draft(message: Message, run: RunContext): Promise<Draft | Outcome> {
    try {
      return (await this.#options.draft(message, run)) ?? { status: 'skipped' };
    } catch (thrown) {
      return unsent(toMillraceError(thrown), run.signal);
    }
  }

  /** The outcome of a delivery with the link to be remembered. */
  async #linked(one: Addressed, { outcome, record }: Sent): Promise<Outcome> {
    const { links } = this.#options;
    if (!links) return outcome;
    const error = 'error' in outcome ? toMillraceError(outcome.error) : undefined;
    if (error?.status === 404) return { ...outcome, error: links.gone(error, one.draft) } as Outcome;
    if (outcome.status !== 'delivered') return outcome;
    try {
      const changes = await this.#changes(one, record);
      return changes ? { ...outcome, remember: changes } : outcome;
    } catch (thrown) {
      // It is delivered, whatever comes of the link.
      one.draft.run.log.warn({ err: thrown }, 'a link to the record that was written is not remembered');
      return outcome;
    }
  }

  async #changes(one: Addressed, record: JsonObject | undefined) {
    const { links, matcher, operation } = this.#options;
    if (!links) return undefined;
    const { draft } = one;
    if (operation.method === 'DELETE') return one.id === undefined ? undefined : links.deleted(draft, one.id);
    const found = one.id === undefined && record === undefined ? await matcher?.find(draft) : record;
    const id = one.id ?? found?.['id'];
    if (typeof id !== 'string' && typeof id !== 'number') {
      draft.run.log.warn({}, 'Halo did not answer with the record that it made: its link is not remembered');
      return undefined;
    }
    const sent = contentOf(one.request) ?? {};
    return links.delivered(draft, id, { created: one.id === undefined, record: found ?? {}, sent });
  }

  /**
   * After an attempt whose end is not known. A record that says all that was to be sent has it; any other one is updated,
   * by the publish call that follows, which does no harm where it was before.
   */
  async #verify(message: Message, run: RunContext): Promise<Verdict> {
    const { matcher, links, operation } = this.#options;
    const draft = await this.#draft(message, run);
    if (!matcher || !('message' in draft) || operation.method === 'DELETE') return 'absent';
    if (namedId(draft, operation) !== undefined || (await links?.target(draft)) !== undefined)
      return 'absent';
    const row = await matcher.findLate(draft);
    const id = row?.['id'];
    if (!row || (typeof id !== 'string' && typeof id !== 'number')) return 'absent';
    const one = addressed(draft, id, this.#options);
    const record = await matcher.whole(row, draft);
    const content = contentOf(one.request);
    const arrived = matcher.settings.found === 'skip' || (content && saysTheSame(content, record));
    if (!arrived) return 'absent';
    return (await this.#linked(one, { outcome: { status: 'delivered' }, record })) as Verdict;
  }
}

/** The record that a request sends. */
function contentOf({ member, json }: Ready): JsonObject | undefined {
  const content = member ?? json;
  return isObject(content) ? content : undefined;
}

type TellMessage = (message: Message, outcome: Outcome) => void;

function lost(): Outcome {
  return { status: 'unknown', error: new MillraceError('publisher.outcomes', 'The request had no outcome') };
}
