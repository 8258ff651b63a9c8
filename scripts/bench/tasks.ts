// How long `millrace tasks list` takes on a store of a million tasks. Exit 1 where an answer takes a second or more.
//   npm run bench:tasks -- --tasks 1000000
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SqliteStore } from '../../packages/runner/src/store/sqlite/sqlite-store.ts';

const MILLRACE = fileURLToPath(new URL('../../packages/runner/bin/millrace.mjs', import.meta.url));
const { values } = parseArgs({ options: { tasks: { type: 'string', default: '1000000' } } });
const TASKS = Number(values.tasks);
const DAY = 86_400_000;

/** Thirty days of tasks of three routes: most delivered, some failed, the newest still new. By the store's own tables. */
async function build(path: string, now: number): Promise<void> {
  await new SqliteStore(path).close();
  const db = new DatabaseSync(path);
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN');
  db.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :tasks),
       made AS (SELECT i, :now - 30 * :day + i * (30 * :day / :tasks) AS at,
         CASE i % 10 WHEN 0 THEN 'users' WHEN 1 THEN 'clients' ELSE 'tickets' END AS route,
         CASE WHEN i > :tasks - :tasks / 200 THEN 'new' WHEN i % 1000 < 20 THEN 'failed' WHEN i % 1000 < 25 THEN 'rejected'
           WHEN i % 1000 = 25 THEN 'skipped' WHEN i % 1000 = 26 THEN 'retry' ELSE 'finished' END AS status FROM n)
     INSERT INTO tasks (seq, id, route, type, identifier, status, open, stage, run, fingerprint, config_hash, attempts, due_at,
       created_at, updated_at, error)
     SELECT i, printf('01M%023d', i), route, 'ticket', CAST(i % (:tasks / 5) AS TEXT), status, status IN ('new', 'retry'),
       'outgoing', '01RUN', printf('%064x', i), printf('%064x', 7), status <> 'new', iif(status IN ('new', 'retry'), at, NULL),
       at, at + iif(status = 'new', 0, 1500),
       iif(status IN ('failed', 'rejected'), '{"code":"client.forbidden","message":"POST answered 403"}', NULL) FROM made`,
  ).run({ tasks: BigInt(TASKS), now: BigInt(now), day: BigInt(DAY) });
  db.exec(`
    INSERT INTO payloads (task, data) SELECT seq, '{"payload":{"inventory_number":"T-' || identifier || '","client_id":3}}' FROM tasks;
    INSERT INTO attempts (task, number, started_at, finished_at, outcome, response)
      SELECT seq, 1, created_at, updated_at, status, '{"id":1}' FROM tasks WHERE status <> 'new';
    COMMIT`);
  db.close();
}

const FILTERS = [
  '',
  '--status failed',
  '--status new',
  '--status retry',
  '--status processing',
  '--status cancelled',
  '--status failed,rejected,unknown',
  '--route tickets',
  '--route users --status failed',
  '--entity 4711',
  '--entity ticket/4711 --status finished',
  '--entity nothing',
  '--since 1h',
  '--since 1d --until 12h',
  '--since 29d --until 28d',
  '--until 20d',
  '--status finished --since 29d --until 28d',
  '--status failed --since 1m',
  '--status unknown --since 20d',
  '--route tickets --until 29d',
  '--limit 1000',
];

const folder = await mkdtemp(join(tmpdir(), 'millrace-tasks-'));
try {
  const path = join(folder, 'store.db');
  await build(path, Date.now());
  const size = Math.round((await stat(path)).size / 1_048_576);
  process.stdout.write(`${TASKS} tasks, ${size} MB\nmilliseconds    listed        millrace tasks list …\n`);
  let slowest = 0;
  for (const filter of FILTERS) {
    const args = [
      'tasks',
      'list',
      '--json',
      '--store',
      `sqlite:${path}`,
      ...filter.split(' ').filter(Boolean),
    ];
    const before = performance.now();
    const { status, stdout } = spawnSync(process.execPath, [MILLRACE, ...args], { encoding: 'utf8' });
    const took = performance.now() - before;
    if (status !== 0) throw new Error(`${filter}: exit ${status} ${stdout}`);
    slowest = Math.max(slowest, took);
    const { tasks } = (JSON.parse(stdout) as { result: { tasks: unknown[] } }).result;
    process.stdout.write(
      `${String(Math.round(took)).padStart(12)}   ${String(tasks.length).padStart(6)} tasks   ${filter || '(all)'}\n`,
    );
  }
  process.exitCode = slowest < 1000 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}
