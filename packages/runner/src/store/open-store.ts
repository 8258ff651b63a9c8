import { resolve } from 'node:path';
import { MillraceError } from '@millrace/core';
import type { Store } from './store.ts';

/** Opens the store that a URL names: `sqlite:PATH`, a relative path below `base`. */
export async function openStore(url: string, base: string, now?: () => number): Promise<Store> {
  const path = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
  if (path === undefined) {
    throw new MillraceError('store.unavailable', `"${url}" is not a store that Millrace can open`, {
      hint: 'Write sqlite:PATH, such as sqlite:.millrace/millrace.db.',
    });
  }
  const { SqliteStore } = await import('./sqlite/sqlite-store.ts');
  return new SqliteStore(resolve(base, path), now);
}
