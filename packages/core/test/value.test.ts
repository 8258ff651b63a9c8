import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePlaceholders } from '../src/expressions/placeholder.ts';
import { compileValue } from '../src/expressions/value.ts';
import type { OptionFinding } from '../src/findings.ts';
import type { Json, JsonObject } from '../src/json.ts';
import { CONTEXT, scopeOf } from './support.ts';

const TICKET: JsonObject = {
  id: 42,
  name: 'Ann',
  none: null,
  tags: ['a', 'b'],
  user: { mail: 'a@b.c' },
  'odd key': 1,
  price: 1.5,
};

function evaluate(source: Json, data: JsonObject = TICKET): Json | undefined {
  const findings: OptionFinding[] = [];
  const value = compileValue(source, scopeOf(findings));
  expect(findings).toEqual([]);
  return value(data, CONTEXT);
}

function findings(source: Json, place: Parameters<typeof scopeOf>[1] = 'outgoing'): OptionFinding[] {
  const found: OptionFinding[] = [];
  compileValue(source, scopeOf(found, place));
  return found;
}

describe('a value', () => {
  it.each<[Json, Json | undefined]>([
    ['plain', 'plain'],
    [7, 7],
    ['&{id}', 42],
    ['&{tags}', ['a', 'b']],
    ['T-&{id}', 'T-42'],
    ['&{tags} of &{user}', '["a","b"] of {"mail":"a@b.c"}'],
    ['&{nothing.here}', null],
    ['&{none}', null],
    ['?{nothing}', undefined],
    ['?{none}', undefined],
    ['[?{nothing}]', '[]'],
    ['&{"odd key"}', 1],
    ['&{@}', TICKET],
    ["&{name || 'x}y'}", 'Ann'],
    ['&{`{"a": {"b": 1}}`.a.b}', 1],
    ['&{none || `EUR`}', 'EUR'],
    ['&{none || ``}', ''],
    ['&&{id}', '&{id}'],
    ['a & {b}', 'a & {b}'],
    ['@{task.id}/@{attempt}/@{entity.id}/@{run.id}', 'task-1/2/7/run-1'],
    ['@{parameters.nested.deep}', true],
    [
      { a: '&{id}', b: '?{nothing}', c: ['?{nothing}', 1] },
      { a: 42, c: [1] },
    ],
    [{ logic: { '+': [{ var: 'id' }, 1] } }, 43],
    [{ logic: { '/': [1, 0] } }, null],
    [{ literal: '&{id}' }, '&{id}'],
    [
      { literal: '&{id}', more: 1 },
      { literal: 42, more: 1 },
    ],
    ['&{upper(name)} &{length(tags)}', 'ANN 2'],
    ['&{upper(none)}', null],
    ['&{toString}', null],
    ['&{user.hasOwnProperty}', null],
  ])('%j comes to %j', (source, result) => {
    expect(evaluate(source)).toEqual(result);
  });

  it('fails the record where a text has a hole', () => {
    expect(() => evaluate('T-&{nothing}')).toThrow(
      expect.objectContaining({ code: 'value.missing', hint: expect.stringContaining('?{nothing}') }),
    );
  });

  it('fails the record where a function cannot take its argument', () => {
    expect(() => evaluate('&{sum(name)}')).toThrow(expect.objectContaining({ code: 'value.failed' }));
  });

  it.each<[Json, string, Parameters<typeof scopeOf>[1]]>([
    ['&{a', 'config.invalid_placeholder', 'route'],
    ['&{}', 'config.invalid_placeholder', 'route'],
    ['&{a[}', 'config.invalid_expression', 'route'],
    ['&{nofunction(a)}', 'config.unknown_function', 'route'],
    ['&{upper()}', 'config.wrong_arity', 'route'],
    ['&{__proto__.x}', 'config.invalid_expression', 'route'],
    ['&{constructor(a)}', 'config.unknown_function', 'route'],
    ['@{task.id}', 'config.unknown_context', 'route'],
    ['@{entity.id}', 'config.unknown_context', 'incoming'],
    ['@{env.SECRET}', 'config.unknown_context', 'outgoing'],
    ['@{parameters.limt}', 'config.unknown_context', 'saved'],
    [{ logic: { nonsense: 1 } }, 'config.invalid_rule', 'route'],
  ])('%j is refused as %s', (source, code, place) => {
    expect(findings(source, place).map((finding) => finding.code)).toEqual([code]);
  });

  it('names the place of every mistake in it', () => {
    expect(findings({ a: ['&{x[}', { b: '&{y' }] }).map((finding) => finding.path)).toEqual([
      ['a', 0],
      ['a', 1, 'b'],
    ]);
  });

  it('refuses keys that would reach a prototype', () => {
    expect(findings(JSON.parse('{"__proto__": {"x": "&{id}"}}')).map((finding) => finding.code)).toEqual([
      'config.invalid_path',
    ]);
  });

  it('never throws while it is compiled, and splits every text without losing a character', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('&', '?', '@', '{', '}', 'a', '.', "'", '`', '"', '\\', '[', ' '),
        }),
        (text) => {
          compileValue(text, scopeOf([]));
          const segments = parsePlaceholders(text);
          if (typeof segments === 'string') return;
          const back = segments
            .map((segment) =>
              segment.kind === 'text' ? segment.text : `${segment.kind}{${segment.expression}}`,
            )
            .join('');
          expect(back.replaceAll(/\s/g, '')).toBe(text.replaceAll('&&{', '&{').replaceAll(/\s/g, ''));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
