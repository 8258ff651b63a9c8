import { type JsonObject, MillraceError, type Requester, type RunContext } from '@millrace/core';
import type { Operation } from '../catalogue/index.ts';
import { type ChangeFilter, changesUntil, type Order, ordersOf } from './changes.ts';
import { dateOf } from './dates.ts';
import type { Ask } from './level.ts';
import { askList, type Listed, type ListedRow, noTotal } from './list-request.ts';
import { type ListAnswer, type ListRules, type ListState, Seen, START } from './list-state.ts';
import { advance } from './list-steps.ts';

/** How a list is asked for changes. */
export interface Changes {
  readonly field: string;
  readonly filter: ChangeFilter;
  /** Milliseconds from which on records are wanted; undefined: all. */
  readonly from: number | undefined;
  /** When the run began by the server's clock, once that is known. */
  readonly until: () => number | undefined;
}

/** What one request brought. */
export interface Page {
  readonly listed: Listed;
  /** Its number, from 1. */
  readonly number: number;
  /** The records that did not come before. */
  readonly fresh: readonly ListedRow[];
  readonly state: ListState;
  /** With these rows everything is known that the list held when the run began. */
  readonly isStart: boolean;
  readonly isDone: boolean;
}

/** Reads one list, a page at a time. */
export class ListReader {
  readonly #halo: Requester;
  readonly #operation: Operation;
  readonly #pageSize: number;
  readonly #ask: Ask;
  readonly #run: RunContext;
  readonly #changes: Changes | undefined;
  readonly #orders: readonly Order[];
  readonly #rules: ListRules;
  readonly #seen: Seen;
  #state: ListState;

  constructor(
    halo: Requester,
    level: { readonly operation: Operation; readonly pageSize: number },
    ask: Ask,
    run: RunContext,
    changes?: Changes,
  ) {
    this.#halo = halo;
    this.#operation = level.operation;
    this.#pageSize = level.pageSize;
    this.#ask = ask;
    this.#run = run;
    this.#changes = changes;
    this.#state = ask.list ?? START;
    this.#seen = new Seen(this.#state);
    this.#orders = ordersOf(level.operation, ask.query, changes?.field);
    this.#rules = {
      path: level.operation.path,
      orders: this.#orders.length,
      grows: this.#orders[0]?.by !== 'own',
      confirm: changes !== undefined,
      recent: false,
    };
  }

  get state(): ListState {
    return this.#state;
  }

  /** Asks for the next page. An answer that was fetched ahead may be given. */
  async next(ahead?: Promise<Listed>): Promise<Page> {
    const listed = await this.#listed(ahead);
    const before = this.#state;
    if (!this.#operation.pages) return this.#whole(listed);
    if (listed.total === undefined) throw noTotal(this.#operation, before.page);
    const answer = this.#answer(listed, listed.total);
    const rules = { ...this.#rules, recent: this.#isRecent(before) };
    const { state, fresh } = advance(before, answer, rules, this.#seen);
    if (state.order > before.order) this.#tellOrder(before.order);
    this.#state = state;
    const isDone = state.phase === 'done';
    const byDate = this.#orders[before.order]?.by === 'date';
    const isFirstDown = before.phase === 'down' && before.tail === 0 && state.tail > 0;
    return {
      listed,
      number: before.page,
      fresh: fresh.flatMap((place) => listed.rows[place] ?? []),
      state,
      isStart: (before.phase === 'first' && isDone) || (byDate && isFirstDown),
      isDone,
    };
  }

  /** The next answer; in another order where the instance will not sort by the date. */
  async #listed(ahead: Promise<Listed> | undefined): Promise<Listed> {
    try {
      return await (ahead ?? this.fetch());
    } catch (error) {
      const status = error instanceof MillraceError ? error.status : undefined;
      const { phase, order } = this.#state;
      const isByDate = phase === 'first' && this.#orders[order]?.by === 'date';
      if (!isByDate || (status !== 400 && status !== 500)) throw error;
      this.#tellOrder(order);
      this.#state = { ...START, order: order + 1 };
      return this.fetch();
    }
  }

  /** The request for the page that comes next. */
  fetch(): Promise<Listed> {
    const query = this.#operation.pages
      ? { ...this.#ask.query, ...this.#paging(this.#state) }
      : this.#ask.query;
    return askList(this.#halo, this.#operation, { path: this.#ask.path, query }, this.#run);
  }

  /** An operation that does not page: one answer with all records. */
  #whole(listed: Listed): Page {
    const count = listed.rows.length;
    const total = listed.total ?? count;
    this.#state = {
      ...START,
      phase: 'done',
      unique: count,
      handed: count,
      total,
      lowest: total,
      highest: total,
    };
    const fresh = listed.rows;
    return { listed, number: 1, fresh, state: this.#state, isStart: true, isDone: true };
  }

  /** Whether only an order says what is new: then the newest are read until older ones come. */
  #isRecent(state: ListState): boolean {
    const { filter, from } = this.#changes ?? {};
    return filter === 'order' && from !== undefined && this.#orders[state.order]?.by === 'date';
  }

  #paging(state: ListState): JsonObject {
    const order = this.#orders[state.order] ?? { by: 'none', query: {} };
    const { filter, from, until } = this.#changes ?? {};
    const end = until?.();
    // In the order of ids a record that changes would come in between. What changes from now on is for the next run.
    const isBounded = order.by === 'id' && filter && from !== undefined && end !== undefined;
    return {
      ...(isBounded && changesUntil(this.#operation, filter, end)),
      ...order.query,
      // All three, always: without `pageinate` Halo ignores the others, without `page_no` the first page is odd.
      pageinate: true,
      page_size: this.#pageSize,
      page_no: state.page,
    };
  }

  #answer({ rows }: Listed, total: number): ListAnswer {
    const field = this.#changes?.field;
    const dates = field === undefined ? [] : rows.map(({ row }) => dateOf(row, field));
    const from = this.#changes?.from ?? Number.NEGATIVE_INFINITY;
    return {
      rows,
      total,
      ordered: this.#isOrdered(rows, dates),
      older: dates.some((date) => date !== undefined && date < from),
      undated: dates.every((date) => date === undefined),
    };
  }

  #isOrdered(rows: readonly ListedRow[], dates: readonly (number | undefined)[]): boolean {
    const by = this.#orders[this.#state.order]?.by;
    if (by === 'date') {
      const known = dates.filter((date) => date !== undefined);
      // Undated records may stand before all others; the end of the list without a date has none to go by.
      const isEnd = this.#state.phase === 'down' && this.#state.tail === 0;
      return (known.length > 0 || rows.length === 0 || !isEnd) && isAscending(known);
    }
    const ids = rows.map(({ row }) => row['id']);
    return by !== 'id' || !ids.every((id) => typeof id === 'number') || isAscending(ids as number[]);
  }

  #tellOrder(before: number): void {
    const order = this.#orders[before];
    this.#run.log.warn(
      { operation: this.#operation.path, order: order?.query ?? {} },
      'the list does not come in the order that was asked for: it is read in another way',
    );
  }
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || (values[index - 1] ?? value) <= value);
}
