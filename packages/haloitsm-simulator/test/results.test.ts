import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { haloDate } from '../src/data/dates.ts';
import type { JsonObject } from '../src/data/json.ts';
import { Records } from '../src/data/records.ts';
import { Query } from '../src/query.ts';
import { orderOf } from '../src/reading/ordering.ts';
import { Results } from '../src/reading/results.ts';

type Step =
  | { readonly kind: 'put'; readonly id: number; readonly status: number; readonly date: number }
  | { readonly kind: 'remove'; readonly id: number }
  | { readonly kind: 'read'; readonly question: number };

const QUESTIONS = [
  { order: '', passes: () => true },
  { order: '', passes: (row: JsonObject) => row['status_id'] === 1 },
  { order: 'order=date', passes: () => true },
  { order: 'order=date&orderdesc=true', passes: (row: JsonObject) => row['status_id'] !== 1 },
  { order: 'order=status_id&order2=date&orderdesc2=true', passes: () => true },
];

function selectionOf(records: Records, question: number) {
  const { order, passes } = QUESTIONS[question] ?? { order: '', passes: () => true };
  const compare = orderOf(new Query(new URLSearchParams(order)));
  return { rows: () => records.all('Tickets'), passes, compare };
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      id: fc.integer({ min: 1, max: 12 }),
      status: fc.integer({ min: 1, max: 3 }),
      date: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), id: fc.integer({ min: 1, max: 12 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('read' as const), question: fc.integer({ min: 0, max: 4 }) }),
  },
);

describe('a list that is kept for its next pages', () => {
  it('is after any changes what it would be if it were made anew', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const records = new Records();
        const kept = new Results(records);
        for (const one of steps) {
          if (one.kind === 'put') {
            const { id, status, date } = one;
            records.put('Tickets', { id, status_id: status, date: `2026-01-0${date}` });
          } else if (one.kind === 'remove') records.remove('Tickets', String(one.id));
          else {
            const selection = selectionOf(records, one.question);
            const anew = new Results(records).rows('Tickets', 'anew', selection);
            expect(kept.rows('Tickets', String(one.question), selection)).toEqual(anew);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is made anew after more changes than are remembered, and after a reset', () => {
    const records = new Records();
    const kept = new Results(records);
    const read = () => kept.rows('Tickets', '2', selectionOf(records, 2)).map(({ id }) => id);
    records.put('Tickets', { id: 1, date: 'z' });
    expect(read()).toEqual([1]);
    for (let id = 2; id <= 3000; id++) records.put('Tickets', { id, date: String(9000 - id) });
    expect(read().slice(0, 2)).toEqual([3000, 2999]);
    records.clear();
    records.put('Tickets', { id: 5, date: 'a' });
    expect(read()).toEqual([5]);
  });
});

describe('a date', () => {
  it('is ISO 8601 without zone and without trailing zeros, at any time', () => {
    const time = fc.integer({ min: Date.UTC(1899, 0), max: Date.UTC(2100, 0) });
    const unit = fc.constantFrom(1, 10, 100, 1000, 60_000);
    fc.assert(
      fc.property(time, unit, (any, step) => {
        const at = any - (any % step);
        expect(haloDate(at)).toBe(new Date(at).toISOString().replace(/\.?0*Z$/, ''));
      }),
    );
  });
});
