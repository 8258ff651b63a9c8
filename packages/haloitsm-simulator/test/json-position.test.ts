import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { positionOf } from '../src/writing/json-position.ts';

describe('the position of a value', () => {
  it('is where it ends, in any JSON text', () => {
    const text = fc.record({
      before: fc.jsonValue(),
      after: fc.jsonValue(),
      value: fc.jsonValue(),
      name: fc.string().filter((name) => !['before', 'after', '__proto__'].includes(name)),
      indent: fc.constantFrom(0, 2),
    });
    fc.assert(
      fc.property(text, ({ before, after, value, name, indent }) => {
        const list = [before, { before, [name]: value, after }];
        const json = JSON.stringify(list, null, indent);
        const { line, position } = positionOf(json, [1, name]);
        const lines = json.split('\n');
        const end = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + position;
        const expected = JSON.stringify(value, null, indent).replaceAll('\n', '\n    ');
        expect(json.slice(0, end).endsWith(expected)).toBe(true);
        const key = `${JSON.stringify(name)}:${indent > 0 ? ' ' : ''}`;
        expect(json.slice(0, end - expected.length).endsWith(key)).toBe(true);
      }),
    );
  });
});
