import { createHash } from 'node:crypto';
import {
  type Compiler,
  canonicalJson,
  type Evaluate,
  isObject,
  type Json,
  type JsonObject,
  MillraceError,
  type RunContext,
  type StorageChange,
} from '@millrace/core';
import type { Draft } from './draft.ts';
import type { LinkSettings } from './options.ts';

/** What is remembered of one record on one side. */
export interface LinkEntry {
  /** What it is on the other sides, by their names. Ids are texts: they may come from marks. */
  readonly ids: Readonly<Record<string, string>>;
  /** What its fields were when it was read or written last. */
  readonly fields?: JsonObject;
}

export function linkKey(side: string, id: string | number): string {
  return `${side}:${id}`;
}

export function asEntry(value: Json | undefined): LinkEntry {
  const { ids, fields } = isObject(value) ? value : {};
  return {
    ids: (isObject(ids) ? ids : {}) as LinkEntry['ids'],
    ...(isObject(fields) && { fields }),
  };
}

export function asJson({ ids, fields }: LinkEntry): JsonObject {
  return { ids, ...(fields && { fields }) };
}

/** Longer values are remembered by their hash: they are compared, and never read. */
const MOST_KEPT = 100;

/** What of a record is compared later; what is not there is null. */
export function picked(record: JsonObject, fields: Iterable<string>): JsonObject {
  const value = (name: string) => (Object.hasOwn(record, name) ? (record[name] ?? null) : null);
  return Object.fromEntries([...fields].map((name) => [name, kept(value(name))]));
}

function kept(value: Json): Json {
  const text = typeof value === 'string' ? value : canonicalJson(value);
  if (text.length <= MOST_KEPT) return value;
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** Which record of one side is which one of the other, as a storage remembers it. */
export class Links {
  readonly #settings: LinkSettings;
  readonly #id: Evaluate;

  constructor(settings: LinkSettings, compile: Compiler) {
    this.#settings = settings;
    this.#id = compile.value(settings.id);
  }

  /** The id here of the record that a message is about; undefined where none is known. */
  async target(draft: Draft): Promise<string | undefined> {
    const { from, to } = this.#settings;
    const entry = await this.#entry(linkKey(from, this.#idOf(draft)), draft.run);
    return entry.ids[to];
  }

  /**
   * What to store when the record was delivered as `id`. Of fields that were not sent nothing is remembered but of a new
   * record: somebody may have changed them, and nobody has read that yet.
   */
  async delivered(
    draft: Draft,
    id: string | number,
    {
      created,
      record,
      sent,
    }: { readonly created: boolean; readonly record: JsonObject; readonly sent: JsonObject },
  ): Promise<readonly StorageChange[]> {
    const { storage, from, to, fields } = this.#settings;
    const own = this.#idOf(draft);
    const [here, there] = [linkKey(from, own), linkKey(to, id)];
    const [source, target] = [await this.#entry(here, draft.run), await this.#entry(there, draft.run)];
    const written = fields.filter((name) => created || (Object.hasOwn(sent, name) && sent[name] !== null));
    const known = picked({ ...sent, ...record }, written);
    const seen = created || target.fields ? { ...target.fields, ...known } : undefined;
    return [
      { storage, key: here, value: asJson({ ...source, ids: { ...source.ids, [to]: String(id) } }) },
      {
        storage,
        key: there,
        value: asJson({ ids: { ...target.ids, [from]: own }, ...(seen && { fields: seen }) }),
      },
    ];
  }

  /** What to store when the record was deleted: the other side forgets it, too. */
  deleted(draft: Draft, id: string | number): readonly StorageChange[] {
    const { storage, from, to } = this.#settings;
    return [linkKey(from, this.#idOf(draft)), linkKey(to, id)].map((key) => ({ storage, key }));
  }

  /** The same failure with what to do about a link that leads nowhere. */
  gone(error: MillraceError, draft: Draft): MillraceError {
    const { storage, from } = this.#settings;
    const { code, message, status = 404, data } = error;
    return new MillraceError(code, message, {
      hint: `The record that it is linked with is gone. To make a new one: millrace storage delete ${storage} ${linkKey(from, this.#idOf(draft))}, then retry the task.`,
      cause: error,
      status,
      ...(data !== undefined && { data }),
    });
  }

  async #entry(key: string, { storages }: RunContext): Promise<LinkEntry> {
    return asEntry(await storages.get(this.#settings.storage).get(key));
  }

  #idOf({ message, run }: Draft): string {
    const id = this.#id(message.data, run.context);
    if ((typeof id === 'string' && id !== '') || typeof id === 'number') return String(id);
    throw new MillraceError('request.invalid', 'link.id is empty: the record has no id on its own side', {
      hint: 'Leave link.id out to take the identifier of the record, or name a field that every record has.',
    });
  }
}
