import type { Client } from '../contracts.ts';
import type { HttpRequest, HttpResponse } from '../exchange.ts';
import { isObject, type JsonObject } from '../json.ts';
import { parsePath, setAt } from '../paths/path.ts';
import type { Rows } from './answer.ts';
import type { Page, PageRequest, Paginator } from './page.ts';

export type Requester = Required<Pick<Client, 'request'>>;

/** A page that was read, and the one after it. */
export interface PageRead extends Rows {
  readonly response: HttpResponse;
  /** Undefined where this was the last. */
  readonly next?: Page;
}

export interface PagedList {
  readonly client: Requester;
  /** What every page is asked with. */
  readonly request: HttpRequest;
  readonly readRows: (response: HttpResponse) => Rows;
  /** Undefined where the list comes in one answer. */
  readonly paginator?: Paginator;
}

/** Reads a list page by page, from its first or from a page that an earlier read gave. Rejects with `client.*` and `source.*` errors. */
export async function* readPages(list: PagedList, from?: Page): AsyncGenerator<PageRead> {
  const { client, request, readRows, paginator } = list;
  let page = from ?? paginator?.first;
  for (;;) {
    const asked = page && paginator ? withPage(request, paginator.ask(page)) : request;
    const response = await client.request(asked);
    const rows = readRows(response);
    const { body, headers, exchange } = response;
    const next = page && paginator?.next(page, { ...rows, body, headers, url: exchange.request.url });
    yield { ...rows, response, ...(next && { next }) };
    if (!next) return;
    request.signal.throwIfAborted();
    page = next;
  }
}

function withPage(request: HttpRequest, { query, body, link }: PageRequest): HttpRequest {
  if (link !== undefined) {
    const { query: _, ...rest } = request;
    return { ...rest, path: link };
  }
  const json = isObject(request.json) ? request.json : {};
  return {
    ...request,
    ...(query && { query: { ...request.query, ...query } }),
    ...(body && { json: setAt(json, parsePath(body.path), body.value) as JsonObject }),
  };
}
