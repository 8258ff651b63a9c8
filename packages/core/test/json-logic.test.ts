import fc from 'fast-check';
import jsonLogic from 'json-logic-js';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../src/expressions/json-logic.ts';
import { NO_SERVICES } from '../src/expressions/services.ts';
import type { OptionFinding } from '../src/findings.ts';
import type { Json } from '../src/json.ts';

const context = { run: { id: 'r', startedAt: 't' }, parameters: { limit: 5 } };

function compile(rule: Json, findings: OptionFinding[] = []) {
  const scope = {
    place: 'saved' as const,
    services: NO_SERVICES,
    parameters: ['limit'],
    at: [],
    report: (f: OptionFinding) => findings.push(f),
  };
  return compileRule(rule, scope);
}

function reference(rule: Json, data: Json): unknown {
  try {
    return { value: jsonLogic.apply(rule as never, data) };
  } catch {
    return 'throws';
  }
}

function ours(rule: Json, data: Json): unknown {
  try {
    return { value: compile(rule)(data, context) };
  } catch {
    return 'throws';
  }
}

const scalar = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.constantFrom('', 'a', 'abc', '1', '2.5', 'x.y'),
  fc.boolean(),
  fc.constant(null),
);
const path = fc.constantFrom('a', 'b', 'list', 'list.0', 'o.k', 'nothing', '', 'o.none.k', 'name');
const data = fc.record(
  {
    a: scalar,
    b: scalar,
    list: fc.array(scalar, { maxLength: 4 }),
    o: fc.record({ k: scalar }),
    name: scalar,
  },
  { requiredKeys: [] },
);
const many = (of: fc.Arbitrary<unknown>, min: number, max: number) =>
  fc.array(of, { minLength: min, maxLength: max });
const rule = fc.letrec<{ rule: Json; list: Json }>((tie) => ({
  list: fc.oneof(
    fc.constant({ var: 'list' }),
    many(tie('rule'), 0, 3).map((members) => ({ merge: members })),
  ) as fc.Arbitrary<Json>,
  rule: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    scalar,
    path.map((p) => ({ var: p })),
    fc.tuple(path, scalar).map(([p, otherwise]) => ({ var: [p, otherwise] })),
    ...['==', '===', '!=', '!==', '>', '>=', '-', '/', '%'].map((op) =>
      many(tie('rule'), 2, 2).map((args) => ({ [op]: args })),
    ),
    ...['<', '<='].map((op) => many(tie('rule'), 2, 3).map((args) => ({ [op]: args }))),
    ...['!', '!!'].map((op) => many(tie('rule'), 1, 1).map((args) => ({ [op]: args }))),
    ...['and', 'or', 'if', '?:', '+', '*', 'cat', 'min', 'max', 'merge'].map((op) =>
      many(tie('rule'), 1, 4).map((args) => ({ [op]: args })),
    ),
    many(tie('rule'), 2, 2).map((args) => ({ in: args })),
    fc
      .tuple(tie('rule'), fc.integer({ min: -4, max: 4 }), fc.option(fc.integer({ min: -4, max: 4 })))
      .map(([s, from, n]) => ({
        substr: n === null ? [s, from] : [s, from, n],
      })),
    many(path, 1, 3).map((keys) => ({ missing: keys })),
    fc
      .tuple(fc.integer({ min: 0, max: 3 }), many(path, 1, 3))
      .map(([need, keys]) => ({ missing_some: [need, keys] })),
    ...['map', 'filter', 'all', 'some', 'none'].map((op) =>
      fc.tuple(tie('list'), tie('rule')).map((args) => ({ [op]: args })),
    ),
    fc.tuple(tie('list'), scalar).map(([list, start]) => ({
      reduce: [list, { '+': [{ var: 'current' }, { var: 'accumulator' }] }, start],
    })),
  ) as fc.Arbitrary<Json>,
})).rule;

describe('a compiled JSON Logic rule', () => {
  it('answers what json-logic-js answers', () => {
    fc.assert(
      fc.property(rule, data as fc.Arbitrary<Json>, (one, record) => {
        const expected = reference(one, record);
        // It throws where a record has a field `toString` that is no function; to us that is data like any other.
        if (expected !== 'throws') expect(ours(one, record)).toEqual(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it('reads the context', () => {
    expect(compile({ '<': [{ var: 'n' }, { context: 'parameters.limit' }] })({ n: 3 }, context)).toBe(true);
  });

  it('knows our functions, and answers null to null', () => {
    expect(compile({ upper: [{ var: 'name' }] })({ name: 'ann' }, context)).toBe('ANN');
    expect(compile({ upper: { var: 'name' } })({}, context)).toBe(null);
  });

  it.each(['constructor', '__proto__.x', 'prototype'])('refuses to read "%s"', (name) => {
    const findings: OptionFinding[] = [];
    expect(compile({ var: name }, findings)({ a: 1 }, context)).toBe(null);
    expect(findings).toMatchObject([{ code: 'config.invalid_rule' }]);
  });

  it('reads own properties only, also where the path is computed', () => {
    expect(compile({ var: 'toString' })({}, context)).toBe(null);
    expect(compile({ var: { cat: ['const', 'ructor'] } })({}, context)).toBe(null);
  });

  it.each(['method', 'log', 'filtr', 'toString', '__proto__'])(
    'refuses the operator "%s" and names its place',
    (operator) => {
      const findings: OptionFinding[] = [];
      const rule = JSON.parse(`{"and": [true, {"${operator}": [1]}]}`);
      compile(rule, findings);
      expect(findings).toMatchObject([
        { code: 'config.invalid_rule', path: ['and', 1, operator], atKey: true },
      ]);
    },
  );

  it('reports a wrong number of arguments', () => {
    const findings: OptionFinding[] = [];
    compile({ replace: ['a', 'b'] }, findings);
    expect(findings).toMatchObject([{ code: 'config.wrong_arity', path: ['replace'] }]);
  });

  it.each<[Json, Json, Json]>([
    [{ '==': [{ var: 'a' }, 'x'] }, { a: { toString: 'x' } }, false],
    [{ '<': [{ var: 'a' }, { var: 'a' }] }, { a: { valueOf: 1 } }, false],
    [{ cat: [{ var: 'a' }, '!'] }, { a: { toString: 'x' } }, '[object Object]!'],
    [{ cat: [{ var: 'a' }] }, { a: [1, [null, { toString: 1 }]] }, '1,,[object Object]'],
    [{ in: [{ var: 'a' }, 'text'] }, { a: { toString: 'e' } }, false],
    [{ substr: [{ var: 'a' }, 0, 4] }, { a: { toString: 'x' } }, '[obj'],
    [{ var: { var: 'a' } }, { a: { toString: 'x' } }, null],
    [{ missing_some: [{ var: 'a' }, ['b']] }, { a: { valueOf: 1 } }, ['b']],
  ])('%j never calls what a record holds under toString or valueOf', (rule, data, expected) => {
    expect(compile(rule)(data, context)).toEqual(expected);
  });

  it('leaves the operators of json-logic-js alone', () => {
    compile({ upper: ['a'] });
    expect(() => jsonLogic.apply({ upper: ['a'] } as never)).toThrow(/Unrecognized/);
  });
});
