import type { Key, Known, ListAnswer, ListRow, ListState, Seen } from './list-state.ts';

/** What an answer brought. */
export interface Absorbed {
  readonly state: ListState;
  /** Places in the answer of the records that are new, or newer than the version that came before. */
  readonly fresh: readonly number[];
  /** Records that came before. */
  readonly repeated: number;
}

/** The pages before the one in hand whose records a position remembers. */
const REMEMBERED_PAGES = 2;

/** Counts what an answer holds, and remembers it. */
export function absorb(before: ListState, answer: ListAnswer, seen: Seen): Absorbed {
  const repeats = before.repeats || holdsRepeats(answer.rows);
  const done = new Map(before.skip);
  const fresh: number[] = [];
  const page: Known[] = [];
  let [repeated, unique, again, skipped] = [0, 0, 0, 0];
  for (const [place, row] of answer.rows.entries()) {
    const key = keyOf(row, repeats);
    if (key === undefined) {
      unique++;
      fresh.push(place);
      continue;
    }
    page.push([key, row.version]);
    if (seen.inPass(key)) again++;
    const known = seen.version(key);
    seen.put(key, row.version);
    if (known === undefined) unique++;
    // Handed on before the run was interrupted: neither news nor a sign that something moved.
    if (done.get(key) === row.version) {
      skipped++;
      continue;
    }
    if (known !== undefined) repeated++;
    if (known !== row.version) fresh.push(place);
  }
  const { window } = before;
  const recent = [page, ...window.recent].slice(0, REMEMBERED_PAGES);
  const state: ListState = {
    ...before,
    repeats,
    unique: before.unique + unique,
    handed: before.handed + fresh.length + skipped,
    passRows: before.passRows + answer.rows.length,
    passFresh: before.passFresh + fresh.length,
    passMoved: before.passMoved || again > 0 || answer.total < before.total,
    tries: 0,
    odd: 0,
    skip: [],
    print: printOf(answer),
    window: { ...window, recent },
  };
  return { state, fresh, repeated };
}

function keyOf({ key, version }: ListRow, repeats: boolean): Key | undefined {
  return key === undefined || !repeats ? key : `${key}#${version}`;
}

/** Two records of one key in one answer: an answer is of one moment, so nothing moved; the key tells nothing apart. */
function holdsRepeats(rows: readonly ListRow[]): boolean {
  const keys = rows.flatMap(({ key }) => (key === undefined ? [] : [key]));
  return new Set(keys).size < keys.length;
}

/** The same for answers with the same rows. */
export function printOf({ rows }: ListAnswer): string {
  if (rows.length === 0) return '';
  let mixed = 17;
  for (const { version } of rows) mixed = (Math.imul(mixed, 31) + (version % 0x7fffffff)) | 0;
  return `${rows.length}:${mixed}`;
}

/** The keys of the page that was read last. */
export function lastPage(state: ListState): readonly Known[] {
  return state.window.recent[0] ?? [];
}
