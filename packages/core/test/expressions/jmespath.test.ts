import { TreeInterpreter } from '@jmespath-community/jmespath';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileJmespath } from '../../src/expressions/jmespath.ts';
import { parseJmespath } from '../../src/expressions/jmespath-syntax.ts';
import { NO_SERVICES, type Services } from '../../src/expressions/services.ts';
import type { OptionFinding } from '../../src/findings.ts';
import type { Json } from '../../src/json.ts';
import { scopeOf } from '../support.ts';

function compile(expression: string, services: Services = NO_SERVICES) {
  const findings: OptionFinding[] = [];
  const search = compileJmespath(expression, { ...scopeOf(findings), services });
  return { findings, search };
}

function attempt(work: () => unknown): unknown {
  try {
    return { value: work() };
  } catch {
    return 'throws';
  }
}

const KEYS = ['a', 'b', 'list', 'name'];
const name = fc.constantFrom(...KEYS);
const scalar = fc.constantFrom<Json>(null, true, false, 0, 1, -2, 2.5, '', 'x', 'xyz', '7');
const data = fc.letrec<{ node: Json }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    scalar,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.array(scalar, { maxLength: 4 }),
    fc.dictionary(name, tie('node'), { maxKeys: 4 }),
  ) as fc.Arbitrary<Json>,
})).node;

/** Expressions of every kind of node. Functions are those that the library does right, and that take what comes. */
const expression = fc.letrec<{ e: string }>((tie) => {
  const one = tie('e');
  const two = fc.tuple(one, one);
  return {
    e: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      name,
      fc.constantFrom('@', '$', '`1`', '`[1, [2], {"a": 3}]`', "'xyz'", '`null`', '`{"a": {"b": 1}}`'),
      fc.tuple(one, name).map(([left, right]) => `(${left}).${right}`),
      fc.tuple(name, name, name).map((keys) => keys.join('.')),
      fc
        .tuple(
          one,
          fc.constantFrom(
            '[0]',
            '[-1]',
            '[9]',
            '[*]',
            '[]',
            '.*',
            '[1:]',
            '[::-1]',
            '[-2:]',
            '[:3:2]',
            '[5:0:-2]',
          ),
        )
        .map(([left, right]) => `(${left})${right}`),
      fc
        .tuple(one, fc.constantFrom('[*]', '[]', '[1:]'), name)
        .map(([left, by, right]) => `(${left})${by}.${right}`),
      two.map(([left, right]) => `(${left})[?${right}]`),
      fc.tuple(one, one, name).map(([left, right, then]) => `(${left})[?${right}].${then}`),
      fc
        .tuple(one, fc.constantFrom('||', '&&', '==', '!=', '<', '<=', '>', '>=', '|', '+', '-', '*'), one)
        .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
      one.map((inner) => `!(${inner})`),
      one.map((inner) => `-(${inner})`),
      two.map(([left, right]) => `[${left}, ${right}]`),
      two.map(([left, right]) => `{x: ${left}, a: ${right}}`),
      fc.tuple(one, one, one).map(([test, yes, no]) => `(${test}) ? (${yes}) : (${no})`),
      two.map(([left, right]) => `map(&(${right}), to_array(${left}))`),
      fc
        .tuple(
          fc.constantFrom('type', 'to_array', 'to_string', 'length', 'keys', 'values', 'abs', 'reverse'),
          one,
        )
        .map(([call, inner]) => `${call}(${inner})`),
      two.map(([left, right]) => `not_null(${left}, ${right})`),
      two.map(([left, right]) => `let $v = ${left} in [$v, ${right}]`),
    ),
  };
}).e;

