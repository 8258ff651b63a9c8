import type { JsonObject, Requester, RunContext } from '@millrace/core';
import type { Operation } from '../catalogue/index.ts';
import { ListReader } from './list-reader.ts';
import { Shortfall } from './shortfall.ts';

const PAGE_SIZE = 100;

/**
 * All records of a list at once, in the order of its pages. Throws `source.incomplete` where fewer came than were
 * announced.
 */
export async function wholeList(
  halo: Requester,
  operation: Operation,
  given: { readonly path: JsonObject; readonly query: JsonObject },
  run: RunContext,
): Promise<readonly JsonObject[]> {
  const reader = new ListReader(halo, { operation, pageSize: PAGE_SIZE }, given, run);
  const pages: { readonly number: number; readonly rows: readonly JsonObject[] }[] = [];
  for (;;) {
    const { number, fresh, state, isDone } = await reader.next();
    pages.push({ number, rows: fresh.map(({ row }) => row) });
    run.signal.throwIfAborted();
    if (!isDone) continue;
    const shortfall = new Shortfall();
    shortfall.ended(operation.path, state);
    shortfall.demandNone();
    return pages.sort((a, b) => a.number - b.number).flatMap(({ rows }) => rows);
  }
}
