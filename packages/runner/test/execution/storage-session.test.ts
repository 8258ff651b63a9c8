import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageResource } from '../../src/config/project.ts';
import { StorageSession } from '../../src/execution/storage-session.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';

const resource = (id: string, more: Partial<StorageResource> = {}): StorageResource => ({
  id,
  file: `storages/${id}.yaml`,
  enabled: true,
  hash: '',
  locate: () => ({}),
  ...more,
});
const DECLARED = new Map([
  ['agents', resource('agents')],
  ['short', resource('short', { ttl: '10s', maxEntries: 2 })],
]);

describe('the storages of a run', () => {
  let folder: string;
  let store: Store;
  let now: number;
  let session: StorageSession;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-session-'));
    now = Date.parse('2026-01-02T03:04:05Z');
    store = await openStore('sqlite:a.db', folder, () => now);
    session = new StorageSession(store, DECLARED, () => now);
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  const stored = async (name = 'agents') =>
    Object.fromEntries((await store.storageEntries(name, '', 99)).map(({ key, value }) => [key, value]));
  const entries = async (page: { after?: string; limit: number } = { limit: 99 }) =>
    (await session.get('agents').entries(page)).map(({ key, value }) => `${key}=${JSON.stringify(value)}`);

  it('show a run what it wrote at once, and the store only what is taken', async () => {
    const agents = session.get('agents');
    await agents.set('a', 1);
    expect(await agents.get('a')).toBe(1);
    expect(session.take()).toEqual([]);
    session.keep();
    expect(await agents.get('a')).toBe(1);
    expect(await stored()).toEqual({});
    await store.writeStorage(session.take());
    expect(await stored()).toEqual({ a: 1 });
    expect(session.take()).toEqual([]);
  });

  it('forget what a record wrote that failed, down to what stood there before', async () => {
    await store.writeStorage([{ storage: 'agents', key: 'a', value: 'store' }]);
    const agents = session.get('agents');
    await agents.set('b', 'kept');
    session.keep();
    await agents.set('a', 'failed');
    await agents.set('b', 'failed');
    await agents.delete('a');
    expect(await entries()).toEqual(['b="failed"']);
    session.discard();
    expect(await entries()).toEqual(['a="store"', 'b="kept"']);
    expect(session.take()).toEqual([{ storage: 'agents', key: 'b', value: 'kept' }]);
  });

  it('list entries with the writes in hand laid over them, a page at a time', async () => {
    await store.writeStorage(['a', 'c', 'e'].map((key) => ({ storage: 'agents', key, value: 0 })));
    const agents = session.get('agents');
    await agents.set('b', 1);
    await agents.set('c', 1);
    await agents.delete('a');
    session.keep();
    await agents.set('d', 1, { ttl: 5 });
    await session.get('short').set('b', 9);
    expect(await entries()).toEqual(['b=1', 'c=1', 'd=1', 'e=0']);
    expect(await entries({ limit: 2 })).toEqual(['b=1', 'c=1']);
    expect(await entries({ after: 'c', limit: 1 })).toEqual(['d=1']);
    now += 5;
    expect(await entries({ after: 'b', limit: 2 })).toEqual(['c=1', 'e=0']);
  });

  it('let entries live as long as the storage or the write says, by the clock of the run', async () => {
    const short = session.get('short');
    await short.set('a', 1);
    await short.set('b', 2, { ttl: 3000 });
    session.keep();
    expect(session.take()).toEqual([
      { storage: 'short', key: 'a', value: 1, expiresAt: now + 10_000, maxEntries: 2 },
      { storage: 'short', key: 'b', value: 2, expiresAt: now + 3000, maxEntries: 2 },
    ]);
    await short.set('a', 1);
    now += 10_000;
    expect(await short.get('a')).toBeUndefined();
  });

  it('hand writes over in the order in which they were made last: the oldest entries are to go first', async () => {
    const short = session.get('short');
    for (const key of ['a', 'b', 'a', 'c']) {
      await short.set(key, 1);
      session.keep();
    }
    await store.writeStorage(session.take());
    expect(Object.keys(await stored('short')).sort()).toEqual(['a', 'c']);
  });

  it('are those that the project declares, and no others', () => {
    expect(() => session.get('agent')).toThrow(expect.objectContaining({ code: 'config.unknown_reference' }));
  });
});
