import { type JsonObject, MillraceError } from '@millrace/core';
import { Announcement } from './announcement.ts';
import type { WaterState } from './high-water.ts';
import type { Ask, Level } from './level.ts';
import { ListReader, type Page } from './list-reader.ts';
import type { Listed, ListedRow } from './list-request.ts';
import type { Reading } from './reading.ts';
import { Shortfall, type ShortfallState } from './shortfall.ts';

/** Where a run goes on. */
export interface Position extends JsonObject {
  /** The operations of the levels: a position of other ones is none. */
  readonly lists: readonly string[];
  /** The requests that are left on each level, the outermost first; of each the first may be under way. */
  readonly asks: readonly (readonly Ask[])[];
  /** Records of the lists that were read to their end. */
  readonly before: number;
  readonly water: WaterState | null;
  readonly shortfall: ShortfallState;
}

/** What a page brought that is handed on, or leads to children; and how many records are known from the last run. */
export interface News {
  readonly rows: readonly ListedRow[];
  readonly known: number;
}

interface Underway {
  readonly reader: ListReader;
  /** Its first answer, fetched ahead. */
  readonly first?: Promise<Listed>;
}

/** So many lists of children are not found before it is sure that this is not the way to ask for them. */
const SURELY_WRONG = 5;

/** The lists of all levels: those that are left, and the one of each level that is under way. */
export class Lists {
  readonly #reading: Reading;
  readonly #asks: (readonly Ask[])[];
  readonly #shortfall: Shortfall;
  readonly #announcement: Announcement;
  readonly #underway = new Map<Ask, Underway>();
  /** Whether the outermost level has one list only. */
  readonly #isOnlyList: boolean;
  #before: number;
  #total: number | undefined;
  #found = 0;
  #gone = 0;

  constructor(reading: Reading, from: Position | readonly Ask[]) {
    this.#reading = reading;
    const position = isList(from) ? undefined : from;
    const none = reading.levels.slice(1).map(() => []);
    this.#asks = isList(from) ? [from, ...none] : [...from.asks];
    this.#isOnlyList = (this.#asks[0]?.length ?? 0) <= 1;
    this.#before = position?.before ?? 0;
    this.#announcement = new Announcement(reading, position !== undefined);
    this.#shortfall = new Shortfall(position?.shortfall);
  }

  left(depth: number): readonly Ask[] {
    return this.#asks[depth] ?? [];
  }

  get areLeft(): boolean {
    return this.#asks.some((asks) => asks.length > 0);
  }

  add(depth: number, asks: readonly Ask[]): void {
    this.#asks[depth] = [...this.left(depth), ...asks];
  }

  get position(): Position {
    const water = this.#reading.outermost?.state ?? null;
    const lists = this.#reading.levels.map(({ operation }) => operation.path);
    return { lists, asks: [...this.#asks], before: this.#before, water, shortfall: this.#shortfall.state };
  }

  /** How many records are announced in all, as far as that is known. */
  get total(): number | undefined {
    return this.#total;
  }

  /** Throws `source.incomplete` where a list gave fewer records than it announced. */
  demandWhole(): void {
    this.#shortfall.demandNone();
  }

  /** Reads the next page of the list that is under way on a level. */
  async next(depth: number): Promise<News> {
    const [ask, ...rest] = this.left(depth);
    if (!ask) return { rows: [], known: 0 };
    const underway = this.#open(depth, ask);
    if (depth > 0) this.#fetchAhead(depth, rest);
    const page = await this.#page(depth, underway);
    this.#underway.delete(ask);
    if (!page) {
      this.#asks[depth] = rest;
      return { rows: [], known: 0 };
    }
    const now: Ask = { ...ask, list: page.state };
    this.#asks[depth] = page.isDone ? rest : [now, ...rest];
    if (!page.isDone) this.#underway.set(now, { reader: underway.reader });
    this.#account(depth, ask, page);
    const { outermost } = this.#reading;
    const news =
      depth === 0 && outermost ? outermost.take(page, this.#isOnlyList) : { news: page.fresh, known: 0 };
    const { keep } = ask;
    const rows = keep ? news.news.map((one) => ({ ...one, row: { ...one.row, ...keep } })) : news.news;
    return { rows, known: news.known };
  }

  #open(depth: number, ask: Ask): Underway {
    const open = this.#underway.get(ask);
    if (open) return open;
    const { halo, levels, outermost, run } = this.#reading;
    const level = levels[depth] as Level;
    return { reader: new ListReader(halo, level, ask, run, depth === 0 ? outermost?.changes : undefined) };
  }

  /** Asks for the first pages of the lists that come next, as many as may be in flight. */
  #fetchAhead(depth: number, next: readonly Ask[]): void {
    const atOnce = this.#reading.levels[depth - 1]?.parents?.concurrency ?? 1;
    for (const ask of next.slice(0, atOnce - 1)) {
      if (this.#underway.has(ask)) continue;
      const { reader } = this.#open(depth, ask);
      const first = reader.fetch();
      // It is looked at in its turn; a run that ends before does not want it any more.
      first.catch(() => {});
      this.#underway.set(ask, { reader, first });
    }
  }

  /** A page; undefined where what the list hangs on is gone meanwhile. */
  async #page(depth: number, { reader, first }: Underway): Promise<Page | undefined> {
    try {
      const page = await reader.next(first);
      this.#found++;
      return page;
    } catch (error) {
      if (depth === 0 || !(error instanceof MillraceError) || error.code !== 'client.not_found') throw error;
      this.#gone++;
      // Some parents may be gone; all of them are not.
      if (this.#gone >= SURELY_WRONG && this.#found <= depth) throw error;
      return undefined;
    }
  }

  #account(depth: number, ask: Ask, page: Page): void {
    const { levels, outermost } = this.#reading;
    const level = levels[depth] as Level;
    const isPart = depth === 0 && outermost?.isPart === true;
    if (page.isDone && !isPart) this.#shortfall.ended(nameOf(level, ask), page.state);
    if (depth === 0 && !isPart) this.#announcement.answered(page);
    if (depth < levels.length - 1 || isPart) return;
    // What came is announced too: records that were there for a while count, though no total ever held them.
    const { total, handed } = page.state;
    this.#total = this.#before + Math.max(total, handed);
    if (page.isDone) this.#before = this.#total;
  }
}

function isList(from: Position | readonly Ask[]): from is readonly Ask[] {
  return Array.isArray(from);
}

/** A list in words, such as Actions?ticket_id=7. */
function nameOf({ operation }: Level, { path, query }: Ask): string {
  const given = Object.entries({ ...path, ...query }).map(
    ([name, value]) => `${name}=${JSON.stringify(value)}`,
  );
  const text = given.length > 0 ? `?${given.join('&')}` : '';
  return `${operation.path}${text.length > 120 ? `${text.slice(0, 119)}…` : text}`;
}
