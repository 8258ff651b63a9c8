import {
  type Compiler,
  type Evaluate,
  isObject,
  type Json,
  type JsonObject,
  MillraceError,
  milliseconds,
} from '@millrace/core';
import { pause } from '@millrace/core/http';
import type { Operation } from '../catalogue/index.ts';
import type { HaloClient } from '../client.ts';
import { asObject } from '../operation-request.ts';
import { candidates } from './candidates.ts';
import { withPlainFields } from './custom-fields.ts';
import type { Draft } from './draft.ts';
import type { MatchSettings } from './options.ts';
import { isSame } from './same-content.ts';

/** So many rows that lack the field are asked for one by one. */
const MOST_DETAILS = 20;

/** Where natural keys are looked for. */
export interface Searched {
  readonly list: Operation;
  /** GET of one record, where there is such an operation. */
  readonly one: Operation | undefined;
}

/** Finds the record of Halo that has the natural key of a message. */
export class Matcher {
  readonly settings: MatchSettings;
  readonly #halo: HaloClient;
  readonly #searched: Searched;
  readonly #query: Evaluate;
  readonly #on: Evaluate;

  constructor(settings: MatchSettings, searched: Searched, halo: HaloClient, compile: Compiler) {
    this.settings = settings;
    this.#searched = searched;
    this.#halo = halo;
    this.#query = compile.object(settings.query);
    this.#on = compile.value(`&{${settings.on}}`);
  }

  /** What tells the record from others. Throws `request.invalid` where it has no natural key. */
  keyOf(draft: Draft): Json {
    if (!isObject(draft.payload))
      throw new MillraceError('request.invalid', 'match needs a payload that is one record', {
        hint: 'Let the route make one task of each record.',
      });
    const key = this.#on(withPlainFields(draft.payload), draft.run.context) ?? null;
    if (key === null || key === '')
      throw new MillraceError(
        'request.invalid',
        `The payload has no natural key: "${this.settings.on}" is empty`,
        {
          hint: 'Give it a value in the route, or match on another field.',
        },
      );
    return key;
  }

  /** The same for whoever looks for the same record in the same list. */
  lockOf(draft: Draft): string {
    return JSON.stringify([this.#searched.list.path, this.settings.on, this.keyOf(draft)]);
  }

  /** The record, if there is one. Throws `match.several` where there are more, and `client.*`. */
  async find(draft: Draft): Promise<JsonObject | undefined> {
    const key = this.keyOf(draft);
    const { signal } = draft.run;
    const found = new Map<string, JsonObject>();
    let details = 0;
    for await (const row of candidates(this.#halo, this.#searched.list, this.#queryOf(draft), signal)) {
      let value = this.#keyIn(row, draft);
      if (value === null && this.#searched.one && row['id'] !== undefined) {
        if (++details > MOST_DETAILS) throw this.#tooWide();
        value = this.#keyIn(await this.whole(row, draft), draft);
      }
      if (value !== null && isSame(key, value)) found.set(identityOf(row), row);
    }
    if (found.size > 1) throw this.#several(key, [...found.values()]);
    const [only] = found.values();
    return only;
  }

  /** The same for what was sent a moment ago and is not found: a search may be late. */
  async findLate(draft: Draft): Promise<JsonObject | undefined> {
    const found = await this.find(draft);
    const lag = milliseconds(this.settings.lag);
    if (found || lag === 0) return found;
    await pause(lag, draft.run.signal);
    return this.find(draft);
  }

  /** All of a record of which a list showed a row. */
  async whole(row: JsonObject, { run }: Draft): Promise<JsonObject> {
    const { one } = this.#searched;
    const { id } = row;
    if (!one || (typeof id !== 'number' && typeof id !== 'string')) return row;
    const path = one.path.replace(/\{[^}]+\}/, encodeURIComponent(id));
    const { ticket_id = null } = row;
    const query = { includedetails: true, ...(one.path.startsWith('Actions/') && { ticket_id }) };
    const { body } = await this.#halo.request({
      method: 'GET',
      path,
      query,
      // It may have been deleted since it was listed.
      expect: [404],
      signal: run.signal,
    });
    return isObject(body) ? body : row;
  }

  #keyIn(record: JsonObject, { run }: Draft): Json {
    return this.#on(withPlainFields(record), run.context) ?? null;
  }

  #queryOf({ message, run }: Draft): JsonObject {
    const query = asObject(this.#query(message.data, run.context));
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== '') continue;
      throw new MillraceError(
        'request.invalid',
        `match.query.${name} is empty: it would look through everything`,
        {
          hint: 'Give the record the value, or leave the parameter out where it has none: "?{…}".',
        },
      );
    }
    return query;
  }

  #several(key: Json, rows: readonly JsonObject[]): MillraceError {
    const { path } = this.#searched.list;
    const ids = rows.map(({ id = null }) => id);
    const shown = ids.slice(0, 5).join(', ');
    return new MillraceError(
      'match.several',
      `${ids.length} records of ${path} have ${this.settings.on} ${JSON.stringify(key)}: ${shown}`,
      {
        hint: 'Merge them in Halo, or match on something that tells them apart. Then retry the task.',
        data: { ids },
      },
    );
  }

  #tooWide(): MillraceError {
    const { path } = this.#searched.list;
    return new MillraceError(
      'match.several',
      `The query of match leaves more than ${MOST_DETAILS} records of ${path} whose rows do not show "${this.settings.on}"`,
      { hint: 'Search more narrowly, or match on a field that rows show.' },
    );
  }
}

/** Action ids begin at 1 in each ticket. */
function identityOf({ ticket_id = null, id = null }: JsonObject): string {
  return JSON.stringify([ticket_id, id]);
}
