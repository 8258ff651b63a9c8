import type { ListAnswer, ListRules, ListState } from '../src/reading/list-state.ts';

/** A record of the model; its version counts its changes, its date says when the last one was. */
export interface ModelRow {
  readonly id: number;
  version: number;
  date: number;
}

/** What happens to the list between two requests. */
export type Deed =
  | { readonly do: 'create' }
  | { readonly do: 'change' | 'remove' | 'replace'; readonly at: number };

/**
 * What may be wrong with one answer: it begins a row too late or too early, is empty, lacks its last row, or announces
 * more or fewer records than there are.
 */
export type PageFault = 'skip' | 'duplicate' | 'empty' | 'short' | 'more' | 'fewer';

/** By `newest` it begins with what changed last; by none it has another order each time. */
export type ModelOrder = 'id' | 'date' | 'newest' | 'none';

/** A list on a server, as far as paging is concerned: ordered, paged, and written to while it is read. */
export class ModelList {
  readonly rows = new Map<number, ModelRow>();
  #nextId = 1;
  clock = 1000;
  cap: number;
  readonly #shuffle: () => number;

  constructor(count: number, cap: number, seed = 1) {
    this.cap = cap;
    let state = seed;
    // mulberry32: a plain congruential generator repeats itself from pass to pass, and with it the order of the list.
    this.#shuffle = () => {
      state = (state + 0x6d2b79f5) | 0;
      const mixed = Math.imul(state ^ (state >>> 15), state | 1);
      const again = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61));
      return (again ^ (again >>> 14)) >>> 0;
    };
    for (let index = 0; index < count; index++) this.create();
  }

  create(): void {
    this.rows.set(this.#nextId, { id: this.#nextId++, version: 1, date: ++this.clock });
  }

  apply(deed: Deed): void {
    if (deed.do === 'create') return this.create();
    const ids = [...this.rows.keys()];
    const row = this.rows.get(ids[deed.at % Math.max(ids.length, 1)] ?? -1);
    if (!row) return;
    if (deed.do !== 'change') this.rows.delete(row.id);
    if (deed.do === 'replace') this.create();
    if (deed.do === 'change') {
      row.version++;
      row.date = ++this.clock;
    }
  }

  /** The rows of a page as they are now, and the total. */
  page(number: number, by: ModelOrder, fault?: PageFault): ModelPage {
    const rows = [...this.rows.values()];
    const placeOf = (row: ModelRow) =>
      by === 'none' ? this.#shuffle() : by === 'newest' ? -row.date : row[by];
    const places = new Map(rows.map((row) => [row, placeOf(row)] as const));
    const sorted = rows.sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0) || a.id - b.id);
    const shift = number === 1 ? 0 : fault === 'skip' ? 1 : fault === 'duplicate' ? -1 : 0;
    const start = (number - 1) * this.cap + shift;
    const end = fault === 'empty' ? start : start + this.cap - (fault === 'short' ? 1 : 0);
    const drift = fault === 'more' ? 2 : fault === 'fewer' ? -2 : 0;
    const total = Math.max(0, sorted.length + drift);
    return { rows: sorted.slice(start, end).map((row) => ({ ...row })), total };
  }
}

interface ModelPage {
  readonly rows: readonly ModelRow[];
  readonly total: number;
}

export function answerOf(
  { rows, total }: ModelPage,
  from = Number.NEGATIVE_INFINITY,
  checksOrder = false,
): ListAnswer {
  const isAscending = rows.every(({ id }, index) => index === 0 || (rows[index - 1]?.id ?? 0) < id);
  return {
    rows: rows.map(({ id, version }) => ({ key: id, version: id * 1000 + version })),
    total,
    ordered: !checksOrder || isAscending,
    older: rows.some(({ date }) => date < from),
    undated: false,
  };
}

export const RULES: ListRules = { path: 'Things', orders: 2, grows: true, confirm: true, recent: false };

/** What a position goes through on its way into a store and back. */
export function stored(state: ListState): ListState {
  return JSON.parse(JSON.stringify(state)) as ListState;
}
