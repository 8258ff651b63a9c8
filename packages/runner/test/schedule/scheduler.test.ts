import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CronSchedule } from '../../src/schedule/cron.ts';
import { Scheduler } from '../../src/schedule/scheduler.ts';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { createWorkerIdentity } from '../../src/store/worker-identity.ts';
import { VirtualClock } from './virtual-clock.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const settle = async () => {
  for (let n = 0; n < 3; n++) await turn();
};

interface Options {
  readonly cron?: string;
  readonly timezone?: string;
  readonly overlap?: 'skip' | 'queue' | 'cancel';
  readonly catchUp?: 'none' | 'last' | 'all';
  /** How long the work of a fire takes on the clock. */
  readonly takesMs?: number;
}

/** A scheduler on a real store and a clock of its own. */
function schedule(start: string, options: Options = {}) {
  const { cron = '*/5 * * * *', timezone = 'Europe/Amsterdam', overlap = 'skip', catchUp = 'last' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-schedule-'));
  const clock = new VirtualClock(Date.parse(start));
  const store = new SqliteStore(join(folder, 'store.db'), () => clock.now());
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  const fires: string[] = [];
  const cancelled: string[] = [];
  const troubles: string[] = [];
  const missed: number[] = [];
  let busy = false;
  const launch = (source = cron) => {
    const stop = new AbortController();
    const scheduler = new Scheduler(
      {
        id: 'incoming/tickets',
        source,
        cron: new CronSchedule({ cron: source, timezone }),
        overlap,
        catchUp,
        start: async (fire, signal) => {
          if (busy) return 'busy';
          fires.push(new Date(fire).toISOString());
          signal.addEventListener('abort', () => cancelled.push(new Date(fire).toISOString()));
          return { done: clock.sleep(options.takesMs ?? 0, signal) };
        },
      },
      {
        store,
        worker: createWorkerIdentity(),
        clock,
        log: {
          warn: (facts, message) => {
            if ('missed' in facts) missed.push(Number(facts.missed));
            else troubles.push(message);
          },
        },
      },
    );
    const done = scheduler.run(stop.signal);
    return async () => {
      stop.abort();
      await done;
    };
  };
  const record = async () => (await store.schedules())[0];
  const setBusy = (value: boolean) => {
    busy = value;
  };
  return { clock, store, fires, cancelled, troubles, missed, launch, record, setBusy };
}

describe('a schedule', () => {
  it('accounts for every fire of 24 hours over the end of summer time', async () => {
    // In Amsterdam clocks go from 3:00 to 2:00 on 2027-10-31 at 01:00 UTC.
    const { clock, fires, launch, record } = schedule('2027-10-30T12:00:30Z');
    const stop = launch();
    await clock.pass(24 * HOUR, settle);
    await stop();
    expect(fires).toHaveLength(288);
    expect(new Set(fires).size).toBe(288);
    expect(await record()).toMatchObject({ expected: 288, started: 288, skipped: 0, missed: 0, pending: [] });
    for (let n = 1; n < fires.length; n++) {
      expect(Date.parse(fires[n] ?? '') - Date.parse(fires[n - 1] ?? '')).toBe(5 * MINUTE);
    }
  });

  it('fires a daily job once on the days of both changes', async () => {
    const spring = schedule('2027-03-27T23:00:00Z', { cron: '30 2 * * *' });
    const stopSpring = spring.launch();
    await spring.clock.pass(26 * HOUR, settle);
    await stopSpring();
    // 02:30 does not exist on that day: it is 03:00 in summer time.
    expect(spring.fires).toEqual(['2027-03-28T01:00:00.000Z', '2027-03-29T00:30:00.000Z']);
    const autumn = schedule('2027-10-30T23:30:00Z', { cron: '30 2 * * *' });
    const stopAutumn = autumn.launch();
    await autumn.clock.pass(27 * HOUR, settle);
    await stopAutumn();
    // 02:30 is twice on that day: the first counts.
    expect(autumn.fires).toEqual(['2027-10-31T00:30:00.000Z', '2027-11-01T01:30:00.000Z']);
  });

  it.each([
    ['none', [], { missed: 13 }],
    ['last', ['2027-01-01T13:00:00.000Z'], { missed: 12 }],
    [
      'all',
      Array.from({ length: 13 }, (_, n) =>
        new Date(Date.parse('2027-01-01T12:00:00Z') + n * 5 * MINUTE).toISOString(),
      ),
      { missed: 0 },
    ],
  ] as const)('after a downtime makes up for %s', async (catchUp, wanted, counts) => {
    const { clock, fires, missed, launch, record } = schedule('2027-01-01T11:58:00Z', {
      catchUp,
      takesMs: 10_000,
    });
    await launch()();
    clock.set(Date.parse('2027-01-01T13:02:00Z'));
    const stop = launch();
    await clock.pass(2.5 * MINUTE, settle);
    await stop();
    expect(fires).toEqual(wanted);
    expect(await record()).toMatchObject({ expected: 13, started: wanted.length, ...counts });
    // And it is said, once.
    expect(missed).toEqual(counts.missed > 0 ? [counts.missed] : []);
  });

  it.each([
    ['skip', 3, { started: 3, skipped: 3 }],
    ['queue', 4, { started: 4, skipped: 1 }],
    ['cancel', 6, { started: 6, skipped: 0 }],
  ] as const)('with overlap %s', async (overlap, started, counts) => {
    const { clock, fires, cancelled, launch, record } = schedule('2027-01-01T11:59:00Z', {
      overlap,
      takesMs: 8 * MINUTE,
    });
    const stop = launch();
    await clock.pass(28 * MINUTE, settle);
    expect(fires).toHaveLength(started);
    expect(await record()).toMatchObject({ expected: 6, missed: 0, ...counts });
    if (overlap === 'cancel') expect(cancelled).toHaveLength(5);
    const ended = stop();
    await clock.pass(20 * MINUTE, settle);
    await ended;
  });

  it('heals when the store fails: the fire comes late, and none is lost', async () => {
    const { clock, store, fires, troubles, launch, record } = schedule('2027-01-01T11:58:00Z');
    const whole = store.tickSchedule.bind(store);
    const stop = launch();
    await clock.pass(3 * MINUTE, settle);
    store.tickSchedule = () => Promise.reject(new Error('the disk is gone'));
    await clock.pass(6 * MINUTE, settle);
    store.tickSchedule = whole;
    await clock.pass(2 * MINUTE, settle);
    await stop();
    expect(troubles.length).toBeGreaterThan(0);
    expect(fires).toEqual(
      ['2027-01-01T12:00:00.000Z', '2027-01-01T12:05:00.000Z', '2027-01-01T12:10:00.000Z'].slice(
        0,
        fires.length,
      ),
    );
    expect(fires.length).toBeGreaterThanOrEqual(2);
    expect((await record())?.missed).toBe(0);
  });

  it('goes on when the clock is set back, and when it is set ahead', async () => {
    const { clock, fires, launch, record } = schedule('2027-01-01T11:58:00Z');
    const stop = launch();
    await clock.pass(4 * MINUTE, settle);
    clock.set(Date.parse('2027-01-01T09:58:00Z'));
    await clock.pass(4 * MINUTE, settle);
    expect(fires).toEqual(['2027-01-01T12:00:00.000Z', '2027-01-01T10:00:00.000Z']);
    clock.set(Date.parse('2027-01-01T10:58:00Z'));
    await clock.pass(4 * MINUTE, settle);
    await stop();
    // What lay in the hour that never was is made up for once, as after a downtime.
    expect(fires.slice(2)).toEqual(['2027-01-01T10:55:00.000Z', '2027-01-01T11:00:00.000Z']);
    const { expected, started, skipped, missed, pending } = (await record()) ?? { pending: [] };
    expect((started ?? 0) + (skipped ?? 0) + (missed ?? 0) + pending.length).toBe(expected);
  });

  it('waits with overlap queue, and skips with overlap skip, what another process is at', async () => {
    for (const overlap of ['skip', 'queue'] as const) {
      const { clock, fires, launch, record, setBusy } = schedule('2027-01-01T11:58:00Z', { overlap });
      setBusy(true);
      const stop = launch();
      await clock.pass(3 * MINUTE, settle);
      setBusy(false);
      await clock.pass(MINUTE, settle);
      await stop();
      expect(fires).toHaveLength(overlap === 'skip' ? 0 : 1);
      expect(await record()).toMatchObject({ expected: 1, skipped: overlap === 'skip' ? 1 : 0 });
    }
  });

  it('a changed schedule begins anew, and starts nothing of its past', async () => {
    const { clock, fires, launch } = schedule('2027-01-01T11:58:00Z', { catchUp: 'all' });
    await launch()();
    clock.set(Date.parse('2027-01-01T13:02:00Z'));
    const stop = launch('0 * * * *');
    await clock.pass(HOUR, settle);
    await stop();
    expect(fires).toEqual(['2027-01-01T14:00:00.000Z']);
  });

  it('belongs to one live process; a fire that was taken and not started is started by the next', async () => {
    const { clock, store, fires, launch, record } = schedule('2027-01-01T11:59:00Z');
    const tick = (pid: number, now: number) =>
      store.tickSchedule({
        id: 'incoming/tickets',
        source: '*/5 * * * *',
        worker: { ...createWorkerIdentity(), pid },
        now,
        catchUp: 'last',
        grace: 30_000,
        fires: () => ({ fires: [Date.parse('2027-01-01T12:00:00Z')], count: 1 }),
      });
    await tick(process.pid, clock.now());
    await expect(tick(process.pid, clock.now() + 10_000)).resolves.toBe('held');
    // A process that is gone (its lease ran out) had taken the fire.
    clock.set(Date.parse('2027-01-01T12:00:31Z'));
    await tick(2 ** 22 + 1, clock.now());
    expect((await record())?.pending).toHaveLength(1);
    const stop = launch();
    await clock.pass(MINUTE, settle);
    await stop();
    expect(fires).toEqual(['2027-01-01T12:00:00.000Z']);
    expect(await record()).toMatchObject({ started: 1, pending: [] });
  });
});
