import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../src/json.ts';
import { getAt, parsePath, removeAt, setAt } from '../src/paths/path.ts';
import { compilePattern, compileTarget } from '../src/paths/pattern.ts';
import { only, without } from '../src/paths/shape.ts';

describe('a path', () => {
  it.each([
    ['', []],
    ['a.b', ['a', 'b']],
    ['"a.b".c', ['a.b', 'c']],
    ['"say ""hi""".0', ['say "hi"', '0']],
  ])('%j has the segments %j', (path, segments) => {
    expect(parsePath(path)).toEqual(segments);
  });

  it.each(['a..b', '.a', 'a.', '"a', '"a"b', 'a"b', '__proto__.x', 'a.constructor', 'prototype'])(
    '%j is refused',
    (path) => {
      expect(() => parsePath(path)).toThrow(expect.objectContaining({ code: 'config.invalid_path' }));
    },
  );

  it.each<[JsonObject, string, Json, JsonObject]>([
    [{}, 'a.b', 1, { a: { b: 1 } }],
    [{ a: 5 }, 'a.b', 1, { a: { b: 1 } }],
    [{ a: null }, 'a.b', 1, { a: { b: 1 } }],
    [{ a: [1, 2] }, 'a.2', 3, { a: [1, 2, 3] }],
    [{ a: [1, 2] }, 'a.0', 9, { a: [9, 2] }],
    [{ a: { '0': 1 } }, 'a.0', 2, { a: { '0': 2 } }],
    [{ a: [{ b: 1 }] }, 'a.0.c', 2, { a: [{ b: 1, c: 2 }] }],
    [{ a: 1 }, '', { b: 2 }, { b: 2 }],
  ])('set in %j at %j to %j gives %j', (data, path, value, result) => {
    const before = structuredClone(data);
    expect(setAt(data, parsePath(path), value)).toEqual(result);
    expect(data).toEqual(before);
  });

  it.each([['a.3'], ['a.x']])('cannot make a hole or a key in a list: %s', (path) => {
    expect(() => setAt({ a: [1, 2] }, parsePath(path), 0)).toThrow(
      expect.objectContaining({ code: 'path.conflict' }),
    );
  });

  const key = fc.constantFrom('a', 'b', 'c.d', 'e', '0');
  const path = fc.array(key, { minLength: 1, maxLength: 4 });
  const data = fc.letrec((tie) => ({
    node: fc.oneof({ depthSize: 'small' }, fc.integer(), fc.dictionary(key, tie('node'), { maxKeys: 3 })),
  })).node;

  it('gives back what was set, and leaves everything else as it was', () => {
    fc.assert(
      fc.property(fc.dictionary(key, data), path, fc.integer(), (record, at, value) => {
        const object = record as JsonObject;
        const before = JSON.stringify(object);
        expect(getAt(setAt(object, at, value), at)).toBe(value);
        expect(getAt(removeAt(setAt(object, at, value), at), at)).toBeUndefined();
        expect(JSON.stringify(object)).toBe(before);
      }),
    );
  });
});

describe('a pattern', () => {
  const data = { items: [{ id: 1, name: 'x' }, { id: 2 }], item: { id: 3 }, cat: 4, cut: 5, 'a.b': 6 };
  it.each<[string, [string, string[]][]]>([
    [
      'items.*.id',
      [
        ['items.0.id', ['0']],
        ['items.1.id', ['1']],
      ],
    ],
    [
      'item*',
      [
        ['items', ['s']],
        ['item', ['']],
      ],
    ],
    [
      'c?t',
      [
        ['cat', ['a']],
        ['cut', ['u']],
      ],
    ],
    ['c[ae]t', [['cat', ['a']]]],
    ['c[!a]t', [['cut', ['u']]]],
    ['"a.b"', [['a.b', []]]],
    ['"c?t"', []],
    ['*.id', [['item.id', ['item']]]],
  ])('%s matches %j', (pattern, expected) => {
    const matches = compilePattern(pattern).match(data);
    expect(matches.map((match) => [match.path.join('.'), match.captures])).toEqual(expected);
  });

  it('fills its captures into a target', () => {
    const [first] = compilePattern('items.*.na*').match(data);
    if (!first) throw new Error('no match');
    expect(compileTarget('out.$1.x$2')(first)).toEqual(['out', '0', 'xme']);
    expect(compileTarget('copy.$0')(first)).toEqual(['copy', 'items', '0', 'name']);
  });

  it('removes and keeps members of lists by what they were', () => {
    const list = { a: [0, 1, 2, 3], b: 1 };
    expect(without(list, [compilePattern('a.[02]')])).toEqual({ a: [1, 3], b: 1 });
    expect(only(list, [compilePattern('a.[02]')])).toEqual({ a: [0, 2] });
    expect(only(list, [compilePattern('')])).toEqual(list);
  });

  it('does not take its time on a hostile key', () => {
    const hostile = { ['a'.repeat(5000)]: 1 };
    expect(compilePattern('*a*a*a*a*a*b').match(hostile)).toEqual([]);
    expect(compilePattern('*a*a*').match(hostile)).toHaveLength(1);
  });

  it('matches what a regular expression would, with the same captures', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 7 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(letters, pattern, (key, text) => {
        const expected = new RegExp(`^${text.replaceAll('?', '(.)').replaceAll('*', '(.*?)')}$`)
          .exec(key)
          ?.slice(1);
        const [match] = key === '' ? [] : compilePattern(text).match({ [key]: 1 });
        if (key !== '') expect(match?.captures).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
  });
});
