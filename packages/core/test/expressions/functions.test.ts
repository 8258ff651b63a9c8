import { describe, expect, it } from 'vitest';
import { EXPRESSION_FUNCTIONS } from '../../src/expressions/functions/expression-functions.ts';
import { callFunction } from '../../src/expressions/functions/function.ts';
import { FUNCTION_TOPICS, FUNCTIONS } from '../../src/expressions/functions.ts';
import { EXAMPLE_SERVICES, NO_SERVICES, type Services } from '../../src/expressions/services.ts';
import { compileValue } from '../../src/expressions/value.ts';
import type { OptionFinding } from '../../src/findings.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { CONTEXT, scopeOf } from '../support.ts';

const SERVICES: Services = {
  ...EXAMPLE_SERVICES,
  tables: new Map([...EXAMPLE_SERVICES.tables, ['people', new Map<string, Json>([['2', { name: 'Ann' }]])]]),
};

function compile(source: Json): {
  readonly findings: OptionFinding[];
  readonly on: (data: Json) => Json | undefined;
} {
  const findings: OptionFinding[] = [];
  const evaluate = compileValue(source, { ...scopeOf(findings), services: SERVICES });
  return { findings, on: (data) => evaluate(data as JsonObject, CONTEXT) };
}

function evaluate(source: Json, data: Json = {}): Json | undefined {
  const { findings, on } = compile(source);
  expect(findings).toEqual([]);
  return on(data);
}

/** An argument as it is written in a file. */
const jmespathLiteral = (value: Json) => `\`${JSON.stringify(value).replaceAll('`', '\\`')}\``;
const isLiteral = (value: Json) => typeof value !== 'object' || value === null;

const definitions = Object.entries(FUNCTIONS);
const examples = definitions.flatMap(([name, { examples: all }]) =>
  all.map(([args, result]) => [name, args, result] as const),
);

