import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CronSchedule } from '../../src/schedule/cron.ts';
import { zonedTime } from '../../src/schedule/zoned-time.ts';
import { minutes, oracle, transitions } from './cron-oracle.ts';

const ZONES = [
  'Europe/Amsterdam',
  'Europe/London',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Pacific/Auckland',
  'America/Santiago',
  'Asia/Beirut',
  'Africa/Cairo',
];
const EXPRESSIONS = [
  '*/5 * * * *',
  '0 * * * *',
  '15,45 * * * *',
  '30 2 * * *',
  '0 0 * * *',
  '45 23 * * *',
  '0 3 * * 0',
  '30 2 * * 1-5',
  '0 0 1 * *',
  '30 1 29 3 0',
  '15 1,2,3 * * *',
  '*/20 1-4 * * *',
  '0 */2 * * *',
];
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** How long before and after a change it is looked at: what fires many times a day shows all that it does in some hours. */
const around = (cron: string) => (/[*/,-]/.test(cron.split(' ')[1] ?? '') ? 5 * HOUR : 1.5 * DAY);
const FROM = Date.UTC(2020, 0, 1);
const TO = Date.UTC(2030, 0, 1);

describe('a cron schedule', () => {
  it.each(ZONES)(
    'fires in %s as the oracle says, round every change of ten years',
    (timezone) => {
      const changes = transitions(timezone, FROM, TO);
      expect(changes.length).toBeGreaterThanOrEqual(14);
      const schedules = EXPRESSIONS.map((cron) => ({ cron, schedule: new CronSchedule({ cron, timezone }) }));
      for (const change of changes) {
        const all = minutes(timezone, change - 2.5 * DAY, change + 1.5 * DAY);
        for (const { cron, schedule } of schedules) {
          const [from, to] = [change - around(cron), change + around(cron)];
          const wanted = oracle(cron, all).filter((at) => at > from && at <= to);
          const { fires, count } = schedule.between(from, to, 10_000);
          expect([cron, new Date(change), ...fires]).toEqual([cron, new Date(change), ...wanted]);
          expect(count).toBe(wanted.length);
        }
      }
    },
    60_000,
  );

  it('is in UTC where no zone is named, whatever the zone of the machine', () => {
    const schedule = new CronSchedule({ cron: '30 9 * * *' });
    expect(schedule.next(Date.UTC(2027, 6, 1))).toBe(Date.UTC(2027, 6, 1, 9, 30));
  });

  it('knows leap years, and says so where there is no fire at all', () => {
    const leap = new CronSchedule({ cron: '0 12 29 2 *' });
    expect(leap.next(Date.UTC(2026, 0, 1))).toBe(Date.UTC(2028, 1, 29, 12));
    expect(new CronSchedule({ cron: '0 0 30 2 *' }).next(Date.UTC(2026, 0, 1))).toBeUndefined();
    expect(new CronSchedule({ cron: '0 0 30 2 *' }).between(FROM, TO, 10)).toEqual({ fires: [], count: 0 });
  });

  it('refuses what is no expression or no zone', () => {
    for (const source of [
      { cron: '61 * * * *' },
      { cron: 'often' },
      { cron: '* * * * *', timezone: 'Mars/Olympus' },
    ]) {
      expect(() => new CronSchedule(source)).toThrow(
        expect.objectContaining({ code: 'config.invalid_cron' }),
      );
    }
  });

  it('gives each next fire later than the one before, and between() the same ones, the last where they are many', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.constantFrom(...EXPRESSIONS),
        fc.integer({ min: FROM, max: TO }),
        fc.integer({ min: 1, max: 4 }),
        (timezone, cron, from, limit) => {
          const schedule = new CronSchedule({ cron, timezone });
          const steps: number[] = [];
          for (let at = schedule.next(from); at !== undefined && steps.length < 6; at = schedule.next(at))
            steps.push(at);
          expect(steps.every((at, index) => at > (steps[index - 1] ?? from))).toBe(true);
          const to = steps.at(-1);
          if (to === undefined) return;
          expect(schedule.between(from, to, limit)).toEqual({
            fires: steps.slice(-limit),
            count: steps.length,
          });
          expect(schedule.between(to, to, limit).count).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});

it('a time is shown as clocks show it in a zone, with its offset', () => {
  expect(zonedTime(Date.UTC(2027, 9, 31, 0, 30), 'Europe/Amsterdam')).toBe('2027-10-31 02:30:00+02:00');
  expect(zonedTime(Date.UTC(2027, 9, 31, 1, 30), 'Europe/Amsterdam')).toBe('2027-10-31 02:30:00+01:00');
  expect(zonedTime(Date.UTC(2027, 9, 31, 1, 30), 'UTC')).toBe('2027-10-31 01:30:00+00:00');
});
