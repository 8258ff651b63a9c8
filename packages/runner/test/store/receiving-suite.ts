import { type JsonObject, versionOf } from '@millrace/core';
import { expect, it } from 'vitest';
import { newId } from '../../src/store/new-id.ts';
import {
  type BatchCommit,
  emptyRunCounts,
  LEASE_MS,
  type NewTask,
  type RunCounts,
  type RunRecord,
  type Store,
  type WorkerIdentity,
} from '../../src/store/store.ts';
import { createWorkerIdentity } from '../../src/store/worker-identity.ts';

interface Rig {
  readonly store: () => Store;
  readonly me: () => WorkerIdentity;
  readonly begin: () => Promise<RunRecord>;
  readonly commit: (run: RunRecord, tasks: readonly NewTask[]) => Promise<RunCounts>;
  readonly task: (id: string, data: JsonObject, more?: Partial<NewTask>) => NewTask;
}

const INCOMING = 'halo-tickets';
const ROUTE = 'tickets-to-assets';

/** What a store does for receivers. */
export function receivingTests({ store, me, begin, commit, task }: Rig): void {
  const receive = (worker = me()) => store().openReceiving({ id: newId(), incoming: INCOMING, worker });
  const batch = (run: RunRecord, tasks: readonly NewTask[]): BatchCommit => ({
    runId: run.id,
    worker: me(),
    rows: [],
    tasks,
    failures: [],
    storageWrites: [],
    counts: { ...emptyRunCounts(), read: tasks.length, passed: tasks.length },
    seconds: 0,
  });

  it('keeps books of what is received beside the run that reads, and nobody takes them up', async () => {
    const [receiving, reading] = [await receive(), await begin()];
    expect([receiving.receiving, reading.receiving]).toEqual([true, false]);
    expect((await store().openRun({ incoming: INCOMING, worker: me() })).status).toBe('busy');
    await store().leaveRun(reading.id, me());
    const next = await store().openRun({ incoming: INCOMING, worker: me() });
    expect(next).toMatchObject({ status: 'opened', run: { id: reading.id, resumed: 1 } });
    await store().closeRun({ runId: reading.id, worker: me(), status: 'finished', requests: 0, seconds: 0 });
    await store().setCursor(INCOMING, { at: 1 });
    expect(await store().run(receiving.id)).toMatchObject({ status: 'running' });
  });

  it('closes the books of a process that died, as they are', async () => {
    const dead = { ...createWorkerIdentity(), pid: 2 ** 22 + 1 };
    const run = await receive(dead);
    expect(await store().interruptedRuns()).toEqual([]);
    expect(await store().run(run.id)).toMatchObject({ status: 'finished', counts: { read: 0 } });
  });

  it('stores a delivery once while it is remembered, and nothing of one that comes again', async () => {
    const run = await receive();
    const mark = { incoming: INCOMING, id: 'd-1', expiresAt: Date.now() + LEASE_MS };
    const first = await store().commitDelivery(batch(run, [task('1', { v: 1 })]), mark);
    expect(first).toMatchObject({ routes: { [ROUTE]: { created: 1 } } });
    expect(await store().commitDelivery(batch(run, [task('2', { v: 1 })]), mark)).toBe('repeated');
    expect(await store().isDelivered(INCOMING, 'd-1')).toBe(true);
    expect(await store().isDelivered('another', 'd-1')).toBe(false);
    expect((await store().run(run.id))?.counts.read).toBe(1);
    expect(await store().countTasks([ROUTE])).toEqual({ [ROUTE]: { new: 1 } });
    const old = { incoming: INCOMING, id: 'd-2', expiresAt: Date.now() - 1 };
    await store().commitDelivery(batch(run, []), old);
    expect(await store().isDelivered(INCOMING, 'd-2')).toBe(false);
    expect(await store().sweep({ now: Date.now(), runsBefore: 0 })).toBe(1);
  });

  it('remembers no delivery whose tasks it could not store', async () => {
    const run = await receive(createWorkerIdentity());
    const mark = { incoming: INCOMING, id: 'd-1', expiresAt: Date.now() + LEASE_MS };
    await expect(store().commitDelivery(batch(run, [task('1', { v: 1 })]), mark)).rejects.toThrow(
      /belongs to another process/,
    );
    expect(await store().isDelivered(INCOMING, 'd-1')).toBe(false);
  });

  it('makes no task of an older version of an entity than one that became a task', async () => {
    const run = await begin();
    const at = (version: number, data: JsonObject) => {
      const text = versionOf(version);
      return task('1', data, text === undefined ? {} : { version: text });
    };
    const books = async (...tasks: NewTask[]) => (await commit(run, tasks)).routes[ROUTE];
    expect(await books(at(5, { v: 5 }))).toMatchObject({ created: 1, unchanged: 0 });
    expect(await books(at(4, { v: 4 }))).toMatchObject({ made: 1, created: 0, unchanged: 1, outdated: 1 });
    expect(await store().probe(at(4, { v: 4 }))).toMatchObject({ verdict: 'unchanged' });
    expect(await books(at(5, { v: 'other' }))).toMatchObject({ created: 1 });
    expect(await books(at(10, { v: 10 }), at(9, { v: 9 }))).toMatchObject({ created: 1, outdated: 1 });
    expect(await books(task('1', { v: 'none' }))).toMatchObject({ created: 1 });
    expect(await books(at(9, { v: 9 }))).toMatchObject({ created: 0, outdated: 1 });
    // An unchanged record of a newer version makes the versions before it old, too.
    const other = (version: string) => task('2', { same: true }, { version });
    expect(await books(other('n1'), other('n3'))).toMatchObject({ created: 1, unchanged: 1 });
    expect(await books({ ...other('n2'), fingerprint: 'changed' })).toMatchObject({ outdated: 1 });
  });
}
