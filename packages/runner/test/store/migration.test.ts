import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { MIGRATIONS } from '../../src/store/sqlite/schema.ts';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { createWorkerIdentity } from '../../src/store/worker-identity.ts';

const FIRST_RELEASE = fileURLToPath(new URL('./fixtures/first-release.db', import.meta.url));
const LONG_AFTER = Date.parse('2027-06-01T00:00:00Z');

function copyOfFirstRelease(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-migration-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'store.db');
  copyFileSync(FIRST_RELEASE, path);
  return path;
}

function open(path: string): SqliteStore {
  const store = new SqliteStore(path, () => LONG_AFTER);
  onTestFinished(() => store.close());
  return store;
}

it('a store of the first release is lifted, and its tasks in every state go on', async () => {
  const store = open(copyOfFirstRelease());
  expect((await store.countTasks(['to-assets']))['to-assets']).toEqual({
    failed: 2,
    finished: 1,
    new: 1,
    rejected: 1,
    retry: 1,
    skipped: 1,
    superseded: 1,
    // One was, two were being sent by a process whose lease is over.
    unknown: 3,
    waiting: 1,
  });
  expect(await store.cursor('users')).toEqual({ since: '2026-11-24T00:00:00Z' });
  expect(await store.readStorage('agents', '7')).toEqual({ name: 'Ann' });
  // What was there before counts, and is older than what comes.
  await store.writeStorage([{ storage: 'agents', key: '6', value: 'new', maxEntries: 1 }]);
  expect(await store.storageEntries('agents', '', 9)).toEqual([{ key: '6', value: 'new' }]);
  const worker = createWorkerIdentity();
  const opened = await store.openRun({ incoming: 'tickets', worker });
  expect(opened).toMatchObject({
    status: 'opened',
    run: { resumed: 1, position: { page: 2 }, counts: { read: 11 } },
  });
  const { tasks } = await store.tasks({ limit: 50 });
  const failed = tasks.filter((one) => one.status === 'failed');
  expect(await store.task(failed[1]?.id ?? '')).toMatchObject({
    raw: { id: 'failed', summary: 'as read' },
    history: [{ outcome: 'failed', exchange: { response: { status: 503 } } }],
  });
  const retried = await store.commandTasks(
    failed.map((one) => one.id),
    { kind: 'retry' },
  );
  expect(retried.map((one) => one.to)).toEqual(['new', 'new']);
  const { groups } = await store.settleAndClaim([], {
    routes: [[{ id: 'to-assets' }]],
    worker,
    now: LONG_AFTER,
    concurrency: 20,
    slots: 20,
    batch: { size: 1, waitMs: 0 },
    onUnknown: 'retry',
  });
  const claimed = groups.flat();
  // The held ones wait for a command; what was retried counts its attempts anew.
  expect(claimed.map((one) => [one.entity.id, one.stage, one.tries]).sort()).toEqual([
    ['?0123456789abcdef', 'incoming', 1],
    ['failed', 'outgoing', 1],
    ['retry', 'outgoing', 2],
    ['superseded', 'outgoing', 1],
  ]);
});

it('a store of the second version is lifted; what is being sent stays with its process until that gives it up', async () => {
  const path = copyOfFirstRelease();
  const before = new DatabaseSync(path);
  before.exec(MIGRATIONS[1] ?? '');
  const worker = createWorkerIdentity();
  before
    .prepare('INSERT INTO workers (id, host, pid, process_start, expires_at) VALUES (?, ?, ?, ?, ?)')
    .run(worker.id, worker.host, worker.pid, worker.processStart, LONG_AFTER + 30_000);
  const taken = before
    .prepare(
      `UPDATE tasks SET status = 'processing', due_at = NULL, attempts = attempts + 1, lease_worker = ?, lease_call = 'c',
         started_at = ?, on_unknown = 'hold' WHERE status IN ('new', 'retry') RETURNING id, attempts`,
    )
    .all(worker.id, LONG_AFTER - 1000);
  before.exec('PRAGMA user_version = 2');
  before.close();
  const store = open(path);
  const listed = (await store.tasks({ status: ['processing'], limit: 9 })).tasks;
  expect(new Map(listed.map(({ id, attempts }) => [id, attempts]))).toEqual(
    new Map(taken.map((one) => [one['id'], one['attempts']])),
  );
  expect((await store.countTasks(['to-assets']))['to-assets']).toMatchObject({ processing: taken.length });
  await store.release(worker);
  for (const { id, attempts } of listed) {
    const task = await store.task(id);
    expect(task).toMatchObject({ status: 'unknown', attempts, dueAt: null });
    expect(task?.history.at(-1)).toMatchObject({ number: attempts, outcome: 'unknown' });
  }
});

it('a migration that is interrupted leaves the store as it was', () => {
  const path = copyOfFirstRelease();
  const database = new DatabaseSync(path);
  // The second half of the migration cannot be done: a table of that name is in the way.
  database.exec('CREATE TABLE schedules (mine TEXT)');
  database.close();
  expect(() => new SqliteStore(path)).toThrow(/schedules/);
  const after = new DatabaseSync(path);
  onTestFinished(() => after.close());
  expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
  expect(after.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'batch_rows'").get()).toEqual({
    n: 0,
  });
});

it('a store of a newer release is refused, and not touched', () => {
  const path = copyOfFirstRelease();
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 99');
  database.close();
  expect(() => new SqliteStore(path)).toThrow(/newer Millrace/);
});