describe('a compiled expression', () => {
  it('answers what the interpreter of the library answers', () => {
    fc.assert(
      fc.property(expression, data, (source, record) => {
        const { findings, search } = compile(source);
        expect(findings).toEqual([]);
        const reference = attempt(() => TreeInterpreter.search(parseJmespath(source), record as never));
        expect(attempt(() => search(record))).toEqual(reference);
      }),
      { numRuns: 4000 },
    );
  });

  it('never changes the record, and answers the same the second time', () => {
    fc.assert(
      fc.property(expression, data, (source, record) => {
        const before = JSON.stringify(record);
        const { search } = compile(source);
        const first = attempt(() => search(record));
        expect(attempt(() => search(record))).toEqual(first);
        expect(JSON.stringify(record)).toBe(before);
      }),
      { numRuns: 500 },
    );
  });

  it('compiles whatever is written, or says what is wrong with it', () => {
    const pieces = fc.constantFrom(
      'a',
      '.',
      '[',
      ']',
      '*',
      '?',
      '(',
      ')',
      '{',
      '}',
      ':',
      ',',
      '&',
      '|',
      '@',
      '$',
      "'",
      '"',
      '`',
      '\\',
      '0',
      '-',
      '=',
      '<',
      ' ',
      'let ',
      'in ',
      'map',
      'sort_by',
      '!',
    );
    fc.assert(
      fc.property(fc.string({ unit: pieces, maxLength: 20 }), data, (source, record) => {
        const { findings, search } = compile(source);
        for (const { code } of findings) expect(code).toMatch(/^config\./);
        attempt(() => search(record));
      }),
      { numRuns: 3000 },
    );
  });

  it.each<[string, Json, Json]>([
    ['let $x = a in b[?@ > $x]', { a: 1, b: [1, 2] }, [2]],
    ['let $x = a, $y = b in [$y, $x]', { a: 1, b: 2 }, [2, 1]],
    ['let $x = `1` in [let $x = `2` in $x, $x]', {}, [2, 1]],
    ['rows[].{id: id, of: $.name}', { name: 'n', rows: [{ id: 1 }] }, [{ id: 1, of: 'n' }]],
    ['sort_by(rows, &n)[*].n', { rows: [{ n: 10 }, { n: 9 }] }, [9, 10]],
    ['max_by(rows, &n).n', { rows: [{ n: 'a' }, { n: 'b' }] }, 'b'],
    ['group_by(rows, &k)', { rows: [{ k: 1 }, { k: '1' }, {}] }, { '1': [{ k: 1 }, { k: '1' }], '': [{}] }],
  ])('%s on %j is %j', (source, record, result) => {
    expect(compile(source).search(record)).toEqual(result);
  });

  it.each<[string, string, string]>([
    ['$x', 'config.invalid_expression', 'there is no variable'],
    ['let $x = a in $y', 'config.invalid_expression', 'there is no variable y'],
    ['a[::0]', 'config.invalid_expression', 'steps of 0'],
    ['sort_by(a, b)', 'config.invalid_expression', 'begins with &'],
    ['upper(&a)', 'config.invalid_expression', 'takes no expression'],
    ['&a', 'config.invalid_expression', 'argument of a function'],
    ['a.__proto__', 'config.invalid_expression', 'can never be read'],
    ['{constructor: a}', 'config.invalid_expression', 'cannot be a key'],
    ['`12345678901234567890`', 'config.invalid_expression', 'more digits'],
    ['uper(a)', 'config.unknown_function', '"uper"'],
    ['sort_by(a)', 'config.wrong_arity', '2 arguments'],
    [`${'('.repeat(600)}a${')'.repeat(600)}.b`, '', ''],
    [`${'!'.repeat(600)}a`, 'config.invalid_expression', 'too deeply'],
    [`${'!'.repeat(100_000)}a`, 'config.invalid_expression', ''],
  ])('%.40s is refused where it must be', (source, code, message) => {
    const { findings } = compile(source);
    if (code === '') expect(findings).toEqual([]);
    else expect(findings).toMatchObject([{ code, message: expect.stringContaining(message) }]);
  });

  it.each([
    ['let $x = `1` in toString', { a: 1 }],
    ['constructor', { a: 1 }],
    ['a.hasOwnProperty', { a: {} }],
    ['a[0].toString', { a: ['x'] }],
  ])('%s leads nowhere', (source, record) => {
    expect(compile(source).search(record)).toBe(null);
  });

  it('takes data that looks like a parsed expression for what it is', () => {
    const record = JSON.parse(
      '{"list": [{"n": 2}, {"n": 1}], "evil": {"expref": true, "type": "Field", "name": "n"}}',
    );
    expect(compile('sort_by(list, evil)').findings).toMatchObject([{ code: 'config.invalid_expression' }]);
    expect(compile('type(evil)').search(record)).toBe('object');
  });

  it('makes no key that leads to a prototype', () => {
    const record = JSON.parse('{"rows": [{"k": "__proto__"}], "pairs": [["constructor", 1]]}');
    expect(() => compile('group_by(rows, &k)').search(record)).toThrow('cannot be a key');
    expect(() => compile('from_pairs(pairs)').search(record)).toThrow('cannot be a key');
    const merged = compile('merge(@, @)').search(JSON.parse('{"__proto__": {"polluted": true}}'));
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('two projects in one process', () => {
  const table = (value: string) => new Map([['codes', new Map<string, Json>([['1', value]])]]);
  const first: Services = { now: () => 0, tables: table('first') };
  const second: Services = { now: () => 86_400_000, tables: table('second') };

  it('see their own tables and clocks, and add nothing to the libraries', () => {
    const source = "[lookup('codes', id), now()]";
    const searches = [first, second, first].map((services) => compile(source, services).search);
    expect(searches.map((search) => search({ id: 1 }))).toEqual([
      ['first', '1970-01-01T00:00:00.000Z'],
      ['second', '1970-01-02T00:00:00.000Z'],
      ['first', '1970-01-01T00:00:00.000Z'],
    ]);
    expect(compile("lookup('codes', id)", { now: () => 0, tables: new Map() }).findings).toMatchObject([
      { code: 'config.unknown_reference' },
    ]);
    expect(Object.keys(TreeInterpreter.runtime._functionTable)).not.toContain('lookup');
    expect(() => TreeInterpreter.search(parseJmespath("lookup('codes', '1')"), {})).toThrow();
  });
});
