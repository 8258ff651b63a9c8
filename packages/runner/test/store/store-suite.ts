import type { JsonObject } from '@millrace/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type BatchCommit,
  type ClaimedTask,
  emptyRouteCounts,
  emptyRunCounts,
  LEASE_MS,
  type NewFailure,
  type NewTask,
  type RunRecord,
  type Settlement,
  type Store,
  type WorkerIdentity,
} from '../../src/store/store.ts';
import { createWorkerIdentity, isDead } from '../../src/store/worker-identity.ts';
import { receivingTests } from './receiving-suite.ts';

export interface StoreFactory {
  /** Opens one more handle on the same store. */
  open(): Promise<Store>;
  dispose(): Promise<void>;
}

export const ROUTE = 'tickets-to-assets';

export function task(id: string, data: JsonObject, more: Partial<NewTask> = {}): NewTask {
  const fingerprint = JSON.stringify(data);
  const fixed = { configHash: 'c1', unchanged: 'skip' as const, supersede: false };
  return { route: ROUTE, entity: { type: 'ticket', id }, data, fingerprint, ...fixed, ...more };
}

export function failure(id: string, more: Partial<NewFailure> = {}): NewFailure {
  return {
    route: ROUTE,
    entity: { type: 'ticket', id },
    status: 'failed',
    stage: 'incoming',
    raw: { id },
    fingerprint: id,
    configHash: 'c1',
    error: { code: 'entity.failed', message: 'no' },
    ...more,
  };
}

