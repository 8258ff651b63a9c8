import type { RunContext } from '@millrace/core';
import type { HaloClient } from '../client.ts';
import { estimate } from './estimate.ts';
import type { Page } from './list-reader.ts';
import type { Reading } from './reading.ts';

/** After the first answer: says how long the read will take, if that is long. */
export function announce(
  { state, listed }: Page,
  { levels, details }: Pick<Reading, 'levels' | 'details'>,
  { limit }: HaloClient,
  run: RunContext,
): void {
  const records = Math.max(state.total, state.handed);
  // The first page is here already; it is asked for once more at the end.
  const pages = state.size > 0 ? Math.ceil(records / state.size) : 0;
  const isParent = levels.length > 1;
  const single = isParent || details ? records : 0;
  const concurrency = levels[0]?.parents?.concurrency ?? details?.concurrency ?? 1;
  const expected = estimate({ records, pages, single, concurrency }, limit, listed.took);
  if (!expected) return;
  const { requests, seconds, text } = expected;
  run.log.info({ records, requests, seconds: Math.round(seconds) }, `a long read: ${text}`);
  run.note?.(isParent ? `${text}, or longer: each has children` : text);
}
