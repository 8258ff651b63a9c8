import { describe, expect, it } from 'vitest';
import type { Json } from '../src/json.ts';
import { createRegistry } from '../src/registry.ts';
import { Steps } from '../src/schema.ts';
import { splitsRecords, usedTables, usedTransformers } from '../src/uses.ts';

const registry = createRegistry([]);
const tables = (steps: readonly Json[]) => [
  ...usedTables(Steps({ description: 'steps' }), [...steps], registry),
];

describe('what a chain uses', () => {
  it('are tables that options name, and that expressions and rules look into, in any depth', () => {
    expect(
      tables([
        { lookup: { table: 'a', key: '&{k}', to: 't' } },
        { map: { x: { y: ["&{lookup('b', k) || upper(k)}"] }, z: "T-?{lookup('c', k)}" } },
        { filter: { '==': [{ lookup: ['d', { var: 'k' }] }, 1] } },
        {
          if: {
            when: true,
            then: [{ each: { at: 'l.*', do: [{ set: { x: { logic: { lookup: ['e', 'k'] } } } }] } }],
          },
        },
        {
          switch: {
            cases: [{ when: { lookup: ['f', 'k'] }, then: [{ lookup: { table: 'g', key: 'k', to: 't' } }] }],
          },
        },
        { map: { literal: "&{lookup('no', k)}", more: { literal: "&{lookup('neither', k)}" } } },
      ]).sort(),
    ).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'no']);
  });

  it('may be any table where an expression computes its name', () => {
    expect(tables([{ map: { x: '&{lookup(kind, k)}' } }])).toEqual([undefined]);
    expect(tables([{ filter: { lookup: [{ var: 'kind' }, 1] } }])).toEqual([undefined]);
  });

  it('are saved transformers, but not what only looks like a use of one', () => {
    const steps: Json[] = [
      { merge: { do: [{ use: { transformer: 'a' } }], with: { use: { transformer: 'no' } } } },
      { map: { use: { transformer: 'neither' } } },
    ];
    expect(usedTransformers(steps, registry)).toEqual(['a']);
  });

  it('splits records where a branch is not inside of what keeps it', () => {
    const branch = { branch: { at: 'l.*' } };
    const saved = (id: string) => ({ split: [branch], again: [{ use: { transformer: 'again' } }] })[id];
    const splits = (...steps: Json[]) => splitsRecords(steps, registry, saved);
    expect(splits(branch)).toBe(true);
    expect(splits({ switch: { cases: [{ when: true, then: [branch] }] } })).toBe(true);
    expect(splits({ if: { when: true, else: [{ use: { transformer: 'split' } }] } })).toBe(true);
    expect(splits({ each: { at: 'l.*', do: [branch] } })).toBe(false);
    expect(splits({ merge: { do: [{ if: { when: true, then: [branch] } }], with: {} } })).toBe(false);
    expect(splits({ map: { x: [branch] } }, { use: { transformer: 'again' } })).toBe(false);
  });
});
