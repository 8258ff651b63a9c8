import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@millrace/core';
import type { Append, Journal } from './journal.ts';
import { holdsAppend, identityOf, missing } from './target-file.ts';

/**
 * Finds out what became of appends that nobody saw the end of: their process was killed, or the disk failed. What
 * came whole stays; a torn end is cut off; what cannot be told any more is marked as doubtful.
 */
export async function settleAppends(journal: Journal, folder: string, log: Logger): Promise<void> {
  for (const append of journal.begun()) {
    const path = join(folder, append.file);
    if (await holdsAppend(path, append)) journal.done(append.id);
    else await settleTorn(journal, append, path, log);
  }
}

async function settleTorn(journal: Journal, append: Append, path: string, log: Logger): Promise<void> {
  const found = await stat(path).catch(missing);
  const same = found !== undefined && identityOf(found) === append.identity;
  const { file, offset, length } = append;
  if (same && found.size === offset) return journal.drop(append.id);
  if (same && found.size > offset && found.size < offset + length) {
    log.warn({ file, bytes: found.size - offset }, 'an append was torn by a kill; its part is cut off');
    await truncate(path, offset);
    return journal.drop(append.id);
  }
  // Taken away, emptied or changed by somebody else, right after a kill.
  log.warn(
    { file, offset },
    'the file was changed while an append was under way; what became of it is not known',
  );
  journal.doubt(append.id);
}
