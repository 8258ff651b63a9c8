import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import {
  type ClaimedTask,
  emptyRunCounts,
  type Settlement,
  type TaskFilter,
  type TaskRow,
} from '../../src/store/store.ts';
import { TASK_STATES } from '../../src/store/task-state.ts';
import { createWorkerIdentity } from '../../src/store/worker-identity.ts';
import { failure, task } from './store-suite.ts';

const START = Date.parse('2027-03-01T00:00:00Z');
const STEP = 1000;
const ROUTES = ['a', 'b', 'quiet'];

/** What happens to a store, one thing a second. */
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ make: fc.integer({ min: 0, max: 7 }), on: fc.integer({ min: 0, max: 1 }) }),
  },
  { weight: 1, arbitrary: fc.record({ fail: fc.integer({ min: 0, max: 7 }) }) },
  { weight: 3, arbitrary: fc.record({ claim: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      settle: fc.constantFrom(
        'finished',
        'failed',
        'rejected',
        'skipped',
        'retry',
        'unknown',
        'waiting' as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ command: fc.constantFrom('retry', 'skip', 'cancel' as const), of: fc.nat() }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

class Shop {
  readonly store: SqliteStore;
  readonly path: string;
  now = START;
  readonly #me = createWorkerIdentity();
  readonly #held: ClaimedTask[] = [];
  #run = '';

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-listing-'));
    this.path = join(folder, 'store.db');
    this.store = new SqliteStore(this.path, () => this.now);
    onTestFinished(async () => {
      await this.store.close();
      rmSync(folder, { recursive: true });
    });
  }

  async open(): Promise<void> {
    const opened = await this.store.openRun({ incoming: 'tickets', worker: this.#me });
    if (opened.status === 'opened') this.#run = opened.run.id;
    await this.store.renew(this.#me, START + 1e9);
  }

  async happen(what: Happening): Promise<void> {
    this.now += STEP;
    const batch = {
      runId: this.#run,
      worker: this.#me,
      rows: [],
      storageWrites: [],
      counts: emptyRunCounts(),
      seconds: 0,
    };
    if ('make' in what) {
      const made = task(String(what.make), { at: this.now }, { route: ROUTES[what.on] ?? '' });
      await this.store.commitBatch({ ...batch, tasks: [made], failures: [] });
    } else if ('fail' in what) {
      const failed = failure(`?${what.fail}`, { route: 'a', fingerprint: String(this.now) });
      await this.store.commitBatch({ ...batch, tasks: [], failures: [failed] });
    } else if ('claim' in what) {
      const request = {
        routes: [ROUTES.map((id) => ({ id }))],
        worker: this.#me,
        now: this.now,
        concurrency: 100,
        slots: what.claim,
        batch: { size: 1, waitMs: 0 },
        onUnknown: 'retry' as const,
      };
      this.#held.push(...(await this.store.settleAndClaim([], request)).groups.flat());
    } else if ('settle' in what) {
      const one = this.#held.shift();
      const state = what.settle as Settlement['state'];
      const due = state === 'retry' ? { dueAt: this.now + 5 * STEP } : {};
      if (one) await this.store.settleAndClaim([{ task: one, state, finishedAt: this.now, ...due }]);
    } else {
      const { tasks } = await this.store.tasks({ limit: 1000 });
      const chosen = tasks[what.of % Math.max(1, tasks.length)];
      if (chosen)
        await this.store.commandTasks([chosen.id], {
          kind: what.command,
          ...(what.command === 'retry' && { force: true }),
        } as never);
    }
  }

  /** Every task as the tables say it, newest first. */
  everything(): readonly (TaskRow & { at: number })[] {
    const db = new DatabaseSync(this.path, { readOnly: true });
    const rows = db
      .prepare(
        'SELECT tasks.*, leases.started_at AS leased FROM tasks LEFT JOIN leases ON task = seq ORDER BY seq DESC',
      )
      .all();
    db.close();
    return rows.map((row) => ({
      id: String(row['id']),
      route: String(row['route']),
      type: String(row['type']),
      identifier: String(row['identifier']),
      status: (row['leased'] === null ? row['status'] : 'processing') as TaskRow['status'],
      at: Number(row['leased'] ?? row['updated_at']),
    })) as never;
  }
}

const seconds = (most: number) => fc.option(fc.integer({ min: -2, max: most }), { nil: undefined });
const filters = fc.record({
  status: fc.option(fc.uniqueArray(fc.constantFrom(...TASK_STATES), { minLength: 1, maxLength: 3 }), {
    nil: undefined,
  }),
  route: fc.option(fc.constantFrom(...ROUTES), { nil: undefined }),
  entity: fc.option(fc.constantFrom('1', 'ticket/2', '?3', 'asset/1'), { nil: undefined }),
  since: seconds(60),
  until: seconds(60),
  limit: fc.integer({ min: 1, max: 6 }),
});

describe('the list of tasks', () => {
  it('is what every filter asks for, in order and page by page, whatever happened before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { minLength: 20, maxLength: 50 }),
        fc.array(filters, { minLength: 10 }),
        async (story, asked) => {
          const shop = new Shop();
          await shop.open();
          for (const one of story) await shop.happen(one);
          const all = shop.everything();
          for (const { limit, since, until, ...same } of asked) {
            const given = Object.fromEntries(Object.entries(same).filter(([, value]) => value !== undefined));
            const [from, to] = [since, until].map((at) => (at === undefined ? undefined : START + at * STEP));
            const filter = {
              ...given,
              ...(from !== undefined && { since: from }),
              ...(to !== undefined && { until: to }),
            } as Omit<TaskFilter, 'limit'>;
            const wanted = all.filter(
              (one) =>
                (!filter.status || filter.status.includes(one.status)) &&
                (filter.route === undefined || one.route === filter.route) &&
                (filter.entity === undefined ||
                  [one.identifier, `${one.type}/${one.identifier}`].includes(filter.entity)) &&
                one.at >= (from ?? 0) &&
                one.at <= (to ?? Number.MAX_SAFE_INTEGER),
            );
            const listed: string[] = [];
            for (let after: string | undefined; ; ) {
              const page = await shop.store.tasks({
                ...filter,
                limit,
                ...(after !== undefined && { after }),
              });
              listed.push(...page.tasks.map(({ id }) => id));
              expect(page.tasks.length).toBeLessThanOrEqual(limit);
              after = page.next;
              if (after === undefined) break;
            }
            expect(listed, JSON.stringify(filter)).toEqual(wanted.map(({ id }) => id));
          }
          const counts = await shop.store.countTasks(ROUTES);
          for (const route of ROUTES) {
            const own = all.filter((one) => one.route === route);
            const tally = Object.groupBy(own, ({ status }) => status);
            expect(counts[route]).toEqual(
              Object.fromEntries(Object.entries(tally).map(([state, tasks]) => [state, tasks?.length])),
            );
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it('never reads the table of tasks whole, for none of its filters', async () => {
    const shop = new Shop();
    await shop.open();
    for (const on of [0, 1]) await shop.happen({ make: 1, on });
    const asked = new Set<string>();
    const { prepare } = DatabaseSync.prototype;
    DatabaseSync.prototype.prepare = function (sql, ...options) {
      if (/^\s*SELECT\b.*\bFROM tasks\b/s.test(sql)) asked.add(sql);
      return prepare.call(this, sql, ...options);
    };
    onTestFinished(() => void Object.assign(DatabaseSync.prototype, { prepare }));
    const times = [{}, { since: shop.now + 1 }, { until: shop.now }];
    const others = [
      {},
      { route: 'a' },
      { status: ['failed', 'new', 'processing'] as const },
      { entity: '1' },
    ];
    for (const time of times) {
      for (const other of others) await shop.store.tasks({ limit: 50, ...time, ...other });
    }
    await shop.store.failuresSince(START, shop.now, 50);
    await shop.store.prune(await shop.store.planPrune({ route: 'a', endedBefore: shop.now, keep: 1 }), 10);
    await shop.store.countTasks(ROUTES);
    await shop.store.lags(ROUTES, shop.now);
    expect(asked.size).toBeGreaterThan(10);
    const db = new DatabaseSync(shop.path);
    for (const sql of [...asked]) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
      const whole = plan.filter(({ detail }) => /^SCAN tasks\b/.test(String(detail)));
      expect(whole, sql).toEqual([]);
    }
    db.close();
  });
});
