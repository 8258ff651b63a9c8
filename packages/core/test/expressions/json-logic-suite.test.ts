import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../../src/expressions/json-logic.ts';
import type { Json } from '../../src/json.ts';
import { CONTEXT, scopeOf } from '../support.ts';

type Case = readonly [rule: Json, data: Json, result: Json];

/** The cases of jsonlogic.com, as json-logic-engine ships them; the texts between them are headings. */
function publicSuite(): readonly Case[] {
  const folder = new URL('../../', import.meta.resolve('json-logic-suite'));
  const file: unknown = JSON.parse(readFileSync(fileURLToPath(new URL('bench/tests.json', folder)), 'utf8'));
  return (file as readonly (string | Case)[]).filter((entry) => typeof entry !== 'string');
}

/** What later cases of the suite look at, in cases of our own: rules in lists, and objects that are no rules. */
const NEWER: readonly Case[] = [
  [['a', { var: 'name' }, 7], { name: 'b' }, ['a', 'b', 7]],
  [{ if: [{ var: 'open' }, ['x', { var: 'name' }], 0] }, { open: true, name: 'b' }, ['x', 'b']],
  [{}, { a: 1 }, {}],
  [{ a: 1, b: 2 }, { a: 3 }, { a: 1, b: 2 }],
];

describe('the public JSON Logic suite', () => {
  const cases = publicSuite();

  it('is there, whole', () => {
    expect(cases.length).toBe(275);
  });

  it.each([...cases, ...NEWER])('%j on %j is %j', (rule, data, result) => {
    const findings: Parameters<typeof scopeOf>[0] = [];
    const compiled = compileRule(rule, scopeOf(findings));
    expect(findings).toEqual([]);
    expect(compiled(data, CONTEXT)).toEqual(result);
  });
});
