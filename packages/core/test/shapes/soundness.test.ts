import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCompiler } from '../../src/compile.ts';
import { compileJmespath } from '../../src/expressions/jmespath.ts';
import { compileRule } from '../../src/expressions/json-logic.ts';
import { NO_SERVICES } from '../../src/expressions/services.ts';
import type { OptionFinding } from '../../src/findings.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { createRegistry } from '../../src/registry.ts';
import { conforms } from '../../src/shapes/conforms.ts';
import { Flow } from '../../src/shapes/flow.ts';
import { expressionShape } from '../../src/shapes/jmespath-shape.ts';
import { join } from '../../src/shapes/join.ts';
import { shapeOf } from '../../src/shapes/known.ts';
import { ruleShape } from '../../src/shapes/rule-shape.ts';
import { plain, type Shape } from '../../src/shapes/shape.ts';
import { testRun } from '../../src/testing/index.ts';
import { CONTEXT, scopeOf } from '../support.ts';

const keys = ['a', 'b', 'c'] as const;
const key = fc.constantFrom(...keys);

const { value, record } = fc.letrec<{ value: Json; record: JsonObject; list: Json[] }>((tie) => ({
  record: fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<JsonObject>,
  list: fc.array(tie('value'), { maxLength: 3 }) as fc.Arbitrary<Json[]>,
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Json>(null, true, false, 0, 7, 1.5, '', 'x', '7', '2026-01-02'),
    tie('record'),
    tie('list'),
  ) as fc.Arbitrary<Json>,
}));

/** A shape that a record has, and something of another one, too: no constant is left in it. */
function shapeFor(data: JsonObject, other: JsonObject): Shape {
  return join(plain(shapeOf(data)), plain(shapeOf(other)));
}

const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const inner = tie('expression');
  return {
    expression: fc.oneof(
      { depthSize: 'small' },
      key,
      fc.tuple(inner, key).map(([left, right]) => `${left}.${right}`),
      fc.tuple(inner, key).map(([left, right]) => `${left}[].${right}`),
      fc.tuple(inner, key).map(([left, right]) => `${left}[*].${right}`),
      fc.tuple(inner, key, key).map(([left, test, right]) => `${left}[?${test}].${right}`),
      fc.tuple(inner, inner).map(([left, right]) => `(${left}) | ${right}`),
      fc.tuple(inner, inner).map(([left, right]) => `(${left} || ${right})`),
      fc.tuple(inner, inner).map(([left, right]) => `(${left} && ${right})`),
      fc.tuple(inner, inner).map(([left, right]) => `{a: ${left}, b: ${right}}`),
      fc.tuple(inner, inner).map(([left, right]) => `[${left}, ${right}]`),
      inner.map((of) => `${of}[0]`),
      inner.map((of) => `${of}[1:]`),
      inner.map((of) => `${of}[]`),
      inner.map((of) => `${of}.*`),
      inner.map((of) => `!${of}`),
      inner.map((of) => `to_array(${of})`),
      inner.map((of) => `to_string(${of})`),
      inner.map((of) => `type(${of})`),
      fc.tuple(inner, inner).map(([a, b]) => `not_null(${a}, ${b})`),
      fc.tuple(inner, key).map(([of, by]) => `map(&${by}, to_array(${of}))`),
      fc.constantFrom('@', '$.a', "'text'", '`7`', '`[1, {"a": 1}]`'),
    ),
  };
});

const { rule } = fc.letrec<{ rule: Json }>((tie) => {
  const inner = tie('rule');
  const two = (name: string) => fc.tuple(inner, inner).map((args): Json => ({ [name]: args }));
  return {
    rule: fc.oneof(
      { depthSize: 'small' },
      key.map((name): Json => ({ var: name })),
      fc.tuple(key, fc.constantFrom('a', '0', 'length')).map(([a, b]): Json => ({ var: `${a}.${b}` })),
      fc.tuple(key, inner).map(([name, otherwise]): Json => ({ var: [name, otherwise] })),
      fc.constantFrom<Json>(null, true, 0, 7, '7', 'x', '2026-01-02', [7, 8], ['x']),
      ...[
        '==',
        '===',
        '!=',
        '!==',
        '<',
        '>=',
        'in',
        'and',
        'or',
        '+',
        'cat',
        'merge',
        'map',
        'filter',
        'some',
        'all',
      ].map(two),
      fc.tuple(inner, inner, inner).map((args): Json => ({ if: args })),
      fc
        .tuple(key, fc.constantFrom<Json>(1, 2, 'x'), fc.constantFrom<Json>(1, 2, 'y'))
        .map(([name, a, b]): Json => ({ or: [{ '!=': [{ var: name }, a] }, { '!=': [{ var: name }, b] }] })),
      inner.map((one): Json => ({ '!': [one] })),
      inner.map((one): Json => ({ upper: [one] })),
    ),
  };
});

