import type { Json, JsonObject, StorageEntry } from '@millrace/core';
import type { StorageSource } from '../execution/storage-session.ts';

/** Storages in memory that hold what they are given; what a session writes stays in the session. */
export function memoryStorages(contents: Readonly<Record<string, JsonObject>>): StorageSource {
  const sorted = new Map(
    Object.entries(contents).map(([name, entries]) => [name, Object.entries(entries).sort(byBytes)]),
  );
  return {
    readStorage: async (name, key): Promise<Json | undefined> => {
      const entries = contents[name];
      return entries && Object.hasOwn(entries, key) ? entries[key] : undefined;
    },
    storageEntries: async (name, after, limit): Promise<readonly StorageEntry[]> =>
      (sorted.get(name) ?? [])
        .filter(([key]) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)
        .slice(0, limit)
        .map(([key, value]) => ({ key, value })),
  };
}

function byBytes([a]: [string, Json], [b]: [string, Json]): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
