import type { JsonObject } from '../data/json.ts';
import { groupField, type Records } from '../data/records.ts';
import type { Change } from '../data/table.ts';

/** Which records a list shows, and in which order. */
export interface Selection {
  readonly rows: () => readonly JsonObject[];
  readonly passes: (row: JsonObject) => boolean;
  /** Undefined: in order of creation. */
  readonly compare: ((a: JsonObject, b: JsonObject) => number) | undefined;
}

interface Kept {
  readonly table: object;
  version: number;
  readonly rows: JsonObject[];
}

/** So many lists are kept for their next pages. */
const MAX_KEPT = 8;

/**
 * The rows of the last lists, for the pages that follow. What changes meanwhile is worked into them: a desk where
 * somebody writes all the time is read as fast as one that stands still.
 */
export class Results {
  readonly #records: Records;
  readonly #kept = new Map<string, Kept>();

  constructor(records: Records) {
    this.#records = records;
  }

  /** `key` tells one question from another. */
  rows(resource: string, key: string, selection: Selection): readonly JsonObject[] {
    const { table, version } = this.#records.state(resource);
    const name = `${resource} ${key}`;
    const kept = this.#kept.get(name);
    this.#kept.delete(name);
    const current =
      kept?.table === table && this.#catchUp(resource, kept, selection, version)
        ? kept
        : { table, version, rows: select(selection) };
    if (this.#kept.size >= MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value ?? '');
    this.#kept.set(name, current);
    return current.rows;
  }

  /** False where it has to be made anew. */
  #catchUp(resource: string, kept: Kept, selection: Selection, version: number): boolean {
    if (kept.version === version) return true;
    const changes = this.#records.changesSince(resource, kept.version);
    if (!changes || groupField(resource) !== undefined) return false;
    kept.version = version;
    return changes.every((change) => work(change, kept.rows, selection));
  }
}

function select({ rows, passes, compare }: Selection): JsonObject[] {
  const passing = rows().filter(passes);
  return compare ? passing.sort(compare) : passing;
}

/** Works a change into rows; false where nobody can say at which place. */
function work({ before, after }: Change, rows: JsonObject[], { passes, compare }: Selection): boolean {
  const at = before && passes(before) ? rows.indexOf(before) : -1;
  const shown = after && passes(after) ? after : undefined;
  if (at >= 0 && shown && !compare) rows[at] = shown;
  else {
    if (at >= 0) rows.splice(at, 1);
    if (!shown) return true;
    // In order of creation a record that begins to pass stands somewhere in between.
    if (!compare && before) return false;
    rows.splice(compare ? placeOf(shown, rows, compare) : rows.length, 0, shown);
  }
  return true;
}

function placeOf(
  row: JsonObject,
  rows: readonly JsonObject[],
  compare: (a: JsonObject, b: JsonObject) => number,
) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(rows[middle] as JsonObject, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