const silentScope = {
  services: NO_SERVICES,
  report: () => {},
  at: [],
  isVariable: () => false,
};

describe('shapes claim nothing that is not so', () => {
  it('a value has the shape that is made of it, and any join with it', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(conforms(a, shapeOf(a))).toBe(true);
        expect(conforms(a, join(shapeOf(a), shapeOf(b)))).toBe(true);
        expect(conforms(b, join(shapeOf(a), shapeOf(b)))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('what an expression comes to has the shape that is told of it', () => {
    fc.assert(
      fc.property(record, record, expression, (data, other, text) => {
        const found: OptionFinding[] = [];
        const search = compileJmespath(text, scopeOf(found));
        if (found.length > 0) return;
        const shape = expressionShape(text, shapeFor(data, other), {
          services: NO_SERVICES,
          report: () => {},
        });
        let result: Json;
        try {
          result = search(data) ?? null;
        } catch {
          return;
        }
        expect(conforms(result, shape), `${JSON.stringify(result)} of ${JSON.stringify(shape)}`).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  it('an expression that finds something is not said to find nothing', () => {
    const way = fc
      .tuple(key, fc.array(fc.tuple(fc.constantFrom('.', '[].', '[0].', '[*].'), key), { maxLength: 3 }))
      .map(([first, rest]) => first + rest.map((pair) => pair.join('')).join(''));
    fc.assert(
      fc.property(record, record, way, (data, other, text) => {
        const result = compileJmespath(text, scopeOf([]))(data);
        if (result === null || (Array.isArray(result) && result.flat(9).length === 0)) return;
        const told: unknown[] = [];
        expressionShape(text, shapeFor(data, other), {
          services: NO_SERVICES,
          report: (one) => told.push(one),
        });
        expect(told).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  });

  it('what a rule comes to has the shape, and the truth, that is told of it', () => {
    fc.assert(
      fc.property(record, record, rule, (data, other, source) => {
        const compiled = compileRule(source, scopeOf([]));
        const { shape, truth } = ruleShape(source, shapeFor(data, other), silentScope);
        const result = compiled(data, CONTEXT) ?? null;
        const number = typeof result === 'number' && !Number.isFinite(result);
        if (!number) expect(conforms(result, shape), JSON.stringify([result, shape])).toBe(true);
        const truthy = Array.isArray(result) ? result.length > 0 : Boolean(result);
        if (truth !== undefined) expect(truthy).toBe(truth);
      }),
      { numRuns: 2000 },
    );
  });
});

const path = fc
  .array(fc.constantFrom(...keys, '0'), { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join('.'));
const pattern = fc
  .array(fc.constantFrom(...keys, '0', '*', '[ab]'), { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join('.'));
const source: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(1, 'x', null, '&{a}', '?{b.c}', '&{@}', 'T-?{a}', { a: '&{b}' }, ['&{c}', 2]),
  rule.map((one): Json => ({ logic: one })),
  value.map((one): Json => ({ literal: one })),
);
const values = fc.dictionary(path, source, { minKeys: 1, maxKeys: 2, noNullPrototype: true });
const target = fc.oneof(path, fc.constantFrom('a.$1', '$1', 'b.$0'));

const { steps } = fc.letrec<{ steps: Json[]; step: Json }>((tie) => ({
  steps: fc.array(tie('step'), { maxLength: 4 }) as fc.Arbitrary<Json[]>,
  step: fc.oneof(
    { depthSize: 'small' },
    values.map((set): Json => ({ set })),
    values.map((defaults): Json => ({ defaults })),
    fc.dictionary(key, source, { noNullPrototype: true }).map((map): Json => ({ map })),
    fc.array(pattern, { minLength: 1, maxLength: 2 }).map((remove): Json => ({ remove })),
    fc.array(pattern, { minLength: 1, maxLength: 2 }).map((keep): Json => ({ keep })),
    fc.tuple(path, key).map(([old, name]): Json => ({ rename: { [old]: name } })),
    fc.tuple(pattern, target).map(([from, to]): Json => ({ copy: { from, to } })),
    fc.tuple(pattern, target).map(([from, to]): Json => ({ move: [{ from, to }] })),
    rule.map((one): Json => ({ filter: one })),
    fc.tuple(rule, tie('steps'), tie('steps')).map(
      ([when, yes, no]): Json => ({
        if: { when, then: yes as Json, else: no as Json },
      }),
    ),
    fc.tuple(pattern, source).map(([at, kept]): Json => ({ branch: { at, keep: { c: kept } } })),
    fc.tuple(pattern, rule, values, tie('steps')).map(
      ([at, when, keep, chain]): Json => ({
        each: { at, when, keep, do: chain as Json },
      }),
    ),
    fc.tuple(pattern, tie('steps')).map(([at, chain]): Json => ({ each: { at, do: chain as Json } })),
    fc.tuple(rule, rule, tie('steps'), tie('steps')).map(
      ([a, b, one, two]): Json => ({
        switch: {
          cases: [
            { when: a, then: one as Json },
            { when: b, then: two as Json },
          ],
          else: [{ set: { b: 1 } }],
        },
      }),
    ),
    fc.tuple(tie('steps'), fc.dictionary(key, source, { noNullPrototype: true })).map(
      ([chain, merged]): Json => ({
        merge: { do: chain as Json, with: merged },
      }),
    ),
    fc.tuple(pattern, path).map(([at, to]): Json => ({ group: { at, by: '&{a}', to } })),
    fc.tuple(source, path, source).map(
      ([of, to, otherwise]): Json => ({
        lookup: { table: 'codes', key: of, to, default: otherwise },
      }),
    ),
    fc
      .tuple(source, path)
      .map(([of, to]): Json => ({ lookup: { table: 'codes', key: of, to, onMissing: 'drop' } })),
    fc
      .tuple(source, source)
      .map(([of, kept]): Json => ({ 'storage.set': { storage: 's', key: of, value: kept } })),
    fc.tuple(source, path).map(([of, to]): Json => ({ 'storage.get': { storage: 's', key: of, to } })),
    fc.tuple(pattern, path).map(([at, to]): Json => ({ serialize: { at, to, format: 'json' } })),
    fc.tuple(pattern, target).map(([at, to]): Json => ({ serialize: { at, to, format: 'json' } })),
    pattern.map((at): Json => ({ serialize: { at, format: 'json' } })),
    fc.tuple(pattern, path).map(([at, to]): Json => ({ parse: { at, to, format: 'json' } })),
    rule.map((when): Json => ({ fail: { message: 'no', when } })),
    tie('steps').map((chain): Json => ({ use: { transformer: 'saved', with: { chain: chain as Json } } })),
  ) as fc.Arbitrary<Json>,
}));

const registry = createRegistry([]);
const services = {
  ...NO_SERVICES,
  tables: new Map([
    ['codes', new Map<string, Json>(Object.entries({ x: { a: 1, b: 'y' }, '7': { a: 'z' }, '1': 2 }))],
  ]),
};
const SAVED = {
  parameters: {},
  transformers: [{ set: { c: '&{a}' } }, { filter: { '!=': [{ var: 'c' }, 7] } }],
};

describe('the flow of records', () => {
  it('what leaves a chain has the shape that is told of it', async () => {
    const compiler = createCompiler({
      registry,
      place: 'saved',
      saved: () => SAVED,
      services,
      log: testRun().log,
      resolvePath: (one) => one,
    });
    const file = { report: () => {}, isVariable: () => false };
    const project = {
      registry,
      services,
      saved: () => ({ ...SAVED, file }),
      used: () => {},
    };
    await fc.assert(
      fc.asyncProperty(record, record, steps, async (data, other, chain) => {
        const shape = new Flow(project, file).steps(chain, [], shapeFor(data, other));
        let made: readonly JsonObject[];
        try {
          made = await compiler.chain(chain)(data, testRun());
        } catch {
          // A conflict of paths, or a source that is none: no record leaves.
          return;
        }
        for (const one of made) {
          expect(conforms(one, shape), `${JSON.stringify(one)} is not ${show(shape)}`).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function show(shape: Shape): string {
  switch (shape.kind) {
    case 'object': {
      const fields = [...shape.fields.keys()].map(
        (name) => `${name}: ${show(shape.fields.get(name) ?? shape)}`,
      );
      return `{${fields.join(', ')}${shape.rest === 'none' ? '' : ', …'}}`;
    }
    case 'list':
      return `[${show(shape.of)}]`;
    case 'scalar':
      return (
        [...shape.types].join('|') +
        (shape.constant === undefined ? '' : `=${JSON.stringify(shape.constant)}`)
      );
    default:
      return shape.kind;
  }
}
