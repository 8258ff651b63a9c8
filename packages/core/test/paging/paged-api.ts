import type { Json, JsonObject } from '../../src/json.ts';
import type { Page, PageAnswer, PageRequest, Paginator } from '../../src/paging/page.ts';

export type Style = 'page' | 'offset' | 'cursor' | 'keyset' | 'next' | 'link';

export interface ApiShape {
  readonly style: Style;
  /** Rows of a page at most, whatever is asked for. */
  readonly cap: number;
  /** How many rows less than the cap each page has, by its number; not for numbered pages, whose bounds are fixed. */
  readonly short: readonly number[];
  readonly total: boolean;
  /** Whether the body says that there is more. */
  readonly more: boolean;
}

/** What the paths in the tests' options mean: rows, total, cursor and link stand at fixed places of a body. */
export const OPTIONS: Readonly<Record<Style, JsonObject>> = {
  page: { page: { parameter: 'page' } },
  offset: { offset: { parameter: 'offset' } },
  cursor: { cursor: { parameter: 'after', from: 'next_cursor' } },
  keyset: { cursor: { parameter: 'after', from: 'rows[-1].id' } },
  next: { next: { from: 'links.next' } },
  link: { link: {} },
};

const URL_OF_LIST = 'https://api.example/v1/things?size=100';

/** A paged API as it could be anywhere: a list that may change between two requests, and a way to page through it. */
export class PagedApi {
  rows: JsonObject[];
  requests = 0;
  readonly #shape: ApiShape;

  constructor(count: number, shape: ApiShape) {
    this.rows = Array.from({ length: count }, (_, index) => ({ id: index + 1 }));
    this.#shape = shape;
  }

  answer(request: PageRequest): PageAnswer {
    this.requests++;
    const { start, end } = this.#bounds(request);
    const rows = this.rows.slice(start, end);
    const more = end < this.rows.length;
    const last = rows.at(-1)?.['id'] ?? null;
    const address = `/v1/things?size=100&after=${end}`;
    const { style } = this.#shape;
    const body: Json = {
      rows,
      ...(this.#shape.total && { total: this.rows.length }),
      ...(this.#shape.more && { more }),
      ...(style === 'cursor' && { next_cursor: more ? end : null }),
      ...(style === 'keyset' && { last }),
      ...(style === 'next' && { links: { self: URL_OF_LIST, next: more ? address : null } }),
    };
    const link = `<${address}>; rel="next", <${URL_OF_LIST}>; rel=first`;
    const headers = style === 'link' && more ? { link } : {};
    const total = this.#shape.total ? { total: this.rows.length } : {};
    return { rows, body, headers, url: URL_OF_LIST, ...total };
  }

  #bounds({ query = {}, link }: PageRequest): { readonly start: number; readonly end: number } {
    const { style, cap, short } = this.#shape;
    if (style === 'page') {
      const start = (Number(query['page']) - 1) * cap;
      return { start, end: start + cap };
    }
    const start = this.#start(query, link);
    const less = short.length === 0 ? 0 : (short[this.requests % short.length] ?? 0);
    return { start, end: start + Math.max(1, cap - less) };
  }

  #start(query: JsonObject, link: string | undefined): number {
    switch (this.#shape.style) {
      case 'offset':
        return Number(query['offset']);
      case 'cursor':
        return Number(query['after'] ?? 0);
      case 'keyset': {
        const after = Number(query['after'] ?? 0);
        const at = this.rows.findIndex(({ id }) => Number(id) > after);
        return at === -1 ? this.rows.length : at;
      }
      default:
        return link === undefined ? 0 : Number(new URL(link).searchParams.get('after'));
    }
  }
}

/** Reads on from a page as a reader does, with a way through JSON at each step. `between` is called before each request. */
export function readAll(
  paginator: Paginator,
  api: { answer(request: PageRequest): PageAnswer },
  { from = paginator.first, between = () => {} }: { from?: Page; between?: (page: number) => void } = {},
) {
  const rows: Json[] = [];
  const pages: Page[] = [];
  for (let page: Page | undefined = from; page; ) {
    between(page.pages);
    pages.push(page);
    const answer = api.answer(paginator.ask(page));
    rows.push(...answer.rows);
    const next: Page | undefined = paginator.next(deepFreeze(page), answer);
    page = next && (JSON.parse(JSON.stringify(next)) as Page);
  }
  return { rows, pages };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
