import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantExpression, constantRule } from '../../src/expressions/constant.ts';
import { compileJmespath } from '../../src/expressions/jmespath.ts';
import { expressionReads } from '../../src/expressions/jmespath-reads.ts';
import { compileRule } from '../../src/expressions/json-logic.ts';
import { ANY_MEMBER, type Reads } from '../../src/expressions/reads.ts';
import { ruleReads } from '../../src/expressions/rule-reads.ts';
import { NO_SERVICES } from '../../src/expressions/services.ts';
import { valueReads } from '../../src/expressions/value-reads.ts';
import { isObject, type Json, type JsonObject } from '../../src/json.ts';
import { CONTEXT, scopeOf } from '../support.ts';

const paths = ({ fields }: Reads) => fields.map(({ path }) => path.join('.')).sort();

describe('what an expression reads', () => {
  it.each<[string, string[]]>([
    ['id', ['id']],
    ['client.name', ['client.name']],
    ['"odd key".x', ['odd key.x']],
    ['@', ['']],
    ['$.a.b', ['a.b']],
    ['a || b.c', ['a', 'b.c']],
    ['(a || b).c', ['a', 'a.c', 'b.c']],
    ['a && b', ['a', 'b']],
    ['!a', ['a']],
    ["a == 'x'", ['a']],
    ['a + b', ['a', 'b']],
    ['a ? b : c', ['a', 'b', 'c']],
    ['[a, b.c]', ['a', 'b.c']],
    ['{x: a, y: b}', ['a', 'b']],
    ['upper(name)', ['name']],
    ['rows[0].id', ['rows.[].id']],
    ['rows[*].id', ['rows.[].id']],
    ['rows[].lines[].sku', ['rows.[].lines.[].sku']],
    ['rows[*].lines[*].sku', ['rows.[].lines.[].sku']],
    ["rows[?state=='open'].id", ['rows.[].id', 'rows.[].state']],
    ["rows[?state=='open'] | [0].id", ['rows.[].id', 'rows.[].state']],
    ['rows[*].id | [0]', ['rows.[].id']],
    ['rows[0:2].id', ['rows.[].id']],
    ['name[0:3]', ['name']],
    ['sort_by(rows, &age)[0].id', ['rows.[].age', 'rows.[].id']],
    ['first(rows).id', ['rows.[].id']],
    ['map(&id, rows)', ['rows', 'rows.[].id']],
    ['coalesce(a, b).c', ['a.c', 'b.c']],
    ['object.*.x', ['object']],
    ['keys(@)', ['']],
    ['a | [`1`]', ['a']],
    ['a.[`1`]', ['a']],
    ['let $x = client in $x.name', ['client.name']],
    ['`1`', []],
    ['`[{"a": 1}]`[?a > `0`].a', []],
    ["upper('x')", []],
    ['a[', []],
  ])('%s reads %j', (expression, read) => {
    expect(paths(expressionReads(expression))).toEqual(read);
  });

  it('is told apart from nothing at all', () => {
    expect(expressionReads("upper('x')").constant).toBe(true);
    expect(expressionReads('a[').constant).toBe(false);
    expect(expressionReads('upper(a)').constant).toBe(false);
  });

  const KEYS = ['a', 'b', 'rows', 'c'];
  const name = fc.constantFrom(...KEYS);
  const expression = fc.letrec<{ e: string }>((tie) => ({
    e: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      name,
      fc.constantFrom('@', '$', '`1`', "'x'", '`[{"a": 1}]`'),
      fc.tuple(tie('e'), name).map(([left, right]) => `(${left}).${right}`),
      fc
        .tuple(tie('e'), fc.constantFrom('[0]', '[*]', '[]', '[:1]', '.*'))
        .map(([left, right]) => `(${left})${right}`),
      fc.tuple(tie('e'), tie('e')).map(([left, right]) => `(${left})[?${right}]`),
      fc
        .tuple(tie('e'), fc.constantFrom('||', '&&', '==', '|'), tie('e'))
        .map(([left, op, right]) => `(${left}) ${op} (${right})`),
      fc.tuple(tie('e'), tie('e')).map(([left, right]) => `(${left}).[${right}]`),
      fc.tuple(tie('e'), name).map(([left, right]) => `(${left})[*].{x: ${right}}`),
      fc.tuple(tie('e'), tie('e')).map(([left, right]) => `map(&${right}, to_array(${left}))`),
      tie('e').map((inner) => `type_of(${inner})`),
      fc.tuple(tie('e'), tie('e')).map(([left, right]) => `let $x = ${left} in ($x || ${right})`),
    ),
  })).e;
  const scalar = fc.constantFrom<Json>(null, 1, 'x', false);
  const record = fc.letrec<{ node: Json; row: Json }>((tie) => ({
    row: fc.oneof(scalar, fc.dictionary(name, tie('node'), { maxKeys: 2 })) as fc.Arbitrary<Json>,
    node: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.dictionary(name, tie('node'), { maxKeys: 3 }),
      fc.array(tie('row'), { maxLength: 2 }),
    ) as fc.Arbitrary<Json>,
  })).node;

  it('covers all that makes a difference: what is not read can be taken away', () => {
    fc.assert(
      fc.property(expression, fc.dictionary(name, record), (source, data) => {
        const search = compileJmespath(source, scopeOf([]));
        const kept = keepRead(data, expressionReads(source));
        expect(attempt(() => search(kept))).toEqual(attempt(() => search(data)));
      }),
      { numRuns: 2000 },
    );
  });
});

