import { type JsonObject, MillraceError } from '@millrace/core';
import type { Operation } from '../catalogue/index.ts';
import type { HaloClient } from '../client.ts';
import { readRows } from '../reading/rows.ts';

const PAGE_SIZE = 100;
/** A natural key that leaves more than this is none. */
const MOST = 1000;

/** The rows of a list that a search leaves, to its end. */
export async function* candidates(
  halo: HaloClient,
  operation: Operation,
  query: JsonObject,
  signal: AbortSignal,
): AsyncGenerator<JsonObject> {
  let received = 0;
  for (let page = 1; ; page++) {
    const paged = operation.pages ? { pageinate: true, page_size: PAGE_SIZE, page_no: page } : {};
    const { body } = await halo.request({
      method: 'GET',
      path: operation.path,
      query: { ...paged, ...query },
      signal,
    });
    const { rows, total = 0 } = readRows(operation, body);
    received += rows.length;
    yield* rows;
    if (!operation.pages || rows.length === 0 || received >= total) return;
    if (received >= MOST) {
      throw new MillraceError(
        'match.several',
        `The query of match leaves more than ${MOST} records of ${operation.path}`,
        { hint: 'Search more narrowly: the query must leave a few records, of which "on" picks the one.' },
      );
    }
  }
}