/** What every store must do. Times are handed in, so nothing here waits for a clock. */
export function storeSuite(name: string, create: () => Promise<StoreFactory>): void {
  describe(`${name} as a store`, () => {
    let factory: StoreFactory;
    let store: Store;
    let me: WorkerIdentity;
    const opened: Store[] = [];

    const open = async () => {
      const handle = await factory.open();
      opened.push(handle);
      return handle;
    };
    beforeEach(async () => {
      factory = await create();
      store = await open();
      me = createWorkerIdentity();
    });
    afterEach(async () => {
      for (const handle of opened.splice(0)) await handle.close();
      await factory.dispose();
    });

    const begin = async (worker = me, incoming = 'halo-tickets'): Promise<RunRecord> => {
      const result = await store.openRun({ incoming, worker });
      if (result.status !== 'opened') throw new Error('busy');
      return result.run;
    };
    const commit = async (run: RunRecord, tasks: readonly NewTask[], more: Partial<BatchCommit> = {}) =>
      store.commitBatch({
        runId: run.id,
        worker: me,
        rows: [],
        tasks,
        failures: [],
        storageWrites: [],
        counts: { ...emptyRunCounts(), read: tasks.length, passed: tasks.length },
        seconds: 0.1,
        ...more,
      });
    const claim = async (more: object = {}, handle = store) =>
      handle.settleAndClaim([], {
        routes: [[{ id: ROUTE }]],
        worker: me,
        now: Date.now() + 1000,
        concurrency: 10,
        slots: 10,
        batch: { size: 1, waitMs: 0 },
        onUnknown: 'retry',
        ...more,
      });
    const claimed = async (more: object = {}): Promise<ClaimedTask[]> => (await claim(more)).groups.flat();
    const settle = (one: ClaimedTask, state: Settlement['state'], more: Partial<Settlement> = {}) =>
      store
        .settleAndClaim([{ task: one, state, finishedAt: Date.now(), ...more }])
        .then((result) => result.refused);
    const deliver = async (state: Settlement['state'] = 'finished', more: Partial<Settlement> = {}) => {
      for (const one of await claimed()) await settle(one, state, more);
    };
    const states = async () => (await store.countTasks([ROUTE]))[ROUTE];

    receivingTests({ store: () => store, me: () => me, begin, commit, task });

    it('stores the tasks, the position and the books of a batch together', async () => {
      const run = await begin();
      const counts = await commit(run, [task('1', { id: 1 }), task('2', { id: 2 })], {
        position: { page: 2 },
        announced: 7,
      });
      expect(counts.routes[ROUTE]).toEqual({ ...emptyRouteCounts(), made: 2, created: 2 });
      expect(await store.run(run.id)).toMatchObject({
        status: 'running',
        position: { page: 2 },
        announced: { lowest: 7, highest: 7 },
        counts: { read: 2, passed: 2, routes: { [ROUTE]: { created: 2 } } },
      });
      expect(await states()).toEqual({ new: 2 });
    });

    it('stores nothing of a batch in which one task cannot be stored', async () => {
      const run = await begin();
      await commit(run, [], { position: { page: 1 } });
      const broken = task('2', { id: 2 });
      Object.assign(broken, { route: null });
      await expect(commit(run, [task('1', { id: 1 }), broken], { position: { page: 2 } })).rejects.toThrow();
      expect(await states()).toEqual({});
      expect((await store.run(run.id))?.position).toEqual({ page: 1 });
    });

    it('refuses a batch of a run that has another worker by now', async () => {
      const run = await begin();
      const other = createWorkerIdentity();
      await expect(commit(run, [task('1', {})], { worker: other })).rejects.toThrow(/another process/);
      expect(await states()).toEqual({});
    });

    it('opens one run of an incoming at a time, and says who is at it', async () => {
      const run = await begin();
      const second = await (await open()).openRun({
        incoming: 'halo-tickets',
        worker: createWorkerIdentity(),
      });
      expect(second).toEqual({ status: 'busy', runId: run.id, host: me.host, pid: process.pid });
    });

    it('takes up a run whose process gave it up: same id, same books, last stored position', async () => {
      const run = await begin();
      await commit(run, [task('1', { id: 1 })], { position: { page: 2 } });
      await store.release(me);
      const again = await begin(createWorkerIdentity());
      expect(again).toMatchObject({ id: run.id, position: { page: 2 }, resumed: 1, counts: { read: 1 } });
    });

    it('closes a dead run as failed and begins anew when asked to', async () => {
      const run = await begin();
      await store.release(me);
      const opened = await store.openRun({
        incoming: 'halo-tickets',
        worker: createWorkerIdentity(),
        fresh: true,
      });
      expect(opened).toMatchObject({ status: 'opened', run: { resumed: 0, counts: { read: 0 } } });
      expect(await store.run(run.id)).toMatchObject({ status: 'failed', error: { code: 'run.cancelled' } });
    });

    it('leaves a dead run to the next full one when a limited run comes between', async () => {
      const run = await begin();
      await store.release(me);
      const worker = createWorkerIdentity();
      const limited = await store.openRun({ incoming: 'halo-tickets', worker, limited: true });
      if (limited.status !== 'opened') throw new Error('busy');
      expect(limited.run.id).not.toBe(run.id);
      await store.closeRun({ runId: limited.run.id, worker, status: 'finished', requests: 1, seconds: 1 });
      expect((await begin(worker)).id).toBe(run.id);
    });

    it('moves the cursor with a finished run only', async () => {
      const first = await begin();
      const close = { worker: me, requests: 3, seconds: 2 };
      await store.closeRun({ runId: first.id, status: 'unbalanced', ...close });
      expect(await store.cursor('halo-tickets')).toBeUndefined();
      const second = await begin();
      await expect(
        store.closeRun({ runId: second.id, status: 'failed', cursor: 'c', ...close }),
      ).rejects.toThrow(/only a finished/);
      await store.closeRun({ runId: second.id, status: 'finished', cursor: { at: 'c2' }, ...close });
      expect(await store.cursor('halo-tickets')).toEqual({ at: 'c2' });
      const third = await store.openRun({ incoming: 'halo-tickets', worker: me });
      expect(third).toMatchObject({ status: 'opened', cursor: { at: 'c2' } });
    });

    it('makes no second task of what is still open', async () => {
      const run = await begin();
      await commit(run, [task('1', { id: 1 })]);
      const counts = await commit(run, [task('1', { id: 1 })]);
      expect(counts.routes[ROUTE]).toMatchObject({ made: 1, created: 0, unchanged: 1, held: 0 });
      expect(await states()).toEqual({ new: 1 });
    });

    it('makes a second task when the open one holds other data', async () => {
      const run = await begin();
      await commit(run, [task('1', { v: 1 }), task('1', { v: 2 })]);
      expect(await states()).toEqual({ new: 2 });
    });

    it('calls an entity unchanged after its delivery, and not before', async () => {
      const run = await begin();
      await commit(run, [task('1', { v: 1 })]);
      await deliver('skipped');
      expect((await commit(run, [task('1', { v: 1 })])).routes[ROUTE]).toMatchObject({ created: 1 });
      await deliver();
      expect((await commit(run, [task('1', { v: 1 })])).routes[ROUTE]).toMatchObject({ unchanged: 1 });
      expect((await commit(run, [task('1', { v: 2 })])).routes[ROUTE]).toMatchObject({ created: 1 });
    });

    it('sends what is unchanged where the route says so, but not what is still open', async () => {
      const run = await begin();
      const always = task('1', { v: 1 }, { unchanged: 'send' });
      await commit(run, [always]);
      expect((await commit(run, [always])).routes[ROUTE]).toMatchObject({ unchanged: 1 });
      await deliver();
      expect((await commit(run, [always])).routes[ROUTE]).toMatchObject({ created: 1 });
    });

    it.each(['failed', 'rejected'] as const)(
      'holds what is equal to a %s task until a file changes',
      async (state) => {
        const run = await begin();
        await commit(run, [task('1', { v: 1 })]);
        await deliver(state, { error: { code: 'client.refused', message: 'no' } });
        expect((await commit(run, [task('1', { v: 1 })])).routes[ROUTE]).toMatchObject({
          unchanged: 1,
          held: 1,
        });
        const changed = task('1', { v: 1 }, { configHash: 'c2' });
        expect((await commit(run, [changed])).routes[ROUTE]).toMatchObject({ created: 1 });
      },
    );

    it('tells what storing a task would come to, and changes nothing by it', async () => {
      const run = await begin();
      const probe = (v: number) => store.probe(task('1', { v }));
      expect(await probe(1)).toEqual({ verdict: 'new', known: false });
      await commit(run, [task('1', { v: 1 })]);
      expect(await probe(1)).toMatchObject({
        verdict: 'unchanged',
        before: { status: 'new', data: { v: 1 } },
      });
      expect(await probe(2)).toMatchObject({ verdict: 'new', known: true, before: { data: { v: 1 } } });
      await deliver();
      await commit(run, [task('1', { v: 2 })]);
      await deliver('rejected', { error: { code: 'client.refused', message: 'no' } });
      expect(await probe(2)).toMatchObject({
        verdict: 'held',
        before: { status: 'rejected', data: { v: 2 } },
      });
      await commit(run, [task('1', { v: 3 })]);
      await deliver('skipped');
      // What was skipped reached nobody: the last delivered one counts.
      expect(await probe(1)).toMatchObject({
        verdict: 'unchanged',
        before: { status: 'finished', data: { v: 1 } },
      });
      expect(await states()).toEqual({ finished: 1, rejected: 1, skipped: 1 });
    });

    it('supersedes older queued tasks of the key where the route says so, and writes it down', async () => {
      const run = await begin();
      await commit(run, [task('1', { v: 1 })]);
      const counts = await commit(run, [task('1', { v: 2 }, { supersede: true })]);
      expect(counts.routes[ROUTE]).toMatchObject({ created: 1, superseded: 1 });
      const { tasks } = await store.tasks({ limit: 10 });
      expect(tasks.map((one) => one.status)).toEqual(['new', 'superseded']);
      const old = await store.task(tasks[1]?.id ?? '');
      expect(old?.events).toMatchObject([{ event: 'superseded', detail: tasks[0]?.id }]);
      expect((await claimed()).map((one) => one.data)).toEqual([{ v: 2 }]);
    });

    it('keeps the raw row of what failed before it was a task, once', async () => {
      const run = await begin();
      await commit(run, [], { failures: [failure('?abc'), failure('?abc')] });
      const { tasks } = await store.tasks({ limit: 10 });
      expect(tasks).toMatchObject([
        { identifier: '?abc', status: 'failed', error: { code: 'entity.failed' } },
      ]);
      expect(await store.task(tasks[0]?.id ?? '')).toMatchObject({ stage: 'incoming', data: { id: '?abc' } });
      expect(await claimed()).toEqual([]);
    });

    it('never claims two tasks of one key together, and claims them in creation order', async () => {
      const run = await begin();
      await commit(run, [task('1', { v: 1 }), task('1', { v: 2 }), task('2', { v: 3 })]);
      const first = await claimed();
      expect(first.map((one) => one.data)).toEqual([{ v: 1 }, { v: 3 }]);
      expect(await claimed()).toEqual([]);
      for (const one of first) await settle(one, 'finished');
      expect((await claimed()).map((one) => one.data)).toEqual([{ v: 2 }]);
    });

    it.each(['retry', 'unknown', 'waiting'] as const)(
      'holds back newer tasks of a key that is in %s',
      async (state) => {
        const run = await begin();
        await commit(run, [task('1', { v: 1 }), task('1', { v: 2 })]);
        const [one] = await claimed();
        if (one) await settle(one, state, state === 'retry' ? { dueAt: Date.now() + 60_000 } : {});
        expect(await claimed()).toEqual([]);
      },
    );

    it('claims a retry when it is due, and says when that is', async () => {
      const run = await begin();
      await commit(run, [task('1', { v: 1 })]);
      const dueAt = Date.now() + 60_000;
      const [one] = await claimed();
      if (one) await settle(one, 'retry', { dueAt, error: { code: 'client.unavailable', message: 'busy' } });
      expect(await claim()).toEqual({ groups: [], nextDue: dueAt, refused: [] });
      expect(await claimed({ now: dueAt })).toMatchObject([{ attempt: 2, inDoubt: false }]);
    });

    it('gives groups of up to the batch size, and waits for a group to fill as long as it may', async () => {
      const run = await begin();
      await commit(
        run,
        ['1', '2', '3'].map((id) => task(id, { id })),
      );
      const now = Date.now() + 1000;
      const batch = { size: 2, waitMs: 5_000 };
      expect((await claim({ now, batch })).groups.map((group) => group.length)).toEqual([2]);
      const rest = await claim({ now, batch });
      expect(rest.groups).toEqual([]);
      expect((await claim({ now: rest.nextDue, batch })).groups.map((group) => group.length)).toEqual([1]);
    });

    it('counts publish calls in flight over all workers', async () => {
      const run = await begin();
      await commit(
        run,
        ['1', '2', '3'].map((id) => task(id, { id })),
      );
      expect(await claimed({ concurrency: 2, slots: 2 })).toHaveLength(2);
      const other = { worker: createWorkerIdentity(), concurrency: 2, slots: 2 };
      expect(await claimed(other)).toHaveLength(0);
    });

    it('counts what is queued, without what is being sent, no further than asked for', async () => {
      const run = await begin();
      await commit(
        run,
        Array.from({ length: 20 }, (_, n) => task(String(n), { n })),
      );
      expect(await store.countQueued(ROUTE, 100)).toBe(20);
      await claimed({ concurrency: 5, slots: 5 });
      expect(await store.countQueued(ROUTE, 100)).toBe(15);
      expect(await store.countQueued(ROUTE, 11)).toBe(11);
      expect(await store.countQueued('other', 11)).toBe(0);
    });

    it('lets two handles claim each task once', async () => {
      const run = await begin();
      await commit(
        run,
        Array.from({ length: 100 }, (_, n) => task(String(n), { n })),
      );
      const second = await open();
      const more = { concurrency: 100, slots: 3 };
      const ids: string[] = [];
      for (let turn = 0; turn < 40; turn++) {
        const result = await claim(more, turn % 2 ? second : store);
        ids.push(...result.groups.flat().map((one) => one.id));
      }
      expect(new Set(ids).size).toBe(100);
      expect(ids).toHaveLength(100);
    });

    it('refuses the outcome of a worker whose lease ran out', async () => {
      const run = await begin();
      await commit(run, [task('1', { v: 1 })]);
      const late = createWorkerIdentity();
      const now = Date.now() + 1000;
      const [one] = await claimed({ worker: late, now });
      const after = now + LEASE_MS + 1;
      const [again] = await claimed({ now: after });
      expect(again).toMatchObject({ attempt: 2, inDoubt: true });
      if (!one || !again) throw new Error('nothing claimed');
      expect(await settle(one, 'failed')).toEqual([one.id]);
      expect(await states()).toEqual({ processing: 1 });
      expect(await settle(again, 'finished')).toEqual([]);
      expect(await states()).toEqual({ finished: 1 });
    });

    it('frees at once what a process of this host held that runs no more', async () => {
      const run = await begin();
      await commit(run, [task('1', { v: 1 }), task('2', { v: 2 })]);
      const dead = { ...createWorkerIdentity(), processStart: 'long ago' };
      expect(isDead(dead)).toBe(true);
      await claimed({ worker: dead, slots: 1 });
      await claimed({ worker: { ...dead, id: 'hold' }, slots: 1, onUnknown: 'hold' });
      expect(await claimed()).toMatchObject([{ data: { v: 1 }, inDoubt: true, attempt: 2 }]);
      const { tasks } = await store.tasks({ status: ['unknown'], limit: 10 });
      expect(tasks).toMatchObject([{ identifier: '2', dueAt: null }]);
      const held = await store.task(tasks[0]?.id ?? '');
      expect(held?.history).toMatchObject([{ number: 1, outcome: 'unknown' }]);
      expect(held?.events).toMatchObject([{ event: 'lease freed' }]);
    });

    it('keeps every attempt with its outcome, error and exchange', async () => {
      const run = await begin();
      await commit(run, [task('1', { v: 1 })]);
      const exchange = {
        request: { method: 'POST', url: 'http://x/', body: [1] },
        response: { status: 503 },
      };
      const error = { code: 'client.unavailable', message: 'busy', status: 503 };
      await deliver('retry', { dueAt: Date.now(), error, exchange });
      await deliver('finished', { response: { id: 9 } });
      const { tasks } = await store.tasks({ limit: 1 });
      const details = await store.task(tasks[0]?.id ?? '');
      expect(details).toMatchObject({ status: 'finished', attempts: 2, response: { id: 9 }, runId: run.id });
      expect(details?.error).toBeUndefined();
      expect(details?.history).toMatchObject([
        { number: 1, outcome: 'retry', error, exchange },
        { number: 2, outcome: 'finished' },
      ]);
    });

    it('lists newest first, by filter, a page at a time', async () => {
      const run = await begin();
      await commit(
        run,
        ['1', '2', '3'].map((id) => task(id, { id })),
      );
      const first = await store.tasks({ route: ROUTE, limit: 2 });
      expect(first.tasks.map((one) => one.identifier)).toEqual(['3', '2']);
      const rest = await store.tasks({ route: ROUTE, limit: 2, after: first.next ?? '' });
      expect(rest.tasks.map((one) => one.identifier)).toEqual(['1']);
      expect(rest.next).toBeUndefined();
      expect((await store.tasks({ entity: '2', limit: 9 })).tasks).toHaveLength(1);
      expect((await store.tasks({ entity: 'ticket/2', limit: 9 })).tasks).toHaveLength(1);
      expect((await store.tasks({ entity: 'asset/2', limit: 9 })).tasks).toHaveLength(0);
      expect((await store.tasks({ status: ['failed'], limit: 9 })).tasks).toHaveLength(0);
      expect((await store.tasks({ route: 'other', limit: 9 })).tasks).toHaveLength(0);
    });

    it('stores storage writes with their batch, and forgets them when they expire', async () => {
      const run = await begin();
      const write = { storage: 'agents', key: '7', value: { name: 'Ann' } };
      await commit(run, [], { storageWrites: [write, { ...write, key: '8', expiresAt: Date.now() - 1 }] });
      expect(await store.readStorage('agents', '7')).toEqual({ name: 'Ann' });
      expect(await store.readStorage('agents', '8')).toBeUndefined();
      await commit(run, [], { storageWrites: [{ storage: 'agents', key: '7' }] });
      expect(await store.readStorage('agents', '7')).toBeUndefined();
    });
  });
}
