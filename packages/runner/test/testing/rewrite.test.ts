import type { Json } from '@millrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { rewriteCases } from '../../src/testing/rewrite.ts';

describe('rewriting', () => {
  const json = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
    // Texts of several lines are written as such.
    fc
      .array(fc.constantFrom('a', '  b', '\n', '   ', '# no comment', '- x', 'k: v', "'", '"'), {
        maxLength: 6,
      })
      .map((parts) => parts.join('')),
  );
  const records = fc.array(
    fc.dictionary(fc.string({ maxLength: 8 }), json, { maxKeys: 4, noNullPrototype: true }),
    { maxLength: 3 },
  );

  it('says what it is told, and nothing else changes, whatever stood there', () => {
    const property = fc.property(records, records, fc.boolean(), (before, after, flow) => {
      const stood = flow
        ? JSON.stringify(before)
        : `\n${before.map((one) => `      - ${JSON.stringify(one)} # kept\n`).join('')}`;
      const text = `# head\ntarget: x\ncases:\n  - name: a # first\n    expect: ${before.length === 0 ? '[]' : stood}\n    given: { a: 1 } # behind\n  - name: b\n    given: 2\n# end\n`;
      const result = rewriteCases(text, [
        { index: 0, key: 'expect', value: after },
        { index: 1, key: 'expect', value: after },
      ]);
      expect(parse(result)).toEqual({
        target: 'x',
        cases: [
          { name: 'a', expect: after, given: { a: 1 } },
          { name: 'b', given: 2, expect: after },
        ],
      });
      for (const kept of ['# head\n', 'a # first\n', '{ a: 1 } # behind\n', '# end\n'])
        expect(result).toContain(kept);
      expect(rewriteCases(result, [{ index: 0, key: 'expect', value: after }])).toBe(result);
    });
    fc.assert(property, { numRuns: 300 });
  });
});