describe('each function', () => {
  it.each(examples)('%s%j is %j, by itself and in both languages', (name, args, result) => {
    const definition = FUNCTIONS[name];
    expect(definition && callFunction(definition, args, SERVICES)).toEqual(result);
    const fields = args.map((_, index) => `a${index}`);
    const data = Object.fromEntries(fields.map((field, index) => [field, args[index] ?? null]));
    // Arguments of the record, and arguments that stand in the file: those are prepared when it is compiled.
    expect(evaluate(`&{${name}(${fields.join(', ')})}`, data)).toEqual(result);
    expect(evaluate(`&{${name}(${args.map(jmespathLiteral).join(', ')})}`)).toEqual(result);
    const rest = args.slice(1).map(jmespathLiteral);
    expect(evaluate(`&{${name}(${['a0', ...rest].slice(0, args.length).join(', ')})}`, data)).toEqual(result);
    if (definition?.jsonLogic) return;
    expect(evaluate({ logic: { [name]: fields.map((field) => ({ var: field })) } }, data)).toEqual(result);
    const written = args.map((arg, index) => (index > 0 && isLiteral(arg) ? arg : { var: `a${index}` }));
    expect(evaluate({ logic: { [name]: written } }, data)).toEqual(result);
  });

  it.each(definitions.filter(([, { jsonLogic }]) => jsonLogic))(
    '%s means in JSON Logic what JSON Logic says',
    (_, { jsonLogic }) => {
      expect(jsonLogic?.examples.length).toBeGreaterThan(0);
      for (const [rule, data, result] of jsonLogic?.examples ?? [])
        expect(evaluate({ logic: rule }, data)).toEqual(result);
    },
  );

  it.each(Object.entries(EXPRESSION_FUNCTIONS))(
    '%s takes an expression, in JMESPath only',
    (name, definition) => {
      expect(definition.examples.length).toBeGreaterThan(0);
      for (const [expression, data, result] of definition.examples)
        expect(evaluate(`&{${expression}}`, data)).toEqual(result);
      if (name !== 'map')
        expect(compile({ logic: { [name]: [{ var: 'a' }, 1] } }).findings).toMatchObject([
          { code: 'config.invalid_rule', message: expect.stringContaining('JMESPath only') },
        ]);
    },
  );

  it('has an example', () => {
    expect(definitions.filter(([, { examples: all }]) => all.length === 0)).toEqual([]);
  });

  it('answers null to null, unless it is made for nulls or JMESPath has it otherwise', () => {
    for (const [name, { parameters, required, takesNull, jmespath, jsonLogic }] of definitions) {
      if (takesNull || required === 0) continue;
      const fields = parameters.slice(0, required).map((_, index) => (index === 0 ? 'none' : 'some'));
      const data = { none: null, some: 'x' };
      if (!jmespath && name !== 'lookup')
        expect(evaluate(`&{${name}(${fields.join(', ')})}`, data)).toBe(null);
      if (!jsonLogic)
        expect(evaluate({ logic: { [name]: fields.map((field) => ({ var: field })) } }, data)).toBe(null);
    }
  });

  it('is refused with too few or too many arguments, in both languages', () => {
    for (const [name, { parameters, required, variadic, jsonLogic }] of definitions) {
      const wrong = [...(required > 0 ? [required - 1] : []), ...(variadic ? [] : [parameters.length + 1])];
      for (const count of wrong) {
        const args = Array.from({ length: count }, () => 'a');
        expect(compile(`&{${name}(${args.join(', ')})}`).findings).toMatchObject([
          { code: 'config.wrong_arity' },
        ]);
        if (jsonLogic) continue;
        const rule = { logic: { [name]: args.map((arg) => ({ var: arg })) } };
        expect(compile(rule).findings).toMatchObject([
          { code: 'config.wrong_arity', path: ['logic', name], atKey: true },
        ]);
      }
    }
  });

  it('has a name of its own in its topic', () => {
    const names = Object.values(FUNCTION_TOPICS).flatMap((topic) => Object.keys(topic));
    expect(new Set([...names, ...Object.keys(EXPRESSION_FUNCTIONS)]).size).toBe(
      names.length + Object.keys(EXPRESSION_FUNCTIONS).length,
    );
  });

  it.each(
    'upper lower trim capitalize slug replace match split join substring pad_left pad_right truncate strip_html markdown_to_html html_to_markdown to_number to_string to_boolean round floor ceil abs format_number now parse_date format_date add_time diff_time to_timezone keys values merge pick omit from_pairs to_pairs unique chunk flatten first last count sum avg min max range zip hash uuid5 base64_encode base64_decode url_encode json_encode json_decode lookup coalesce is_empty type_of'.split(
      ' ',
    ),
  )('is documented: %s', (name) => {
    expect(FUNCTIONS[name]?.description).toMatch(/\.$/);
  });
});

