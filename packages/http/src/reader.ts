import {
  type Batch,
  isObject,
  type Json,
  type JsonObject,
  MillraceError,
  type Page,
  type PagedList,
  type RunContext,
  readPages,
} from '@millrace/core';
import type { HttpRequest } from '@millrace/core/http';
import type { HttpApi } from './client.ts';
import type { Incremental } from './incremental.ts';

/** Where a read goes on: which request, which page of it, and what came of it so far. */
export interface Position extends JsonObject {
  readonly request: number;
  /** The next page to ask for; null for the first. */
  readonly page: Page | null;
  /** What the requests before this one announced together. */
  readonly before: number;
  /** Incremental reads: the greatest value so far. */
  readonly newest?: number;
}

export const START: Position = { request: 0, page: null, before: 0 };

export interface ReaderOptions extends Pick<PagedList, 'readRows' | 'paginator'> {
  readonly client: HttpApi;
  readonly run: RunContext;
  readonly incremental?: Incremental;
}

/** Reads the lists of some requests, one after the other. */
export class Reader {
  readonly #options: ReaderOptions;
  #newest: number | undefined;
  #sawRows = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Returns the greatest value of the incremental field that was read, in this run and before it was taken up. */
  async *read(
    requests: readonly HttpRequest[],
    from: Position,
  ): AsyncGenerator<Batch<Position>, number | undefined> {
    let { before } = from;
    this.#newest = from.newest;
    for (const [index, request] of requests.entries()) {
      if (index < from.request) continue;
      const page = index === from.request ? from.page : null;
      before += yield* this.#list(request, page, { request: index, before });
      this.#options.run.signal.throwIfAborted();
    }
    if (this.#options.incremental && this.#sawRows && this.#newest === undefined)
      this.#options.run.log.warn(
        {},
        'no row has the incremental field: the next run reads all of them again',
      );
    return this.#newest;
  }

  /** Returns how many rows the list had, as it announced them. */
  async *#list(
    request: HttpRequest,
    from: Page | null,
    at: Pick<Position, 'request' | 'before'>,
  ): AsyncGenerator<Batch<Position>, number> {
    const { client, readRows, paginator } = this.#options;
    let announced = 0;
    const pages = readPages(
      { client, request, readRows, ...(paginator && { paginator }) },
      from ?? undefined,
    );
    for await (const { rows, total, next } of pages) {
      const entities = rows.map((row) => toEntity(row, request));
      this.#look(entities);
      announced = total ?? 0;
      const position = next
        ? { ...at, page: this.#storable(next) }
        : { request: at.request + 1, page: null, before: at.before + announced };
      yield {
        entities,
        position: this.#newest === undefined ? position : { ...position, newest: this.#newest },
        ...(total !== undefined && { total: at.before + total }),
      };
    }
    return announced;
  }

  #look(rows: readonly JsonObject[]): void {
    this.#sawRows ||= rows.length > 0;
    const { incremental } = this.#options;
    if (incremental) this.#newest = incremental.newest(rows, this.#newest);
  }

  /** Links may repeat the key of the query that they came with: it is not stored. */
  #storable(page: Page): Page {
    const { at } = page;
    return typeof at === 'string' && /^https?:/.test(at)
      ? { ...page, at: this.#options.client.withoutKey(at) }
      : page;
  }
}

/** Rows that are texts or numbers become records, so that nothing that came is passed over. */
function toEntity(row: Json, { method, path }: HttpRequest): JsonObject {
  if (isObject(row)) return row;
  if (row !== null) return { value: row };
  throw new MillraceError('client.protocol', `${method} ${path} answered with null among its rows`, {
    hint: 'Say where the rows are: items: "rows[?@ != null]" leaves such members out.',
  });
}
