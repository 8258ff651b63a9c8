import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'vitest';
import { POINTS, type PointName, type Trigger } from './points.ts';
import { Rig } from './rig.ts';

const TICKETS = 100;

/** At the how-manieth time the process dies: somewhere in the middle, where there is one. */
const KILLS: readonly { readonly point: PointName; readonly n: number }[] = [
  { point: 'fetched', n: 3 },
  { point: 'inserting', n: 40 },
  { point: 'remembering', n: 40 },
  { point: 'remembering', n: 150 },
  { point: 'committed', n: 3 },
  { point: 'transforming', n: 40 },
  { point: 'publishing', n: 50 },
  { point: 'published', n: 50 },
  { point: 'settling', n: 50 },
  { point: 'signing-in', n: 1 },
  { point: 'migrating', n: 1 },
  { point: 'migrating', n: 2 },
  { point: 'closing', n: 1 },
  { point: 'closing', n: 2 },
];

describe('a process that is killed', () => {
  it.concurrent.for(KILLS)('$point:$n', async ({ point, n }, { expect }) => {
    await using rig = await Rig.start({ tickets: TICKETS });
    const { signal } = await rig.run([{ action: 'kill', point, n }]);
    expect(signal, POINTS[point].why).toBe('SIGKILL');
    // No storage remembers what was not done: before anything runs again.
    expect(rig.falseMemories).toEqual([]);
    rig.change(20);
    expect(await rig.audit({ shown: point === 'closing' })).toEqual([]);
  });

  it.concurrent('backoff: while a task waits for its next try', async ({ expect }) => {
    await using rig = await Rig.start({ tickets: TICKETS });
    rig.simulator.failNext({ fault: '503', method: 'POST', path: 'Asset', times: 3, after: 30 });
    expect((await rig.run([{ action: 'kill', point: 'backoff', n: 1 }])).signal).toBe('SIGKILL');
    rig.change(20);
    expect(await rig.audit()).toEqual([]);
  });

  it.concurrent('signing-in: again, in the middle of the run', async ({ expect }) => {
    // Slow enough that the signal always comes before the work is done.
    await using rig = await Rig.start({ tickets: TICKETS, latency: 40 });
    const triggers: Trigger[] = [
      { action: 'tell', point: 'published', n: 40 },
      { action: 'kill', point: 'signing-in', n: 2 },
    ];
    const { signal } = await rig.run(triggers, (life) =>
      life.onPoint('published', () => rig.simulator.expireTokens()),
    );
    expect(signal).toBe('SIGKILL');
    expect(await rig.audit()).toEqual([]);
  });

  it.concurrent('draining: after it was asked to stop', async ({ expect }) => {
    // Slow enough that the signal always comes before the work is done.
    await using rig = await Rig.start({ tickets: TICKETS, latency: 40 });
    const triggers: Trigger[] = [
      { action: 'tell', point: 'published', n: 40 },
      { action: 'kill', point: 'draining', n: 1 },
    ];
    const { signal } = await rig.run(triggers, (life) =>
      life.onPoint('published', () => life.kill('SIGTERM')),
    );
    expect(signal).toBe('SIGKILL');
    expect(await rig.audit()).toEqual([]);
  });

  it.concurrent('pruning: some of the old tasks are gone', async ({ expect }) => {
    await using rig = await Rig.start({ tickets: TICKETS, keep: 30 });
    const dying = [{ action: 'kill', point: 'pruning', n: 20 }] as const;
    // A run ends by pruning; what it leaves is the command's.
    expect((await rig.run(dying)).signal).toBe('SIGKILL');
    expect((await rig.run(dying, () => {}, 'prune')).signal).toBe('SIGKILL');
    rig.change(20);
    expect(await rig.audit()).toEqual([]);
    expect(rig.verdict().repeated).toBe(0);
  });

  it.concurrent('arming: a fire is accounted for, and not started', async ({ expect }) => {
    await using rig = await Rig.start({ tickets: TICKETS });
    for (const n of [1, 2, 3]) {
      const { signal } = await rig.run([{ action: 'kill', point: 'arming', n }], () => {}, 'start');
      expect(signal).toBe('SIGKILL');
    }
    // A scheduled runner in the middle of its work, too.
    expect((await rig.run([{ action: 'kill', point: 'published', n: 50 }], () => {}, 'start')).signal).toBe(
      'SIGKILL',
    );
    rig.change(20);
    expect(await rig.audit()).toEqual([]);
  });

  it.concurrent('full: while its disk is full', async ({ expect }) => {
    await using rig = await Rig.start({ tickets: TICKETS });
    const triggers: Trigger[] = [
      { action: 'full', point: 'committed', n: 2 },
      { action: 'kill', point: 'full', n: 2 },
    ];
    expect((await rig.run(triggers)).signal).toBe('SIGKILL');
    rig.change(20);
    expect(await rig.audit()).toEqual([]);
  });
});

describe('a process in trouble', () => {
  it.concurrent('waits for room on its disk, and goes on', async ({ expect }) => {
    await using rig = await Rig.start({ tickets: TICKETS });
    const triggers: Trigger[] = [
      { action: 'full', point: 'committed', n: 2 },
      { action: 'room', point: 'full', n: 3 },
    ];
    const { code, stderr } = await rig.run(triggers);
    expect(code, stderr).toBe(0);
    expect(await rig.audit()).toEqual([]);
    expect(rig.verdict().repeated).toBe(0);
  });

  it.concurrent('waits for another that holds the store for 2 s', async ({ expect }) => {
    await using rig = await Rig.start({ tickets: TICKETS, latency: 5 });
    const { code, stderr } = await rig.run([{ action: 'tell', point: 'published', n: 40 }], (life) =>
      life.onPoint('published', () => {
        const other = new DatabaseSync(rig.store, { timeout: 5_000 });
        other.exec('BEGIN IMMEDIATE');
        setTimeout(() => other.close(), 2_000);
      }),
    );
    expect(code, stderr).toBe(0);
    expect(await rig.audit()).toEqual([]);
  });

  it.concurrent('loses nothing when its clock jumps an hour ahead', async ({ expect }) => {
    await using rig = await Rig.start({ tickets: TICKETS, latency: 5 });
    await rig.run([{ action: 'ahead', point: 'published', n: 50 }]);
    rig.change(20);
    const wrong = await rig.audit();
    // All leases end with the jump, its own too: what was in flight goes out again, and nothing else.
    expect(rig.verdict().unexplained.length).toBeLessThanOrEqual(rig.concurrency);
    expect(wrong.filter((one) => !one.includes('sent twice'))).toEqual([]);
  });

  it.concurrent('loses nothing when its clock jumps an hour back', async ({ expect }) => {
    await using rig = await Rig.start({ tickets: TICKETS, latency: 5 });
    await rig.run([{ action: 'behind', point: 'published', n: 50 }]);
    rig.change(20);
    expect(await rig.audit()).toEqual([]);
  });

  it.concurrent('tries again what a hanging sink did not answer in time', async ({ expect }) => {
    await using rig = await Rig.start({ tickets: TICKETS, timeout: '1s' });
    rig.simulator.failNext({
      fault: 'slow',
      method: 'POST',
      path: 'Asset',
      times: 5,
      after: 30,
      delayMs: 3_000,
    });
    const { code, stderr } = await rig.run();
    expect(code, stderr).toBe(0);
    expect(await rig.audit()).toEqual([]);
  });
});