describe('arguments that stand in the file', () => {
  it.each<[string, Json, string, string]>([
    ['a pattern that is none', ['name', '(a'], 'match', 'config.invalid_argument'],
    ['looking behind', ['name', '(?<=a)b'], 'match', 'config.invalid_argument'],
    ['a date pattern with an unknown letter', ['name', 'yyyy-NN'], 'format_date', 'config.invalid_argument'],
    ['the year of a week', ['name', 'YYYY-MM-dd'], 'format_date', 'config.invalid_argument'],
    ['minutes for months', ['name', 'dd-mm-yyyy'], 'format_date', 'config.invalid_argument'],
    ['a date pattern without a year', ['name', 'dd-MM'], 'parse_date', 'config.invalid_argument'],
    ['an unknown zone', ['name', 'Europe/Amsterdm'], 'to_timezone', 'config.invalid_argument'],
    ['an unknown locale', ['name', 'd MMMM', null, 'nederlands'], 'format_date', 'config.invalid_argument'],
    ['an unknown unit', ['name', 1, 'dayz'], 'add_time', 'config.invalid_argument'],
    ['half a month', ['name', 0.5, 'months'], 'add_time', 'config.invalid_argument'],
    ['an amount without a unit', ['name', 5], 'add_time', 'config.invalid_argument'],
    ['an unknown unit of a difference', ['name', 'b', 'dayz'], 'diff_time', 'config.invalid_argument'],
    ['an unknown algorithm', ['name', 'sha3'], 'hash', 'config.invalid_argument'],
    ['a namespace that is none', ['name', 'nothing'], 'uuid5', 'config.invalid_argument'],
    ['too many decimals', ['name', 21], 'format_number', 'config.invalid_argument'],
  ])('are checked when it is compiled: %s', (_, args, name, code) => {
    const list = args as readonly Json[];
    const [, ...rest] = list;
    const expression = `&{${name}(a, ${rest.map(jmespathLiteral).join(', ')})}`;
    expect(compile(expression).findings).toMatchObject([{ code }]);
    expect(compile({ logic: { [name]: [{ var: 'a' }, ...rest] } }).findings).toMatchObject([
      { code, path: ['logic', name] },
    ]);
  });

  it.each([
    ['upercase', 'did you mean "upper"?'],
    ['formatdate', 'did you mean "format_date"?'],
    ['sortby', 'did you mean "sort_by"?'],
    ['md5', 'did you mean "hash"?'],
    ['xyzzyplugh', 'All names stand in docs/reference/functions.md.'],
  ])('an unknown function %s has a hint', (name, hint) => {
    expect(compile(`&{${name}(a)}`).findings).toMatchObject([{ code: 'config.unknown_function', hint }]);
  });

  it('name the zone that was meant', () => {
    expect(compile("&{to_timezone(a, 'Europe/Amsterdm')}").findings[0]?.message).toContain(
      '"Europe/Amsterdam"',
    );
  });

  it('name a lookup table that was meant, in both languages', () => {
    const finding = { code: 'config.unknown_reference', hint: 'did you mean "priorities"?' };
    expect(compile("&{lookup('prioritys', a)}").findings).toMatchObject([finding]);
    expect(compile({ logic: { lookup: ['prioritys', { var: 'a' }] } }).findings).toMatchObject([finding]);
  });
});

describe('lookup', () => {
  it.each<[string, Json, Json]>([
    ["lookup('priorities', id)", { id: 1 }, 'high'],
    ["lookup('priorities', id)", { id: '1' }, 'high'],
    ["lookup('people', id).name", { id: 2 }, 'Ann'],
    ["lookup('priorities', id)", { id: 9 }, null],
    ["lookup('priorities', id, 'none')", { id: 9 }, 'none'],
    ["lookup('priorities', id, 'none')", { id: null }, 'none'],
    ['lookup(table, id)', { table: 'priorities', id: 1 }, 'high'],
  ])('%s on %j is %j', (expression, data, result) => {
    expect(evaluate(`&{${expression}}`, data)).toEqual(result);
  });

  it('is the same in JSON Logic', () => {
    expect(evaluate({ logic: { lookup: ['priorities', { var: 'id' }, 'none'] } }, { id: 1 })).toBe('high');
    expect(evaluate({ logic: { lookup: ['priorities', { var: 'id' }, 'none'] } }, {})).toBe('none');
  });

  it('fails the record where the table is named by it and there is none', () => {
    expect(() => evaluate('&{lookup(table, id)}', { table: 'nothing', id: 1 })).toThrow(
      expect.objectContaining({
        code: 'value.failed',
        message: expect.stringContaining('no lookup table "nothing"'),
      }),
    );
  });
});

describe('now', () => {
  it('is the clock of the project, asked anew for each record', () => {
    let time = Date.UTC(2026, 0, 1);
    const value = compileValue('&{now()}', { ...scopeOf([]), services: { ...NO_SERVICES, now: () => time } });
    expect(value({}, CONTEXT)).toBe('2026-01-01T00:00:00.000Z');
    time += 1500;
    expect(value({}, CONTEXT)).toBe('2026-01-01T00:00:01.500Z');
    expect(evaluate({ logic: { now: [] } })).toBe('2026-11-23T09:00:00.000Z');
  });
});