/** The record with nothing in it but what is read. */
function keepRead(data: Json, { fields }: Reads): Json {
  return keepPaths(
    data,
    fields.map(({ path }) => path),
  );
}

function keepPaths(value: Json, paths: readonly (readonly string[])[]): Json {
  if (paths.some((path) => path.length === 0)) return value;
  const under = (...firsts: string[]) =>
    paths.filter(([first = '']) => firsts.includes(first)).map(([, ...rest]) => rest);
  if (Array.isArray(value))
    return value.map((member: Json, index) => keepPaths(member, under(ANY_MEMBER, String(index))));
  if (!isObject(value)) return value;
  // On something that is no list, "any member" is the thing itself.
  const own = paths.map((path) => path.slice(path.findIndex((segment) => segment !== ANY_MEMBER)));
  if (paths.some((path) => path.every((segment) => segment === ANY_MEMBER))) return value;
  const entries = Object.entries(value).filter(([key]) => own.some(([first]) => first === key));
  return Object.fromEntries(
    entries.map(([key, member]) => [
      key,
      keepPaths(
        member,
        own.filter(([first]) => first === key).map(([, ...rest]) => rest),
      ),
    ]),
  );
}

function attempt(work: () => Json): unknown {
  try {
    return work();
  } catch {
    return 'throws';
  }
}

