import { type JsonObject, MillraceError, type RunContext, type Storage } from '@millrace/core';
import type { HaloClient } from '../client.ts';
import { fillPath } from '../operation-request.ts';
import type { DetailLevel } from './level.ts';
import type { ListedRow } from './list-request.ts';
import type { Key } from './list-state.ts';
import { inParallel } from './parallel.ts';
import { readRows } from './rows.ts';

/** So many records are looked for in vain before it is sure that this is not the way to look for them. */
const SURELY_WRONG = 5;

/** Fetches the single object of each record of a list: it holds more than the row does. */
export class Details {
  readonly #halo: HaloClient;
  readonly #level: DetailLevel;
  readonly #run: RunContext;
  readonly #storage: Storage | undefined;
  #found = 0;
  #gone = 0;

  constructor(halo: HaloClient, level: DetailLevel, run: RunContext) {
    this.#halo = halo;
    this.#level = level;
    this.#run = run;
    this.#storage = level.remember === undefined ? undefined : run.storages.get(level.remember);
  }

  /** So many records go into one batch: they are what is fetched again if the run is interrupted now. */
  get chunk(): number {
    return Math.max(20, this.#level.concurrency * 5);
  }

  /** The records whole. One that is gone meanwhile, or is as it was when it was fetched last, is left out. */
  async fetch(rows: readonly ListedRow[]): Promise<readonly JsonObject[]> {
    const wanted: ListedRow[] = [];
    for (const one of rows) if (!(await this.#isKnown(one))) wanted.push(one);
    const details = await inParallel(wanted, this.#level.concurrency, ({ row }) => this.#one(row));
    const gone = details.filter((one) => one === undefined).length;
    this.#gone += gone;
    this.#found += details.length - gone;
    this.#demandAny();
    for (const [place, one] of wanted.entries()) if (details[place]) await this.#remember(one);
    return details.filter((one) => one !== undefined);
  }

  async #one(row: JsonObject): Promise<JsonObject | undefined> {
    const { operation, path, query } = this.#level;
    const given = query(row, this.#run.context);
    try {
      const { body } = await this.#halo.request({
        method: 'GET',
        path: fillPath(operation, path(row, this.#run.context)),
        query: given,
        signal: this.#run.signal,
      });
      const { rows } = readRows(operation, body);
      const [single] = rows;
      if (rows.length === 1 && single) return { ...row, ...single };
      throw new MillraceError(
        'client.protocol',
        `GET ${operation.path} answered ${rows.length} records where one was asked for`,
        { hint: 'Name the operation that gives a single record under hydrate.operation.' },
      );
    } catch (error) {
      if (error instanceof MillraceError && error.code === 'client.not_found') return undefined;
      throw error;
    }
  }

  /** Some records may be gone; all of them are not. */
  #demandAny(): void {
    if (this.#found > 0 || this.#gone < SURELY_WRONG) return;
    const { path } = this.#level.operation;
    throw new MillraceError(
      'client.not_found',
      `GET ${path} knows none of the first ${this.#gone} records of its list`,
      { hint: 'Check hydrate.operation and hydrate.parameters, and that this instance has the operation.' },
    );
  }

  async #isKnown({ key, version }: ListedRow): Promise<boolean> {
    if (!this.#storage || key === undefined) return false;
    return (await this.#storage.get(this.#name(key))) === version;
  }

  async #remember({ key, version }: ListedRow): Promise<void> {
    if (key !== undefined) await this.#storage?.set(this.#name(key), version);
  }

  #name(key: Key): string {
    return `${this.#level.operation.path} ${key}`;
  }
}
