import { isObject, type Json, type JsonObject, MillraceError, milliseconds } from '@millrace/core';
import { beginning, type IncrementalOptions } from './changes.ts';
import type { Key } from './list-state.ts';

/** Where the next run begins. */
export interface ChangeCursor extends JsonObject {
  /** Everything that changed before was read. ISO 8601, UTC. */
  readonly at: string;
  /** The field whose dates these are. A cursor without it, as somebody may set it, is one of any field. */
  readonly field?: string;
  /** Records on this side of the overlap, as they were handed on: read again, they are no news. */
  readonly seen?: readonly (readonly [Key, number])[];
  /** When everything was read last, where the options ask for that from time to time. */
  readonly full?: string;
}

/** What a run knows so far of where the next one begins. Part of its position. */
export interface WaterState extends JsonObject {
  /** When the run began, by the server's clock: milliseconds. */
  readonly start: number;
  /** The newest date that was read, where there was any. */
  readonly newest: number | null;
  /** The newest date that the list had when the run began, where that is known. */
  readonly mark: number | null;
  /** Whether a record without a date was read. */
  readonly undated: boolean;
  /** Whether this run reads everything. */
  readonly full: boolean;
  readonly edge: readonly Edge[];
}

type Edge = readonly [key: Key, date: number | null, version: number];

/** A record that was read, by what tells it apart. */
export interface DatedRow {
  readonly key: Key | undefined;
  readonly version: number;
  readonly date: number | undefined;
}

/** So many records a cursor remembers at most; others that are read again are found to be unchanged by their tasks. */
const REMEMBERED = 500;

/** How high the water stood: finds where the next run begins. */
export class HighWater {
  readonly #options: IncrementalOptions;
  readonly #cursor: ChangeCursor | undefined;
  readonly #known: ReadonlyMap<Key, number>;
  readonly #edge = new Map<Key, Edge>();
  /** Whether this run reads everything. */
  readonly #full: boolean;
  #state: WaterState | undefined;

  /** Throws `config.invalid_value` where the cursor is none, as somebody may have set it by hand. */
  constructor(options: IncrementalOptions, cursor: Json | undefined, state: WaterState | undefined) {
    this.#options = options;
    const given = readCursor(cursor);
    // Dates of another field say nothing about this one.
    const isOther = given?.field !== undefined && given.field !== options.field;
    this.#cursor = isOther ? undefined : given;
    this.#known = new Map(this.#cursor?.seen);
    this.#full = state ? state.full : this.#isDue();
    if (!state) return;
    this.#state = state;
    for (const one of state.edge) this.#edge.set(one[0], one);
  }

  /** Milliseconds from which on this run reads; undefined where it reads everything. */
  get from(): number | undefined {
    return this.#full ? undefined : this.#cursor && beginning(this.#cursor.at, this.#options);
  }

  /** Whether it is time to read everything. */
  #isDue(): boolean {
    const { full } = this.#options;
    if (!this.#cursor) return true;
    if (full === undefined) return false;
    const last = Date.parse(this.#cursor.full ?? '');
    return Number.isNaN(last) || Date.now() - last >= milliseconds(full);
  }

  /** When the run began by the server's clock. */
  get start(): number | undefined {
    return this.#state?.start;
  }

  begin(start: number): void {
    this.#state ??= { start, newest: null, mark: null, undated: false, full: this.#full, edge: [] };
  }

  /** True where the last run handed this very version on. */
  isKnown({ key, version }: DatedRow): boolean {
    return key !== undefined && this.#known.get(key) === version;
  }

  /**
   * Told of every record that is handed on, or is known. `isStart`: with these, everything is known that the list held
   * when the run began.
   */
  read(rows: readonly DatedRow[], isStart: boolean): void {
    if (!this.#state) throw new RangeError('the run has not begun');
    let { newest, mark, undated } = this.#state;
    for (const { key, date, version } of rows) {
      if (date === undefined) undated = true;
      else if (newest === null || date > newest) newest = date;
      if (key !== undefined) this.#edge.set(key, [key, date ?? null, version]);
    }
    if (isStart && mark === null) mark = newest;
    this.#state = { ...this.#state, newest, mark, undated };
    this.#trim();
  }

  /** Forgets what lies before the overlap, then the oldest. */
  #trim(): void {
    const at = this.#at;
    const horizon = at === undefined ? 0 : at - milliseconds(this.#options.overlap);
    for (const [key, [, date]] of this.#edge) if (date !== null && date < horizon) this.#edge.delete(key);
    const over = this.#edge.size - REMEMBERED;
    if (over <= 0) return;
    const byAge = [...this.#edge.values()].sort((a, b) => (a[1] ?? Infinity) - (b[1] ?? Infinity));
    for (const [key] of byAge.slice(0, over)) this.#edge.delete(key);
  }

  get #at(): number | undefined {
    const at = this.#state?.mark ?? this.#state?.newest;
    return at === null || at === undefined ? undefined : Math.min(at, this.#state?.start ?? at);
  }

  get state(): WaterState | undefined {
    return this.#state && { ...this.#state, edge: [...this.#edge.values()] };
  }

  /**
   * Where the next run begins; undefined where nothing was read that says anything. `filtered`: the server filters; where
   * its rows do not show the date that it goes by, its clock must say.
   */
  next(filtered: boolean): ChangeCursor | undefined {
    const before = this.#cursor ? Date.parse(this.#cursor.at) : undefined;
    const start = this.#state?.start;
    const reached = this.#at ?? (filtered && this.#state?.undated ? start : undefined);
    const at = Math.max(reached ?? -Infinity, before ?? -Infinity);
    if (at === -Infinity) return undefined;
    const horizon = at - milliseconds(this.#options.overlap);
    const seen = this.#seen(horizon);
    const full = this.#options.full === undefined ? undefined : this.#full ? start : this.#cursor?.full;
    return {
      at: new Date(at).toISOString(),
      field: this.#options.field,
      ...(seen.length > 0 && { seen }),
      ...(full !== undefined && { full: typeof full === 'number' ? new Date(full).toISOString() : full }),
    };
  }

  #seen(horizon: number): readonly (readonly [Key, number])[] {
    return [...this.#edge.values()]
      .filter(([, date]) => date === null || date >= horizon)
      .map(([key, , version]) => [key, version]);
  }
}

function readCursor(cursor: Json | undefined): ChangeCursor | undefined {
  if (cursor === undefined || cursor === null) return undefined;
  const at = isObject(cursor) ? cursor['at'] : undefined;
  if (typeof at === 'string' && !Number.isNaN(Date.parse(at))) return cursor as ChangeCursor;
  throw new MillraceError(
    'config.invalid_value',
    `The cursor of this incoming says no time: ${JSON.stringify(cursor)?.slice(0, 200)}`,
    { hint: 'Set it as {"at": "2026-01-31T00:00:00Z"}, or reset it: millrace cursors reset INCOMING.' },
  );
}
