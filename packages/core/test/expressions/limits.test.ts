import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileJmespath } from '../../src/expressions/jmespath.ts';
import { compileRule } from '../../src/expressions/json-logic.ts';
import type { Json } from '../../src/json.ts';
import { CONTEXT, scopeOf } from '../support.ts';

function evaluate(expression: string, data: Json = {}): Json {
  const findings: Parameters<typeof scopeOf>[0] = [];
  const search = compileJmespath(expression, scopeOf(findings));
  expect(findings).toEqual([]);
  return search(data);
}

describe('numbers', () => {
  it.each<[string, Json, Json]>([
    ['sum(@)', [0.1, 0.2, 0.3], 0.6],
    ['sum(@)', [1e14, 0.1, 0.2], 100000000000000.3],
    ['sum(@)', [19.99, 5.01, -25], 0],
    ['avg(@)', [0.1, 0.2], 0.15],
    ['round(@, `2`)', 2.675, 2.68],
    ['round(@, `2`)', -1.005, -1.01],
    ['round(@, `6`)', '52.370216000000001', 52.370216],
    ['round(@)', 0.5, 1],
    ['round(@)', -0.4, 0],
    ['format_number(@, `2`)', 1e21, '1,000,000,000,000,000,000,000.00'],
    ['format_number(@, `0`)', 2.5, '3'],
    ["format_number(@, `2`, 'nl')", '9007199254740993.005', '9.007.199.254.740.993,01'],
    ['to_number(@)', '52.370216', 52.370216],
    ['to_number(@)', '+7', 7],
    ['to_number(@)', ' 7 ', 7],
    ['to_number(@)', '0x10', null],
    ['to_number(@)', 'Infinity', null],
    ['to_number(@)', '1,5', null],
    ['to_number(@)', '9007199254740992', 9007199254740992],
  ])('%s of %j is %j', (expression, data, result) => {
    expect(evaluate(expression, data)).toEqual(result);
  });

  it.each<[string, Json, RegExp]>([
    ['to_number(@)', '9007199254740993', /more digits than a number can hold/],
    ['to_number(@)', '1234567890123.4567', /more digits than a number can hold/],
    ['sum(@)', [9007199254740991, 2], /more digits/],
    ['round(@)', '12345678901234567890.5', /more digits/],
    ['round(@)', 'abc', /a number is wanted/],
    ['a / b', { a: 1, b: 0 }, /division by zero/],
    ['sum(@)', ['1'], /list of numbers/],
  ])('%s of %j says why not', (expression, data, message) => {
    expect(() => evaluate(expression, data)).toThrow(message);
  });

  it('are summed as on paper', () => {
    const cents = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(cents, (amounts) => {
        const exact = amounts.reduce((sum, one) => sum + one, 0) / 100;
        expect(
          evaluate(
            'sum(@)',
            amounts.map((one) => one / 100),
          ),
        ).toBe(exact + 0);
      }),
      { numRuns: 500 },
    );
  });

  it('are summed from texts, too, where JSON Logic asks', () => {
    const sum = compileRule({ sum: [{ var: 'amounts' }] }, scopeOf([]));
    expect(sum({ amounts: ['0.10', '0.20', 1] }, CONTEXT)).toBe(1.3);
  });
});

describe('what a function makes', () => {
  const million = 'x'.repeat(1_000_000);

  it.each<[string, Json]>([
    ["pad_left('a', `1000000`)", {}],
    ["replace(@, 'x', 'yyyyyyyyyyyyyyyy')", million],
    ['range(`100000000`)', {}],
    ['join(@.glue, @.list)', { glue: million, list: Array.from({ length: 20 }, () => '') }],
    ['slug(@)', million],
    ["match(@, 'y')", `${million}x`],
    ['round(`1`, `1000`)', {}],
    ['json_encode(@, `100`)', {}],
    ['markdown_to_html(@)', `${million}x`],
  ])('has a limit: %s', (expression, data) => {
    expect(() => evaluate(expression, data)).toThrow(/more than|between/);
  });

  it('has a limit in JSON Logic, too, however often a text or a list is doubled', () => {
    const double = (operator: string, start: Json) =>
      compileRule(
        { reduce: [{ var: 'l' }, { [operator]: [{ var: 'accumulator' }, { var: 'accumulator' }] }, start] },
        scopeOf([]),
      );
    const data = { l: Array.from({ length: 60 }, () => 0) };
    expect(() => double('cat', 'ab')(data, CONTEXT)).toThrow('more than');
    expect(() => double('merge', [1, 2])(data, CONTEXT)).toThrow('more than');
  });

  it('comes of a rule that is nested without end: a finding, no crash', () => {
    let rule: Json = { var: 'a' };
    for (let depth = 0; depth < 5000; depth++) rule = { '!': [rule] };
    const findings: Parameters<typeof scopeOf>[0] = [];
    compileRule(rule, scopeOf(findings));
    expect(findings).toMatchObject([
      { code: 'config.invalid_rule', message: expect.stringContaining('too deeply') },
    ]);
  });

  it('counts characters, and tears none apart', () => {
    const text = '😀é😀';
    expect(evaluate('truncate(@, `2`)', text)).toBe('😀…');
    expect(evaluate('substring(@, `2`)', text)).toBe('😀');
    expect(evaluate('length(@)', text)).toBe(3);
    expect(evaluate("pad_left(@, `4`, '·')", text)).toBe('·😀é😀');
    expect(evaluate("find_first(@, 'é')", text)).toBe(1);
    expect(evaluate("split(@, '')", '😀é')).toEqual(['😀', 'é']);
    expect(evaluate('capitalize(@)', '😀é')).toBe('😀é');
  });
});

describe('match', () => {
  it.each(['(a+)+$', '(a|aa)+$', '(.*)*$', '(a?){50}a{50}b', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
    'takes no longer for the pattern %s, whether it stands in the file or comes with the record',
    (pattern) => {
      const text = `${'a'.repeat(20_000)}!`;
      const start = performance.now();
      evaluate(`match(@, '${pattern}')`, text);
      evaluate('match(text, pattern)', { text, pattern });
      expect(performance.now() - start).toBeLessThan(8000);
    },
  );

  it.each<[string, Json]>([
    ["match(@, '(a')", 'a'],
    ["match('a', @)", '(a'],
    ["match('a', @)", 'a'.repeat(2000)],
    ["match('a', 'a', @)", 1],
    ["match('a', 'a', @)", 'name'],
  ])('%s with %.20j fails with a reason', (expression, data) => {
    const findings: Parameters<typeof scopeOf>[0] = [];
    const search = compileJmespath(expression, scopeOf(findings));
    if (findings.length === 0) expect(() => search(data)).toThrow(/^match: /);
    else expect(findings).toMatchObject([{ code: 'config.invalid_argument' }]);
  });
});
