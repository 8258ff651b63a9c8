import type { Batch, JsonObject } from '@millrace/core';
import { Details } from './details.ts';
import { type Ask, asksOf } from './level.ts';
import type { ListedRow } from './list-request.ts';
import { START } from './list-state.ts';
import { Lists, type Position } from './lists.ts';
import type { Reading } from './reading.ts';

/** Children of several parents go into one batch until it has so many records, or so many lists were read for it. */
const BATCH_ROWS = 100;
const BATCH_LISTS = 25;

/** Walks from the outermost list to the records, parent by parent. */
export class Walk {
  readonly #reading: Reading;
  readonly #lists: Lists;
  readonly #details: Details | undefined;
  /** Of the records. */
  readonly #leaf: number;

  constructor(reading: Reading, from: Position | readonly Ask[]) {
    const { halo, levels, details, run } = reading;
    this.#reading = reading;
    this.#lists = new Lists(reading, from);
    this.#details = details && new Details(halo, details, run);
    this.#leaf = levels.length - 1;
  }

  /** Every batch, from where the position says. Throws `source.incomplete` at the end where records are missing. */
  async *read(): AsyncGenerator<Batch<Position>, void> {
    yield* this.#level(0);
    this.#lists.demandWhole();
  }

  async *#level(depth: number): AsyncGenerator<Batch<Position>, void> {
    for (;;) {
      if (this.#lists.left(depth + 1).length > 0) yield* this.#level(depth + 1);
      else if (this.#lists.left(depth).length === 0) return;
      else if (depth === this.#leaf) yield* this.#records();
      else {
        await this.#parents(depth);
        yield this.#batch([], 0);
      }
      if (this.#lists.areLeft) this.#reading.run.signal.throwIfAborted();
    }
  }

  /** A page of parents: what is to be asked for each of them. */
  async #parents(depth: number): Promise<void> {
    const { levels, run } = this.#reading;
    const [level, children] = [levels[depth], levels[depth + 1]];
    if (!level?.parents || !children) throw new RangeError('the records have no children');
    const { when, keep } = level.parents;
    const { rows } = await this.#lists.next(depth);
    for (const { row } of rows) {
      if (!when(row, run.context)) continue;
      const parent = { row, operation: level.operation, keep: keep(row, run.context) as JsonObject };
      this.#lists.add(depth + 1, await asksOf(children, parent, {}, run));
    }
  }

  /** A page of the list of records, or the children of several parents. */
  async *#records(): AsyncGenerator<Batch<Position>, void> {
    const before = this.#lists.position;
    const { rows, known } = await this.#lists.next(this.#leaf);
    if (this.#details) return yield* this.#whole(this.#details, before, rows, known);
    const entities = rows.map(({ row }) => row);
    let dropped = known;
    for (let lists = 1; this.#leaf > 0 && lists < BATCH_LISTS && entities.length < BATCH_ROWS; lists++) {
      if (this.#lists.left(this.#leaf).length === 0) break;
      const more = await this.#lists.next(this.#leaf);
      entities.push(...more.rows.map(({ row }) => row));
      dropped += more.known;
    }
    yield this.#batch(entities, dropped);
  }

  /** The records of a page whole, a part of them at a time. */
  async *#whole(
    details: Details,
    before: Position,
    rows: readonly ListedRow[],
    known: number,
  ): AsyncGenerator<Batch<Position>, void> {
    let dropped = known;
    for (let done = 0; ; ) {
      const part = rows.slice(done, done + details.chunk);
      done += part.length;
      const entities = await details.fetch(part);
      dropped += part.length - entities.length;
      if (done >= rows.length) return yield this.#batch(entities, dropped);
      yield { ...this.#batch(entities, dropped), position: within(before, rows.slice(0, done)) };
      dropped = 0;
      this.#reading.run.signal.throwIfAborted();
    }
  }

  #batch(entities: readonly JsonObject[], dropped: number): Batch<Position> {
    const { position, total } = this.#lists;
    return { entities, position, ...(total !== undefined && { total }), ...(dropped > 0 && { dropped }) };
  }
}

/** In the middle of a page: it is asked for again where the run is taken up, and what is done of it is left out. */
function within(position: Position, done: readonly ListedRow[]): Position {
  const [[ask, ...rest] = [], ...outer] = [...position.asks].reverse();
  if (!ask) return position;
  const list = ask.list ?? START;
  const more = done.flatMap(({ key, version }) => (key === undefined ? [] : [[key, version] as const]));
  const leaf = [{ ...ask, list: { ...list, skip: [...list.skip, ...more] } }, ...rest];
  return { ...position, asks: [...outer.reverse(), leaf] };
}
