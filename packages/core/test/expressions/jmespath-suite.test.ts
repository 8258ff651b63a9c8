import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compileJmespath } from '../../src/expressions/jmespath.ts';
import type { Json } from '../../src/json.ts';
import { scopeOf } from '../support.ts';

interface Case {
  readonly expression: string;
  readonly result?: Json;
  /** The kind of error that is wanted, where there is one. */
  readonly error?: string;
  readonly bench?: string;
}

interface Group {
  readonly given: Json;
  readonly cases: readonly Case[];
}

/** The compliance suite of jmespath.org, as jmespath-plus ships it. */
function publicSuite(): readonly (readonly [file: string, given: Json, one: Case])[] {
  const folder = new URL('test/compliance/', import.meta.resolve('jmespath-suite'));
  return readdirSync(fileURLToPath(folder)).flatMap((file) => {
    const groups: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    return (groups as readonly Group[]).flatMap(({ given, cases }) =>
      cases.map((one) => [file.replace('.json', ''), given, one] as const),
    );
  });
}

const WEIGHTS = { rows: [{ kg: 1.5 }, { kg: 2.5 }, { kg: 3.5 }] };
const FALSE_KINDS = [false, null, '', [], {}].map((value) => ({ value }));
const TRUE_KINDS = [true, 0, 1, 'a', [0], { a: 1 }].map((value) => ({ value }));
const KINDS = [...FALSE_KINDS, ...TRUE_KINDS];

/** What later cases of the suite look at, in cases of our own. */
const NEWER: readonly (readonly [expression: string, given: Json, result: Json])[] = [
  ['none || zero', { none: null, zero: 0 }, 0],
  ['zero || one', { zero: 0, one: 1 }, 0],
  ['!yes && no', { yes: true, no: false }, false],
  ['list < one', { list: [], one: 1 }, null],
  ['list < none', { list: [], none: null }, null],
  ['one < yes', { one: 1, yes: true }, null],
  ...(
    [
      ['>', [3.5]],
      ['>=', [2.5, 3.5]],
      ['<', [1.5]],
      ['<=', [1.5, 2.5]],
      ['==', [2.5]],
      ['!=', [1.5, 3.5]],
    ] as const
  ).map(([operator, kept]) => [`rows[?kg ${operator} \`2.5\`].kg`, WEIGHTS, kept] as const),
  ['rows[?kg < `1.5`]', WEIGHTS, []],
  ['[?value]', KINDS, TRUE_KINDS],
  ['[?!!value]', KINDS, TRUE_KINDS],
  ['[?!value]', KINDS, FALSE_KINDS],
  ['[?`true`]', KINDS, KINDS],
  ['[?`false`]', KINDS, []],
  ['avg(list)', { list: [] }, null],
  ["to_number('2e20')", {}, 2e20],
  ['max_by(`[]`, &n)', {}, null],
  ['min_by(`[]`, &n)', {}, null],
  [String.raw`'\q'`, {}, String.raw`\q`],
  [String.raw`'a\\b'`, {}, String.raw`a\\b`],
  [String.raw`'it\'s'`, {}, "it's"],
  [String.raw`'\\\''`, {}, String.raw`\\'`],
  ['`"a\\`b\\`c"`', {}, 'a`b`c'],
  ['none.{a: b}', {}, null],
  ['sort(@)', [10, 9, 1], [1, 9, 10]],
  ['max_by(@, &name).name', [{ name: 'Al' }, { name: 'Bo' }], 'Bo'],
];

/** Forms that later cases of the suite refuse, in cases of our own. */
const REFUSED = [
  '@=',
  '@``',
  '(a',
  '@(a)',
  '"upper"(a)',
  'a[*',
  '[:@]',
  '[::::]',
  '[:@:]',
  '[:2@]',
  'a.{b}',
  'a.{b: c, d}',
  '{a: b',
  'a[?b | c',
  String.raw`"\u"`,
];

function search(expression: string, given: Json): unknown {
  const findings: Parameters<typeof scopeOf>[0] = [];
  const compiled = compileJmespath(expression, scopeOf(findings));
  if (findings.length > 0) return { error: findings.map(({ code }) => code) };
  try {
    return compiled(given);
  } catch (error) {
    return { error: String(error) };
  }
}

describe('the public JMESPath suite', () => {
  const cases = publicSuite();

  it('is there, whole', () => {
    expect(cases.length).toBeGreaterThan(800);
  });

  // Cases that only measure time say nothing of what comes out.
  it.each(cases.filter(([, , { bench }]) => !bench))(
    '%s: $2.expression',
    (_, given, { expression, result, error }) => {
      const found = search(expression, given);
      if (error === undefined) expect(found).toEqual(result);
      else expect(found).toMatchObject({ error: expect.anything() });
    },
  );

  it.each(NEWER)('in its later cases: %s', (expression, given, result) => {
    expect(search(expression, given)).toEqual(result);
  });

  it.each(REFUSED)('in its later cases: %s is refused', (expression) => {
    expect(search(expression, {})).toEqual({ error: ['config.invalid_expression'] });
  });
});
