import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { EXPRESSION_FUNCTIONS } from '../../src/expressions/functions/expression-functions.ts';
import { FUNCTIONS } from '../../src/expressions/functions.ts';
import { EXAMPLE_SERVICES } from '../../src/expressions/services.ts';
import { compileValue } from '../../src/expressions/value.ts';
import type { OptionFinding } from '../../src/findings.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { CONTEXT, scopeOf } from '../support.ts';

const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom(
    '2026-11-23T10:00:00Z',
    '2026-02-30',
    'yyyy-MM-dd',
    'Europe/Amsterdam',
    'days',
    'P1M',
    '(a+)+$',
    'de',
    'md5',
    'priorities',
    '<b>x',
    '**x**',
    '1e400',
    '-0',
    '12345678901234567890',
    '__proto__',
    'constructor',
    '\u0000',
    '\ud800',
  ),
);
const scalar = fc.oneof(
  text,
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -50, max: 50 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, -Number.MAX_VALUE, 5e-324, 1e6),
);
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  fc.array(scalar, { maxLength: 4 }),
  fc.array(fc.tuple(text, scalar), { maxLength: 3 }),
  fc.dictionary(text, scalar, { maxKeys: 3 }),
  fc.array(fc.dictionary(fc.constantFrom('a', 'b'), scalar), { maxLength: 3 }),
) as fc.Arbitrary<Json>;

/** Compiles and evaluates; an error that is not ours, or a value that is not JSON, fails the test. */
function check(source: Json, data: JsonObject): void {
  const findings: OptionFinding[] = [];
  const evaluate = compileValue(source, { ...scopeOf(findings), services: EXAMPLE_SERVICES });
  for (const { code } of findings) expect(code).toMatch(/^config\./);
  let result: Json | undefined;
  try {
    result = evaluate(data, CONTEXT);
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError);
    expect((error as MillraceError).code).toBe('value.failed');
    return;
  }
  expect(JSON.parse(JSON.stringify(result))).toEqual(normal(result ?? null));
}

/** JSON has no negative zero. */
function normal(json: Json): Json {
  if (json === 0) return 0;
  if (Array.isArray(json)) return json.map(normal);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([key, member]) => [key, normal(member)]));
}

const literal = (json: Json) => `\`${JSON.stringify(json).replaceAll('`', '\\u0060')}\``;

describe('any function with any arguments', () => {
  const names = Object.keys(FUNCTIONS);
  const call = fc.constantFrom(...names).chain((name) => {
    const { parameters, required, variadic } = FUNCTIONS[name] ?? { parameters: [], required: 0 };
    const most = parameters.length + (variadic ? 2 : 0);
    return fc.tuple(fc.constant(name), fc.array(value, { minLength: required, maxLength: most }));
  });

  it('comes to JSON or to an error with a reason, and changes nothing', () => {
    const prototype = JSON.stringify(Object.getOwnPropertyNames(Object.prototype).sort());
    fc.assert(
      fc.property(call, fc.boolean(), ([name, args], written) => {
        const data = Object.fromEntries(args.map((arg, index) => [`a${index}`, arg]));
        const before = JSON.stringify(data);
        const shown = args.map((arg, index) => (written && index > 0 ? literal(arg) : `a${index}`));
        check(`&{${name}(${shown.join(', ')})}`, data);
        const rule = args.map((arg, index) =>
          written && index > 0 && (typeof arg !== 'object' || arg === null) ? arg : { var: `a${index}` },
        );
        check({ logic: { [name]: rule } }, data);
        expect(JSON.stringify(data)).toBe(before);
      }),
      { numRuns: 4000 },
    );
    expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype).sort())).toBe(prototype);
  });

  it('that takes an expression, too', () => {
    const expression = fc.constantFrom('@', 'a', 'b', 'a.b', '[0]', '$', 'type(@)', "'x'", 'length(@)');
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(EXPRESSION_FUNCTIONS)),
        value,
        expression,
        (name, list, each) => {
          const args = EXPRESSION_FUNCTIONS[name]?.expression === 0 ? `&${each}, list` : `list, &${each}`;
          check(`&{${name}(${args})}`, { list });
        },
      ),
      { numRuns: 1000 },
    );
  });
});
