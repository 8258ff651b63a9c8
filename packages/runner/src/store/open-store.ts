import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { MillraceError } from '@millrace/core';
import type { Store } from './store.ts';

/** Opens the store that a URL names: `sqlite:PATH`, a relative path below `base`. */
export async function openStore(url: string, base: string, now?: () => number): Promise<Store> {
  const path = sqlitePath(url);
  if (path === undefined) {
    throw new MillraceError('store.unavailable', `"${url}" is not a store that Millrace can open`, {
      hint: 'Write sqlite:PATH, such as sqlite:.millrace/millrace.db.',
    });
  }
  const { SqliteStore } = await import('./sqlite/sqlite-store.ts');
  return new SqliteStore(resolve(base, path), now);
}

/** The same for whoever only looks: undefined where there is no such store yet, and none is made. */
export async function openExistingStore(
  url: string,
  base: string,
  now?: () => number,
): Promise<Store | undefined> {
  const path = sqlitePath(url);
  return path !== undefined && !existsSync(resolve(base, path)) ? undefined : openStore(url, base, now);
}

function sqlitePath(url: string): string | undefined {
  return /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
}
