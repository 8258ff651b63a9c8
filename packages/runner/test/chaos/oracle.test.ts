import type { JournalEntry } from '@millrace/haloitsm-simulator';
import { describe, expect, it } from 'vitest';
import { Ledger, type LifeEnd } from './ledger.ts';
import { judge, violations } from './oracle.ts';
import { summaryOf } from './project.ts';

type Sent = readonly [entity: string, version: number, answer?: { status?: number; fault?: string }];

function ledgerOf(...lives: readonly (readonly [LifeEnd, ...Sent[]])[]): Ledger {
  const ledger = new Ledger();
  for (const [end, ...sent] of lives) {
    const journal = sent.map(
      ([entity, version, answer = {}]): JournalEntry => ({
        sequence: 1,
        time: '',
        method: 'POST',
        path: '/api/Asset',
        query: {},
        status: 201,
        body: [{ inventory_number: entity, notes: summaryOf(version) }],
        ...answer,
      }),
    );
    ledger.endLife(end, journal);
  }
  return ledger;
}

const told = (ledger: Ledger, wanted: Record<string, number>, concurrency = 1) =>
  violations(judge(ledger, new Map(Object.entries(wanted))), concurrency);

// A judge that never condemns would let every kill pass.
describe('the oracle of the chaos suite', () => {
  it('has nothing to say where everything arrived once and in order', () => {
    const ledger = ledgerOf(['killed', ['a', 0], ['b', 0]], ['ended', ['a', 1], ['c', 0]]);
    expect(told(ledger, { a: 1, b: 0, c: 0 })).toEqual([]);
  });

  it('names what never arrived, and what arrived too old', () => {
    const ledger = ledgerOf(['ended', ['a', 0]]);
    expect(told(ledger, { a: 1, b: 0 })).toEqual(['2 lost: a v1 (arrived: v0), b v0 (arrived: nothing)']);
  });

  it('takes no refusal for a delivery', () => {
    const ledger = ledgerOf(['ended', ['a', 0, { status: 503, fault: '503' }]]);
    expect(told(ledger, { a: 0 })).toHaveLength(1);
  });

  it('lets a kill repeat as many as were in flight, and no more', () => {
    const ledger = ledgerOf(['killed', ['a', 0], ['b', 0]], ['ended', ['a', 0], ['b', 0]]);
    expect(told(ledger, { a: 0, b: 0 }, 2)).toEqual([]);
    expect(told(ledger, { a: 0, b: 0 }, 1)).toEqual(['one kill repeated 2, with 1 in flight']);
  });

  it('lets nothing be repeated by who lived, or after a life that ended in order', () => {
    const here = ledgerOf(['ended', ['a', 0], ['a', 0]]);
    expect(told(here, { a: 0 })).toEqual(['1 sent twice without a kill: a v0 (lives 0 and 0)']);
    const later = ledgerOf(['ended', ['a', 0]], ['ended', ['a', 0]]);
    expect(told(later, { a: 0 })).toEqual(['1 sent twice without a kill: a v0 (lives 0 and 1)']);
  });

  it('lets be repeated whose answer was lost', () => {
    const late = { status: 500, fault: '500 afterwards' };
    expect(told(ledgerOf(['ended', ['a', 0, late], ['a', 0]]), { a: 0 })).toEqual([]);
    expect(told(ledgerOf(['ended', ['a', 0, { fault: 'slow' }], ['a', 0]]), { a: 0 })).toEqual([]);
  });

  it('sees an older version behind a newer one', () => {
    const ledger = ledgerOf(['killed', ['a', 1]], ['ended', ['a', 0], ['a', 1]]);
    expect(told(ledger, { a: 1 }, 10)).toEqual(['1 out of order: a v0 after v1']);
  });
});