describe('what a rule reads', () => {
  it.each<[Json, string[]]>([
    [{ '==': [{ var: 'status.id' }, 9] }, ['status.id']],
    [{ var: '' }, ['']],
    [{ var: ['a', { var: 'b' }] }, ['a', 'b']],
    [{ var: { cat: ['a', { var: 'which' }] } }, ['', 'which']],
    [{ missing: ['a', 'b.c'] }, ['a', 'b.c']],
    [{ missing_some: [1, ['a', 'b']] }, ['a', 'b']],
    [{ some: [{ var: 'rows' }, { '>': [{ var: 'qty' }, 1] }] }, ['rows', 'rows.[].qty']],
    [
      { map: [{ filter: [{ var: 'rows' }, { var: 'open' }] }, { var: 'id' }] },
      ['rows', 'rows.[].id', 'rows.[].open'],
    ],
    [
      {
        reduce: [
          { var: 'rows' },
          { '+': [{ var: 'current.qty' }, { var: 'accumulator' }] },
          { var: 'start' },
        ],
      },
      ['rows', 'rows.[].qty', 'start'],
    ],
    [{ upper: [{ var: 'name' }] }, ['name']],
    [{ a: 1, b: { var: 'x' } }, []],
    [{ '>': [2, 1] }, []],
    [{ context: 'run.id' }, []],
  ])('%j reads %j', (rule, read) => {
    expect(paths(ruleReads(rule))).toEqual(read);
  });

  it('stands at a place in the rule', () => {
    const rule = { and: [{ '!': { var: 'a' } }, { '>': [{ var: ['b', 0] }, 1] }] };
    expect(ruleReads(rule).fields).toEqual([
      { path: ['a'], at: ['and', 0, '!', 'var'] },
      { path: ['b'], at: ['and', 1, '>', 0, 'var', 0], optional: true },
    ]);
  });

  const path = fc.constantFrom('a', 'b', 'rows', 'rows.0', 'a.b', '', 'current', 'accumulator', 'current.a');
  const rule = fc.letrec<{ r: Json }>((tie) => ({
    r: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.constantFrom<Json>(1, 'a', null, true),
      path.map((one) => ({ var: one })),
      fc.tuple(path, tie('r')).map(([one, other]) => ({ var: [one, other] })),
      fc.tuple(tie('r'), tie('r')).map((args) => ({ '==': args })),
      fc.tuple(tie('r'), tie('r'), tie('r')).map((args) => ({ if: args })),
      fc.array(path, { maxLength: 2 }).map((keys) => ({ missing: keys })),
      fc
        .tuple(tie('r'), tie('r'), fc.constantFrom('map', 'filter', 'all', 'some', 'none'))
        .map(([list, inner, op]) => ({
          [op]: [list, inner],
        })),
      fc.tuple(tie('r'), tie('r'), tie('r')).map((args) => ({ reduce: args })),
      tie('r').map((inner) => ({ var: inner })),
    ) as fc.Arbitrary<Json>,
  })).r;

  it('covers all that makes a difference', () => {
    const scalar = fc.constantFrom<Json>(null, 1, 'a', 'b', false);
    const row = fc.dictionary(fc.constantFrom('a', 'b'), scalar);
    const data = fc.dictionary(fc.constantFrom('a', 'b', 'rows'), fc.oneof(scalar, row, fc.array(row)));
    fc.assert(
      fc.property(rule, data as fc.Arbitrary<JsonObject>, (source, one) => {
        const compiled = compileRule(source, scopeOf([]));
        const kept = keepRead(one, ruleReads(source));
        expect(attempt(() => compiled(kept, CONTEXT))).toEqual(attempt(() => compiled(one, CONTEXT)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what a value reads', () => {
  it('is all that its parts read, each at its place', () => {
    const value = {
      number: 'T-&{id} ?{suffix}',
      rows: ['&{rows[0]}', 'plain'],
      open: { logic: { '!': { var: 'closed' } } },
      as: { literal: '&{nothing}' },
    };
    expect(valueReads(value).fields).toEqual([
      { path: ['id'], at: ['number'] },
      { path: ['suffix'], at: ['number'], optional: true },
      { path: ['rows', '[]'], at: ['rows', 0] },
      { path: ['closed'], at: ['open', 'logic', '!', 'var'] },
    ]);
  });

  it.each<[Json, boolean]>([
    ['plain', true],
    [{ a: [1, '&&{x}'] }, true],
    ['@{run.id}', false],
    ['&{id}', false],
    ["&{upper('x')}", true],
  ])('%j is constant: %j', (value, constant) => {
    expect(valueReads(value).constant).toBe(constant);
  });
});

describe('a constant', () => {
  it.each<[Json, Json | undefined]>([
    [{ '>': [2, 1] }, true],
    [{ all: [[1, 2], { '>': [{ var: '' }, 0] }] }, true],
    [{ reduce: [[1, 2], { '+': [{ var: 'current' }, { var: 'accumulator' }] }, 0] }, 3],
    [true, true],
    [{ upper: ['a'] }, 'A'],
    [{ '==': [{ var: 'a' }, { var: 'a' }] }, undefined],
    [{ context: 'run.id' }, undefined],
    [{ nonsense: 1 }, undefined],
    [{ map: [[1], { var: 'x' }] }, [null]],
    [{ map: [[{ var: 'a' }], { var: '' }] }, undefined],
  ])('rule %j comes to %j', (rule, value) => {
    expect(constantRule(rule, NO_SERVICES)?.value).toEqual(value);
  });

  it.each<[string, Json | undefined]>([
    ["upper('a')", 'A'],
    ['`1` == `1`', true],
    ['a', undefined],
    ["abs('a')", undefined],
    ['@ == @', undefined],
  ])('expression %s comes to %j', (expression, value) => {
    expect(constantExpression(expression, NO_SERVICES)?.value).toEqual(value);
  });
});
