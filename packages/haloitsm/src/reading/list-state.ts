import type { JsonObject } from '@millrace/core';

/** What tells a record from the others of its list. */
export type Key = string | number;
/** A record that came: its key, and a number that changes with its content. */
export type Known = readonly [key: Key, version: number];

/**
 * - `first`: page 1, which says how many records there are and how many a page has.
 * - `down`: from the last page towards the first. What leaves the list meanwhile moves the unread records towards the
 *   pages that are still to come, and what is added at the end moves none: so no record slips through.
 * - `mend`: pages again at whose seam a record came twice that should not have.
 * - `again`: page 1 once more, for what moved onto it meanwhile.
 * - `tail`: what was added at the end meanwhile. `front`: undated records before the dated ones.
 * - `up`: from page 1 on, pass by pass, where a list has no order that holds.
 */
export type Phase = 'first' | 'down' | 'mend' | 'again' | 'tail' | 'front' | 'up' | 'done';

/** How far the reading of one list is. JSON: it is the position of a run. */
export interface ListState extends JsonObject {
  readonly phase: Phase;
  /** The page to ask for next, from 1. */
  readonly page: number;
  /** Which of the orders that the list may be asked in. */
  readonly order: number;
  /** Records of a page, as the server gives them; 0 while that is not known. */
  readonly size: number;
  /** `down`: records before this place are not read yet. */
  readonly ahead: number;
  /** Records that came, each counted once. */
  readonly unique: number;
  /** Records that were handed on: those of `unique`, and newer versions of some of them. */
  readonly handed: number;
  /** The announced total: the last one, the lowest, the highest. */
  readonly total: number;
  readonly lowest: number;
  readonly highest: number;
  /** True when records moved, came twice, or the total changed. */
  readonly moved: boolean;
  /** True where one answer held two records of one key: keys say nothing then, contents do. */
  readonly repeats: boolean;
  /** How often the page in hand was asked for again. */
  readonly tries: number;
  /** How many records the page in hand had when it had a wrong number of them. */
  readonly odd: number;
  readonly resized: number;
  /** The first page of `down`, and whether what came after it was read. */
  readonly tail: number;
  readonly tailed: boolean;
  /** The total when the last page of all had been asked for: who is slower than the desk would never reach it else. */
  readonly goal: number;
  /** Whether page 1 has undated records only. */
  readonly undated: boolean;
  readonly mend: readonly number[];
  readonly pass: number;
  readonly passRows: number;
  readonly passFresh: number;
  readonly passMoved: boolean;
  /** Passes in a row that brought nothing new. */
  readonly barren: number;
  /** Tells the page before from others. */
  readonly print: string;
  /** How often in a row a page was the same as the one before. */
  readonly stuck: number;
  /** Pages that came empty or short, for the message. */
  readonly gaps: readonly number[];
  /** Records of the page in hand that were handed on before the run was interrupted. */
  readonly skip: readonly Known[];
  /** What a process that takes the run up must know again: page 1, the first page of `down`, the last two pages. */
  readonly window: Window;
}

interface Window extends JsonObject {
  readonly first: readonly Known[];
  readonly tail: readonly Known[];
  readonly recent: readonly (readonly Known[])[];
}

export const START: ListState = {
  phase: 'first',
  page: 1,
  order: 0,
  size: 0,
  ahead: 0,
  unique: 0,
  handed: 0,
  total: 0,
  lowest: Number.MAX_SAFE_INTEGER,
  highest: 0,
  moved: false,
  repeats: false,
  tries: 0,
  odd: 0,
  resized: 0,
  tail: 0,
  tailed: false,
  goal: 0,
  undated: false,
  mend: [],
  pass: 0,
  passRows: 0,
  passFresh: 0,
  passMoved: false,
  barren: 0,
  print: '',
  stuck: 0,
  gaps: [],
  skip: [],
  window: { first: [], tail: [], recent: [] },
};

/** One answer, as far as paging is concerned. */
export interface ListAnswer {
  readonly rows: readonly ListRow[];
  readonly total: number;
  /** Whether its rows stand in the order that was asked for. */
  readonly ordered: boolean;
  /** Newest first: some of its rows are older than what is wanted. */
  readonly older: boolean;
  /** None of its rows has a date. */
  readonly undated: boolean;
}

export interface ListRow {
  /** Undefined where the record has nothing that tells it from others: then it always counts as new. */
  readonly key: Key | undefined;
  readonly version: number;
}

export interface ListRules {
  /** For messages. */
  readonly path: string;
  /** In how many orders the list may be asked for; the last of them is none at all. */
  readonly orders: number;
  /** Whether records come in at the end of the list only, as they do in ascending order of ids or of dates of change. */
  readonly grows: boolean;
  /** Ask for page 1 again at the end, whether records seem to have moved or not. */
  readonly confirm: boolean;
  /** Only the newest records are wanted: stop where older ones come. */
  readonly recent: boolean;
}

/** What one run saw of one list. Kept in memory; after an interruption what the position remembers of it. */
export class Seen {
  readonly #versions = new Map<Key, number>();
  readonly #pass = new Set<Key>();
  /** Whether it knows everything that was handed on. */
  readonly whole: boolean;

  constructor(state: ListState = START) {
    const { first, tail, recent } = state.window;
    for (const known of [first, tail, ...recent]) for (const [key, version] of known) this.put(key, version);
    this.whole = state.unique <= this.#versions.size;
  }

  /** How many records it knows. */
  get size(): number {
    return this.#versions.size;
  }

  version(key: Key): number | undefined {
    return this.#versions.get(key);
  }

  put(key: Key, version: number): void {
    this.#versions.set(key, version);
  }

  beginPass(): void {
    this.#pass.clear();
  }

  /** True where the key came in this pass before. */
  inPass(key: Key): boolean {
    const known = this.#pass.has(key);
    this.#pass.add(key);
    return known;
  }
}
