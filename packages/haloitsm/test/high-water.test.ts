import { describe, expect, it } from 'vitest';
import { HighWater } from '../src/reading/high-water.ts';

const at = (time: string) => Date.parse(`2026-05-01T${time}Z`);
const iso = (time: string) => new Date(at(time)).toISOString();
const row = (key: number, time: string | undefined, version = 1) => ({
  key,
  version,
  date: time === undefined ? undefined : at(time),
});
const options = { field: 'last_update', overlap: '5m' };

function begun(start: string, cursor?: { at: string; seen?: [number, number][] }): HighWater {
  const water = new HighWater(options, cursor, undefined);
  water.begin(at(start));
  return water;
}

describe('where the next run begins', () => {
  it('is the newest date that the list had when the run began, whatever came in meanwhile', () => {
    // The desk writes its dates in another zone than its web server: its clock says nothing about them.
    const water = begun('14:00:00');
    water.read([row(9, '09:58:00'), row(8, '09:40:00')], true);
    water.read([row(3, '10:07:00'), row(2, '08:00:00')], false);
    expect(water.next(true)).toMatchObject({ at: iso('09:58:00') });
  });

  it('is never later than the run, by the clock of the server, and never before the last', () => {
    const future = begun('10:00:00');
    future.read([row(1, '23:00:00')], true);
    expect(future.next(true)).toMatchObject({ at: iso('10:00:00') });
    const past = begun('10:00:00', { at: iso('09:00:00') });
    past.read([row(1, '08:57:00')], true);
    expect(past.next(true)).toMatchObject({ at: iso('09:00:00') });
  });

  it('is said by the clock of the server where rows show no date, and by nothing where nothing came', () => {
    const undated = begun('10:00:00');
    undated.read([row(1, undefined)], true);
    expect(undated.next(true)).toMatchObject({ at: iso('10:00:00') });
    expect(undated.next(false)).toBeUndefined();
    expect(begun('10:00:00').next(true)).toBeUndefined();
  });

  it('remembers what lies within the overlap, and knows it again while it is the same', () => {
    const first = begun('10:00:00');
    first.read([row(1, '09:00:00'), row(2, '09:56:00'), row(3, '09:59:00')], true);
    const cursor = first.next(true);
    expect(cursor).toEqual({
      at: iso('09:59:00'),
      field: 'last_update',
      seen: [
        [2, 1],
        [3, 1],
      ],
    });
    const second = new HighWater(options, cursor, undefined);
    expect(second.from).toBe(at('09:54:00'));
    expect(
      [row(2, '09:56:00'), row(3, '09:59:30', 2), row(1, '09:00:00')].map((one) => second.isKnown(one)),
    ).toEqual([true, false, false]);
  });

  it('is not taken from a cursor of another field: then everything is read', () => {
    const cursor = { at: iso('09:00:00'), field: 'lastactiondate' };
    expect(new HighWater(options, cursor, undefined).from).toBeUndefined();
    expect(new HighWater(options, { at: iso('09:00:00') }, undefined).from).toBe(at('08:55:00'));
  });

  it('goes on from a position as if nothing had happened', () => {
    const water = begun('10:00:00');
    water.read([row(1, '09:58:00')], true);
    const taken = new HighWater(options, undefined, JSON.parse(JSON.stringify(water.state)));
    for (const one of [water, taken]) one.read([row(2, '09:59:00'), row(3, '09:57:00')], false);
    expect(taken.next(true)).toEqual(water.next(true));
    expect(taken.next(true)).toMatchObject({
      at: iso('09:58:00'),
      seen: [
        [1, 1],
        [2, 1],
        [3, 1],
      ],
    });
  });
});
