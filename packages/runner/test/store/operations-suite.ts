import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ClaimedTask,
  emptyRunCounts,
  type NewFailure,
  type NewTask,
  type Settlement,
  type Store,
  type TaskCommand,
  type WorkerIdentity,
} from '../../src/store/store.ts';
import { createWorkerIdentity } from '../../src/store/worker-identity.ts';
import { failure, ROUTE, type StoreFactory, task } from './store-suite.ts';

const DAY = 86_400_000;

/** What every store must do for operators: commands, retention, pacing, notifications. */
export function operationsSuite(name: string, create: () => Promise<StoreFactory>): void {
  describe(`${name} as a store that is operated`, () => {
    let factory: StoreFactory;
    let store: Store;
    let me: WorkerIdentity;
    beforeEach(async () => {
      factory = await create();
      store = await factory.open();
      me = createWorkerIdentity();
    });
    afterEach(async () => {
      await store.close();
      await factory.dispose();
    });

    const add = async (
      tasks: readonly NewTask[],
      more: { failures?: NewFailure[]; rows?: object[] } = {},
    ) => {
      const opened = await store.openRun({ incoming: 'tickets', worker: me });
      if (opened.status !== 'opened') throw new Error('busy');
      await store.commitBatch({
        runId: opened.run.id,
        worker: me,
        rows: (more.rows ?? []) as never,
        tasks,
        failures: more.failures ?? [],
        storageWrites: [],
        counts: emptyRunCounts(),
        seconds: 0,
      });
      await store.closeRun({ runId: opened.run.id, worker: me, status: 'finished', requests: 0, seconds: 0 });
      const { tasks: stored } = await store.tasks({ limit: 500 });
      return stored.map((one) => one.id).reverse();
    };
    const claim = async (more: object = {}): Promise<ClaimedTask[]> =>
      (
        await store.settleAndClaim([], {
          routes: [[{ id: ROUTE }]],
          worker: me,
          now: Date.now() + 1000,
          concurrency: 100,
          slots: 100,
          batch: { size: 1, waitMs: 0 },
          onUnknown: 'retry',
          ...more,
        })
      ).groups.flat();
    const settle = (one: ClaimedTask, state: Settlement['state'], more: Partial<Settlement> = {}) =>
      store.settleAndClaim([{ task: one, state, finishedAt: Date.now(), ...more }]);
    const bring = async (state: Settlement['state'], more: Partial<Settlement> = {}) => {
      const [id = ''] = await add([task('1', { v: 1 })]);
      const [one] = await claim();
      if (one) await settle(one, state, more);
      return id;
    };
    const command = async (id: string, what: TaskCommand) => (await store.commandTasks([id], what))[0];

    it.each(['failed', 'rejected', 'skipped', 'retry', 'unknown'] as const)(
      'sends a task in %s again by command, with its attempts counted anew',
      async (state) => {
        const id = await bring(state, state === 'retry' ? { dueAt: Date.now() + DAY } : {});
        expect(await command(id, { kind: 'retry' })).toMatchObject({ from: state, to: 'new' });
        expect(await claim()).toMatchObject([{ id, attempt: 2, tries: 1 }]);
        expect((await store.task(id))?.events).toMatchObject([
          { event: 'retried by command', detail: `was ${state}` },
        ]);
      },
    );

    it('sends edited data, and what was delivered only when forced', async () => {
      const id = await bring('finished');
      expect(await command(id, { kind: 'retry' })).toMatchObject({ error: { code: 'task.wrong_state' } });
      await command(id, { kind: 'retry', force: true, data: { v: 'edited' } });
      expect(await claim()).toMatchObject([{ id, data: { v: 'edited' } }]);
      expect((await store.task(id))?.events).toMatchObject([
        { detail: 'was finished, forced, with edited data' },
      ]);
    });

    it('refuses to send again what has a newer task of its key, unless it is forced', async () => {
      const id = await bring('failed');
      await add([task('1', { v: 2 })]);
      expect(await command(id, { kind: 'retry' })).toMatchObject({ error: { code: 'task.outdated' } });
      expect((await store.task(id))?.status).toBe('failed');
      expect(await command(id, { kind: 'retry', force: true })).toMatchObject({ to: 'new' });
    });

    it('skips and cancels what is open, and nothing that is being sent or has ended', async () => {
      const [first = '', second = ''] = await add([task('1', { v: 1 }), task('2', { v: 2 })]);
      const [sent] = await claim({ slots: 1 });
      expect(await command(first, { kind: 'skip' })).toMatchObject({
        from: 'processing',
        error: { code: 'task.wrong_state' },
      });
      expect(await command(second, { kind: 'cancel', reason: 'not wanted' })).toMatchObject({
        from: 'new',
        to: 'cancelled',
      });
      if (sent) await settle(sent, 'finished');
      expect(await command(first, { kind: 'cancel' })).toMatchObject({ error: { code: 'task.wrong_state' } });
      expect(await claim()).toEqual([]);
      expect((await store.task(second))?.events).toMatchObject([
        { event: 'cancelled by command', detail: 'was new, not wanted' },
      ]);
    });

    it('what follows a task that is skipped goes on', async () => {
      const [first = ''] = await add([task('1', { v: 1 }), task('1', { v: 2 })]);
      const [one] = await claim();
      if (one) await settle(one, 'unknown');
      expect(await claim()).toEqual([]);
      await command(first, { kind: 'skip' });
      expect((await claim()).map((next) => next.data)).toEqual([{ v: 2 }]);
    });

    it('confirms what waits, or says that it failed; what is not confirmed in time fails', async () => {
      const confirmed = await bring('waiting', { confirmBy: Date.now() + 1000 });
      expect(await command(confirmed, { kind: 'confirm' })).toMatchObject({ to: 'finished' });
      expect(await command(confirmed, { kind: 'confirm' })).toMatchObject({
        error: { code: 'task.wrong_state' },
      });
      await add([task('2', { v: 2 }), task('3', { v: 3 })]);
      const [two, three] = await claim();
      if (!two || !three) throw new Error('nothing claimed');
      await settle(two, 'waiting');
      await settle(three, 'waiting', { confirmBy: Date.now() + 1000 });
      await command(two.id, { kind: 'confirm', failed: 'no such client' });
      expect(await store.task(two.id)).toMatchObject({
        status: 'failed',
        error: { code: 'task.unconfirmed', message: 'no such client' },
      });
      expect(await store.expireConfirmations(Date.now())).toBe(0);
      expect(await store.expireConfirmations(Date.now() + 2000)).toBe(1);
      expect(await store.task(three.id)).toMatchObject({
        status: 'failed',
        error: { code: 'task.unconfirmed' },
      });
    });

    it('a record that failed before it was a task becomes one under its own id, and its siblings others', async () => {
      const [id = ''] = await add([], { failures: [failure('?abc')] });
      await command(id, { kind: 'retry' });
      const [one] = await claim();
      expect(one).toMatchObject({ stage: 'incoming', data: { id: '?abc' } });
      if (one) await settle(one, 'new', { replayed: [task('7', { v: 7 }), task('8', { v: 8 })] });
      const next = await claim();
      expect(next.map((task) => [task.entity.id, task.stage, task.data])).toEqual([
        ['7', 'outgoing', { v: 7 }],
        ['8', 'outgoing', { v: 8 }],
      ]);
      expect(next[0]?.id).toBe(id);
      expect(await store.task(id)).toMatchObject({ raw: { id: '?abc' }, stage: 'outgoing' });
    });

    it('what was delivered meanwhile, or is outdated, is not sent by a replay', async () => {
      const [failed = ''] = await add([], { failures: [failure('?abc')] });
      await add([task('7', { v: 7 })]);
      for (const one of await claim()) await settle(one, 'finished');
      await command(failed, { kind: 'retry' });
      for (const one of await claim()) await settle(one, 'new', { replayed: [task('7', { v: 6 })] });
      expect(await store.task(failed)).toMatchObject({ status: 'skipped' });
    });

    it('an attempt that was not sent does not count', async () => {
      const id = await bring('retry', { dueAt: Date.now(), uncounted: true });
      expect(await claim()).toMatchObject([{ id, attempt: 2, tries: 1 }]);
    });

    it('keeps the row as it was read with a task that failed, large or small, and no longer than needed', async () => {
      const large = { id: 1, text: 'x'.repeat(100_000) };
      const [id = '', other = ''] = await add(
        [task('1', { v: 1 }, { row: 1 }), task('2', large, { row: 0 })],
        { rows: [large, { id: 2, summary: 'read' }] },
      );
      expect((await store.task(id))?.raw).toEqual({ id: 2, summary: 'read' });
      const [one, two] = await claim();
      if (!one || !two) throw new Error('nothing claimed');
      expect(two.data).toEqual(large);
      const exchange = { request: { method: 'POST', url: 'http://127.0.0.1/', body: large } };
      await settle(one, 'failed', { exchange });
      await settle(two, 'finished', { response: large });
      await store.sweep({ now: Date.now(), runsBefore: 0 });
      expect(await store.task(id)).toMatchObject({
        raw: { id: 2, summary: 'read' },
        history: [{ exchange }],
      });
      const delivered = await store.task(other);
      expect([delivered?.raw, delivered?.response]).toEqual([undefined, large]);
    });

    it('prunes what ended long ago and the oldest of too many, never what is open', async () => {
      await add(['1', '2', '3', '4', '5'].map((id) => task(id, { id })));
      const [one, two, three, four] = await claim({ slots: 4 });
      for (const done of [one, two, three]) if (done) await settle(done, 'finished');
      if (four) await settle(four, 'failed');
      const prune = async (more: { endedBefore?: number; keep?: number }, limit = 500) =>
        store.prune(await store.planPrune({ route: ROUTE, endedBefore: 0, keep: 100, ...more }), limit);
      expect(await prune({})).toBe(0);
      expect(await prune({ keep: 1 })).toBe(2);
      expect((await store.tasks({ limit: 9 })).tasks.map((left) => [left.identifier, left.status])).toEqual([
        ['5', 'new'],
        ['4', 'failed'],
        ['3', 'finished'],
      ]);
      expect(await prune({ endedBefore: Date.now() + DAY }, 1)).toBe(1);
      expect(await prune({ endedBefore: Date.now() + DAY })).toBe(1);
      expect((await store.tasks({ limit: 9 })).tasks.map((left) => left.identifier)).toEqual(['5']);
      // What was delivered stays known: nothing is sent again because its task is gone.
      await add([task('1', { id: '1' })]);
      expect((await store.countTasks([ROUTE]))[ROUTE]).toEqual({ new: 1 });
    });

    it('sweeps old runs, but the newest of an incoming, and storage entries out of time', async () => {
      await add([]);
      await add([]);
      expect((await store.runs({ limit: 9 })).length).toBe(2);
      await store.sweep({ now: Date.now(), runsBefore: Date.now() + DAY });
      expect((await store.runs({ limit: 9 })).length).toBe(1);
    });

    it('takes tasks of routes with a higher priority first, and no more of a route than it allows', async () => {
      const on = (route: string, id: string) => task(id, { id }, { route });
      await add([on('low', '1'), on('low', '2'), on('high', '3'), on('high', '4'), on('high', '5')]);
      const routes = [[{ id: 'high', concurrency: 2 }], [{ id: 'low' }]];
      expect((await claim({ routes, slots: 3 })).map((one) => one.entity.id)).toEqual(['3', '4', '1']);
      expect((await claim({ routes, slots: 3 })).map((one) => one.entity.id)).toEqual(['2']);
    });

    it('moves a cursor by command, and closes an interrupted run that would go on elsewhere', async () => {
      const opened = await store.openRun({ incoming: 'tickets', worker: me });
      if (opened.status !== 'opened') throw new Error('busy');
      await expect(store.setCursor('tickets', 'x')).rejects.toMatchObject({ code: 'call.busy' });
      await store.leaveRun(opened.run.id, me);
      expect(await store.interruptedRuns()).toEqual(['tickets']);
      await store.setCursor('tickets', { since: 'x' });
      expect(await store.run(opened.run.id)).toMatchObject({ status: 'failed' });
      expect(await store.openRun({ incoming: 'tickets', worker: me })).toMatchObject({
        cursor: { since: 'x' },
        run: { resumed: 0 },
      });
      expect(await store.cursors()).toMatchObject([{ incoming: 'tickets', cursor: { since: 'x' } }]);
      await store.setCursor('users', undefined);
      expect(await store.cursor('users')).toBeUndefined();
    });

    it('paces requests over all who ask: publishing first, polling within its share while publishing waits', async () => {
      const now = Date.now();
      const ask = (publish: number, poll: number, at = now) =>
        store.pace({ client: 'halo', requests: 10, windowMs: 1000, publish, poll, now: at });
      expect(await ask(0, 7)).toMatchObject({ publish: 0, poll: 7 });
      expect(await ask(5, 5)).toMatchObject({ publish: 3, poll: 0, nextAt: now + 1000, left: 0 });
      // Publishing waits: polling may take 8 of 10 at most.
      expect(await ask(0, 10, now + 1000)).toMatchObject({ poll: 10 });
      expect(await ask(4, 10, now + 1999)).toMatchObject({ publish: 0, poll: 0 });
      expect(await ask(0, 10, now + 2000)).toMatchObject({ publish: 0, poll: 8 });
      expect(await ask(4, 10, now + 2001)).toMatchObject({ publish: 2, poll: 0 });
      expect(
        await store.pace({ client: 'other', requests: 1, windowMs: 1000, publish: 0, poll: 5, now }),
      ).toMatchObject({ poll: 1 });
    });

    it('counts a request from its answer on', async () => {
      const now = Date.now();
      const ask = (at: number, answered: { grant: number; at: number }[] = []) =>
        store.pace({ client: 'halo', requests: 2, windowMs: 1000, publish: 2, poll: 0, now: at, answered });
      const { grant } = await ask(now);
      expect(await ask(now + 999, [{ grant, at: now + 400 }])).toMatchObject({
        publish: 0,
        nextAt: now + 1400,
      });
      expect(await ask(now + 1399)).toMatchObject({ publish: 0 });
      expect(await ask(now + 1400)).toMatchObject({ publish: 2 });
    });

    it('a clock that is set back does not stop the pacing for longer than a window', async () => {
      const now = Date.now();
      const ask = (at: number) =>
        store.pace({ client: 'halo', requests: 2, windowMs: 1000, publish: 2, poll: 0, now: at });
      expect(await ask(now + DAY)).toMatchObject({ publish: 2 });
      expect(await ask(now)).toMatchObject({ publish: 0 });
      expect(await ask(now + 1000)).toMatchObject({ publish: 2 });
    });

    it('tells what failed since a mark, and how long the oldest due task has waited', async () => {
      const before = Date.now() - 1;
      await bring('failed', { error: { code: 'client.refused', message: 'no' } });
      expect(await store.failuresSince(before, Date.now() + 1, 10)).toMatchObject([
        { identifier: '1', status: 'failed' },
      ]);
      expect(await store.failuresSince(Date.now() + 1, Date.now() + 2, 10)).toEqual([]);
      await add([task('9', {})]);
      const [lag] = await store.lags([ROUTE], Date.now() + 5000);
      expect(lag?.oldestDue).toBeGreaterThan(before);
      await store.setNotified('failed', 17);
      expect(await store.notified('failed')).toBe(17);
    });
  });
}
