import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyRunCounts, type StorageWrite, type Store } from '../../src/store/store.ts';
import { createWorkerIdentity } from '../../src/store/worker-identity.ts';
import { type StoreFactory, task } from './store-suite.ts';

/** What every store must do for storages. */
export function storageSuite(name: string, create: () => Promise<StoreFactory>): void {
  describe(`${name} as the store of storages`, () => {
    let factory: StoreFactory;
    let store: Store;
    beforeEach(async () => {
      factory = await create();
      store = await factory.open();
    });
    afterEach(async () => {
      await store.close();
      await factory.dispose();
    });

    const write = (key: string, more: Partial<StorageWrite> = {}): StorageWrite => ({
      storage: 'agents',
      key,
      value: { of: key },
      ...more,
    });
    const keys = async (storage = 'agents') =>
      (await store.storageEntries(storage, '', 1000)).map((entry) => entry.key);

    const batch = async (writes: readonly StorageWrite[]) => {
      const worker = createWorkerIdentity();
      const opened = await store.openRun({ incoming: 'halo-tickets', worker });
      if (opened.status !== 'opened') throw new Error(opened.status);
      await store.commitBatch({
        runId: opened.run.id,
        worker,
        rows: [],
        tasks: [task('1', { v: 1 })],
        failures: [],
        storageWrites: writes,
        counts: emptyRunCounts(),
        seconds: 0,
      });
      return worker;
    };

    it('gives entries in the order of the bytes of their keys, a page at a time', async () => {
      // Code units of JavaScript would put U+FF5E behind U+1F600.
      const wanted = ['', 'A', 'a', 'a:1', 'a:2', 'é', '\uFF5E', '\u{1F600}'].slice(1);
      await store.writeStorage([...wanted].reverse().map((key) => write(key)));
      const seen: string[] = [];
      for (let after = ''; ; ) {
        const page = await store.storageEntries('agents', after, 3);
        seen.push(...page.map((entry) => entry.key));
        if (page.length < 3) break;
        after = page.at(-1)?.key ?? '';
      }
      expect(seen).toEqual(wanted);
      expect(await store.storageEntries('others', '', 9)).toEqual([]);
    });

    it('shows entries with their times, by prefix, behind a key, as many as are wanted', async () => {
      await store.writeStorage(['a', 'a:1', 'a:2', 'a:3', 'b'].map((key) => write(key)));
      await store.writeStorage([write('t', { value: null, expiresAt: Date.now() + 60_000 })]);
      const rows = async (more: object) => store.storageRows({ storage: 'agents', limit: 99, ...more });
      expect((await rows({ prefix: 'a:', after: 'a:1' })).map((row) => row.key)).toEqual(['a:2', 'a:3']);
      expect((await rows({ prefix: 'a', limit: 2 })).map((row) => row.key)).toEqual(['a', 'a:1']);
      expect(await rows({ prefix: 'b' })).toEqual([
        { key: 'b', value: { of: 'b' }, updatedAt: expect.stringMatching(/^\d{4}-.*Z$/), expiresAt: null },
      ]);
      expect(await rows({ prefix: 't' })).toMatchObject([
        { value: null, expiresAt: expect.stringMatching(/^\d{4}-.*Z$/) },
      ]);
      // A prefix is a text, not a pattern.
      expect(await rows({ prefix: '%' })).toEqual([]);
    });

    it('knows how many entries each storage holds, and how large they are', async () => {
      expect(await store.storages()).toEqual([]);
      await store.writeStorage([
        write('é', { value: 'x' }),
        write('b', { value: 12 }),
        write('c', { storage: 'clients' }),
        write('gone', { expiresAt: Date.now() - 1 }),
      ]);
      const [agents, clients, ...more] = await store.storages();
      expect(agents).toMatchObject({ name: 'agents', entries: 2, bytes: 2 + 3 + 1 + 2 });
      expect(clients).toMatchObject({ name: 'clients', entries: 1 });
      expect(more).toEqual([]);
      expect(Date.parse(agents?.oldest ?? '')).toBeLessThanOrEqual(Date.parse(agents?.newest ?? ''));
    });

    it('tells what was there when somebody writes, deletes and clears', async () => {
      expect(await store.writeStorage([write('a')])).toBe(0);
      expect(await store.writeStorage([write('a', { value: 2 }), write('b')])).toBe(1);
      expect(await store.readStorage('agents', 'a')).toBe(2);
      expect(await store.writeStorage([{ storage: 'agents', key: 'a' }])).toBe(1);
      expect(await store.writeStorage([{ storage: 'agents', key: 'a' }])).toBe(0);
      await store.writeStorage([write('c'), write('x', { storage: 'clients' })]);
      expect(await store.clearStorage('agents')).toBe(2);
      expect(await store.clearStorage('agents')).toBe(0);
      expect(await keys('clients')).toEqual(['x']);
    });

    it('holds no more entries than it may: those written longest ago go when the batch is stored', async () => {
      const maxEntries = 3;
      await batch(['a', 'b', 'c', 'd', 'e'].map((key) => write(key, { maxEntries })));
      expect(await keys()).toEqual(['c', 'd', 'e']);
      // Writing an entry again makes it young; others of the same store do not count.
      await store.writeStorage([write('c', { maxEntries }), write('x', { storage: 'clients' })]);
      await store.writeStorage([write('f', { maxEntries })]);
      expect(await keys()).toEqual(['c', 'e', 'f']);
      expect(await keys('clients')).toEqual(['x']);
    });

    it('counts right over deletes, rewrites, sweeps and clearing', async () => {
      const maxEntries = 2;
      await store.writeStorage([
        write('a', { maxEntries }),
        write('a', { maxEntries }),
        write('b', { maxEntries }),
      ]);
      expect(await keys()).toEqual(['a', 'b']);
      await store.writeStorage([{ storage: 'agents', key: 'a' }, write('c', { maxEntries })]);
      expect(await keys()).toEqual(['b', 'c']);
      await store.clearStorage('agents');
      await store.writeStorage([
        write('d', { maxEntries, expiresAt: Date.now() - 1 }),
        write('e', { maxEntries }),
      ]);
      await store.sweep({ now: Date.now(), runsBefore: 0 });
      await store.writeStorage([write('f', { maxEntries })]);
      expect(await keys()).toEqual(['e', 'f']);
      await store.writeStorage([write('g', { maxEntries: 1 })]);
      expect(await keys()).toEqual(['g']);
    });

    it('holds as much of thousands of entries, over many batches, as of a few', async () => {
      const maxEntries = 500;
      for (let start = 0; start < 5000; start += 250) {
        const writes = Array.from({ length: 250 }, (_, n) =>
          write(String(start + n).padStart(5, '0'), { maxEntries }),
        );
        await store.writeStorage(writes);
      }
      const left = await keys();
      expect([left.length, left[0], left.at(-1)]).toEqual([500, '04500', '04999']);
    });

    it('stores what an outgoing wrote with the outcome of its task, and nothing where the lease is lost', async () => {
      const worker = await batch([]);
      const claim = await store.settleAndClaim([], {
        routes: [[{ id: 'tickets-to-assets' }]],
        worker,
        now: Date.now() + 1000,
        concurrency: 1,
        slots: 1,
        batch: { size: 1, waitMs: 0 },
        onUnknown: 'retry',
      });
      const [claimed] = claim.groups.flat();
      if (!claimed) throw new Error('no task');
      const settle = (key: string, leaseToken: number) =>
        store.settleAndClaim([
          {
            task: { ...claimed, leaseToken },
            state: 'finished',
            finishedAt: Date.now(),
            storageWrites: [write('z', { maxEntries: 1 }), write(key, { maxEntries: 1 })],
          },
        ]);
      await settle('lost', claimed.leaseToken + 1);
      expect(await keys()).toEqual([]);
      await settle('kept', claimed.leaseToken);
      expect(await keys()).toEqual(['kept']);
    });
  });
}
