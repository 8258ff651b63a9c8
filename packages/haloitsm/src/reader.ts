import { type Batch, type JsonObject, MillraceError, type Requester, type RunContext } from '@millrace/core';
import type { Operation } from './catalogue/index.ts';
import { newest } from './incremental.ts';
import { asObject, fillPath, type Parameters } from './operation-request.ts';
import { readRows } from './rows.ts';

/** Where a read goes on: which request, which page of it, and what came of it so far. */
export interface Position extends JsonObject {
  readonly request: number;
  /** The next page to ask for, from 1. */
  readonly page: number;
  readonly received: number;
  /** What the requests before this one announced together. */
  readonly before: number;
  /** Incremental reads: the newest date so far. */
  readonly newest?: string;
}

export const START: Position = { request: 0, page: 1, received: 0, before: 0 };

/** Reads the records of an operation, for one request after the other. */
export class Reader {
  readonly #halo: Requester;
  readonly #operation: Operation;
  readonly #pageSize: number;
  readonly #run: RunContext;
  /** The date field of an incremental read. */
  readonly #field: string | undefined;
  #newest: string | undefined;

  constructor(
    halo: Requester,
    operation: Operation,
    pageSize: number,
    run: RunContext,
    field: string | undefined,
  ) {
    this.#field = field;
    this.#halo = halo;
    this.#operation = operation;
    this.#pageSize = pageSize;
    this.#run = run;
  }

  /** Returns the newest date of the field that was read, in this run and before it was taken up. */
  async *read(
    requests: readonly JsonObject[],
    from: Position,
  ): AsyncGenerator<Batch<Position>, string | undefined> {
    let { before } = from;
    this.#newest = from.newest;
    for (let request = from.request; request < requests.length; request++) {
      const start = request === from.request ? from : { ...START, request, before };
      const parameters = asParameters(requests[request] ?? {});
      const announced = this.#operation.pages
        ? yield* this.#pages(parameters, start)
        : yield* this.#once(parameters, start);
      before += announced;
    }
    return this.#newest;
  }

  /** A position with the newest date so far. */
  #at(position: Position, rows: readonly JsonObject[]): Position {
    if (this.#field === undefined) return position;
    this.#newest = newest(rows, this.#field, this.#newest);
    return this.#newest === undefined ? position : { ...position, newest: this.#newest };
  }

  /** An operation that does not page: one answer with all records. */
  async *#once(parameters: Parameters, start: Position): AsyncGenerator<Batch<Position>, number> {
    const { rows, total } = await this.#get(parameters, {});
    const announced = total ?? rows.length;
    const position = { ...START, request: start.request + 1, before: start.before + announced };
    yield {
      entities: rows,
      position: this.#at(position, rows),
      ...(total !== undefined && { total: start.before + total }),
    };
    return announced;
  }

  /**
   * Pages from 1, in a stable order. The end is where as many rows came as the answer announces, whatever page size
   * was asked for: the server caps it silently. An empty page ends the read too; if rows are missing then, the
   * books of the run say so.
   */
  async *#pages(parameters: Parameters, start: Position): AsyncGenerator<Batch<Position>, number> {
    let { page, received } = start;
    let last: string | undefined;
    for (;;) {
      const { rows, total } = await this.#get(parameters, this.#paging(parameters.query, page));
      if (total === undefined) throw this.#noTotal(page);
      const fingerprint = rows.length === 0 ? undefined : JSON.stringify(rows);
      if (fingerprint !== undefined && fingerprint === last) throw this.#noProgress(page, received, total);
      last = fingerprint;
      received += rows.length;
      page++;
      const done = rows.length === 0 || received >= total;
      const { request, before } = start;
      const position: Position = done
        ? { ...START, request: request + 1, before: before + total }
        : { request, page, received, before };
      yield { entities: rows, position: this.#at(position, rows), total: before + total };
      if (done) return total;
      this.#run.signal.throwIfAborted();
    }
  }

  #paging(query: JsonObject, page: number): JsonObject {
    const known = (name: string) => this.#operation.query.some((parameter) => parameter.name === name);
    const ordered = 'order' in query || 'orderby' in query;
    return {
      // Without an order rows move between pages while they are read; ids only grow.
      ...(!ordered && known('order') && { order: 'id', ...(known('orderdesc') && { orderdesc: false }) }),
      // All three, always: without `pageinate` Halo ignores the others, without `page_no` the first page is odd.
      pageinate: true,
      page_size: this.#pageSize,
      page_no: page,
    };
  }

  async #get(parameters: Parameters, more: JsonObject) {
    const { body } = await this.#halo.request({
      method: 'GET',
      path: fillPath(this.#operation, parameters.path),
      query: { ...parameters.query, ...more },
      signal: this.#run.signal,
    });
    return readRows(this.#operation, body);
  }

  #noTotal(page: number): MillraceError {
    const message = `Page ${page} of ${this.#operation.path} does not say how many records there are`;
    const hint = 'Without record_count the end of a list cannot be told from a page that was cut short.';
    return new MillraceError('client.protocol', message, { hint });
  }

  #noProgress(page: number, received: number, total: number): MillraceError {
    const message = `Page ${page} of ${this.#operation.path} is the same as the page before, after ${received} of ${total} records`;
    return new MillraceError('source.no_progress', message, {
      hint: 'Give the query an order that HaloITSM honours.',
    });
  }
}

function asParameters(request: JsonObject): Parameters {
  return { path: asObject(request['path']), query: asObject(request['query']) };
}
