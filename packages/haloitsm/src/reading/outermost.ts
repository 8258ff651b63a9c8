import type { Json, JsonObject, RunContext } from '@millrace/core';
import type { Operation } from '../catalogue/index.ts';
import { type ChangeFilter, changesFrom, filterOf, type IncrementalOptions } from './changes.ts';
import { dateOf } from './dates.ts';
import { type ChangeCursor, type DatedRow, HighWater, type WaterState } from './high-water.ts';
import type { Changes, Page } from './list-reader.ts';
import type { ListedRow } from './list-request.ts';

/** A clock that is off by more is worth a line in the log. */
const CLOCK_OFF_MS = 60_000;

/** The outermost list of an incremental read: what is news in it, and where the next run begins. */
export class Outermost {
  readonly #field: string;
  readonly #filter: ChangeFilter;
  readonly #water: HighWater;
  readonly #operation: Operation;
  readonly #run: RunContext;
  #isTold = false;

  constructor(
    operation: Operation,
    options: IncrementalOptions,
    from: { readonly cursor?: Json; readonly water?: WaterState },
    run: RunContext,
  ) {
    this.#operation = operation;
    this.#run = run;
    this.#field = options.field;
    this.#filter = filterOf(operation, options) ?? 'order';
    this.#water = new HighWater(options, from.cursor, from.water);
  }

  get changes(): Changes {
    const { from } = this.#water;
    return { field: this.#field, filter: this.#filter, from, until: () => this.#water.start };
  }

  /** What the query for news has more than another. */
  get query(): JsonObject {
    const { from } = this.#water;
    return from === undefined ? {} : changesFrom(this.#filter, this.#field, from);
  }

  /** Whether it reads a part of the list only, so that the total of the list says nothing of what is to come. */
  get isPart(): boolean {
    return this.#filter === 'order' && this.#water.from !== undefined;
  }

  get state(): WaterState | undefined {
    return this.#water.state;
  }

  get cursor(): ChangeCursor | undefined {
    return this.#water.next(this.#filter !== 'order');
  }

  /** The rows of a page that are news, and how many are known from the last run. */
  take(page: Page, isOnlyList: boolean): { readonly news: readonly ListedRow[]; readonly known: number } {
    this.#begin(page);
    const dated = (row: ListedRow) => ({ ...row, date: dateOf(row.row, this.#field) });
    this.#tellUnfiltered(page.listed.rows.map(dated));
    const { from } = this.#water;
    const wanted = page.fresh
      .map(dated)
      .filter(({ date }) => !this.isPart || date === undefined || date >= (from ?? date));
    this.#water.read(wanted, isOnlyList && page.isStart);
    const news = wanted.filter((row) => !this.#water.isKnown(row));
    return { news, known: wanted.length - news.length };
  }

  #begin({ listed: { askedAt, ahead } }: Page): void {
    if (this.#water.start !== undefined) return;
    this.#water.begin(askedAt);
    if (ahead === undefined || Math.abs(ahead) < CLOCK_OFF_MS) return;
    const seconds = Math.round(Math.abs(ahead) / 1000);
    this.#run.log.warn(
      { seconds: Math.round(ahead / 1000) },
      `the clock of HaloITSM is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} ours; its own is gone by`,
    );
  }

  #tellUnfiltered(rows: readonly DatedRow[]): void {
    const { from } = this.#water;
    if (this.#isTold || from === undefined || this.#filter === 'order') return;
    const older = rows.filter(({ date }) => date !== undefined && date < from - 1000).length;
    if (older === 0) return;
    this.#isTold = true;
    this.#run.log.warn(
      { operation: this.#operation.path, filter: this.#filter, field: this.#field, older },
      'HaloITSM gives records that are older than what was asked for: the filter does not go by this field',
    );
  }
}
