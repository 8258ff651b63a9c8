// Random programs of the configuration language: chains of every transformer, with options that follow their schemas
// most of the time, holding values, rules, expressions and paths that are right, odd, or hostile.
import fc, { type Arbitrary } from 'fast-check';
import { FUNCTIONS } from '../../src/expressions/functions.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import type { Registry } from '../../src/registry.ts';

const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'length',
  'a.b',
  '',
  '0',
  '*',
  '"',
  'é\u{1f600}',
];
const KEYS = ['id', 'name', 'status_id', 'lines', 'customfields', 'user', 'mail', 'date', 'html', 'xml'];
const TEXTS = [
  '2026-03-29T02:30:00',
  '2026-13-45',
  '<p>Hello <b>Ann</b></p><script>x</script>',
  '<a><b>1</b></a>',
  '"; DROP',
  '{"a":[1,2]}',
  'a,b\n1,2',
  'dGV4dA==',
  '9007199254740993',
  '(a+)+$',
  '[{',
  '%zz',
  '',
];
/** Names of the tables, storages and saved transformers around a program. */
export const TABLES = ['priorities'];
export const STORAGES = ['memory'];
export const SAVED = ['tidy'];

const key = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...KEYS) },
  { weight: 1, arbitrary: fc.constantFrom(...HOSTILE_KEYS) },
);
const scalar: Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(null, true, false, 0, -1, 1.5, 1e308, 9007199254740991, ''),
  fc.integer({ min: -1000, max: 1000 }),
  fc.constantFrom(...TEXTS),
  fc.string({ maxLength: 12, unit: 'grapheme' }),
);

/** Any record; `__proto__` is a key like any other here, as it is in parsed JSON. */
export const record: Arbitrary<JsonObject> = fc.letrec<{ node: Json; object: JsonObject }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    tie('object'),
    fc.array(tie('node'), { maxLength: 4 }),
  ),
  object: fc.array(fc.tuple(key, tie('node')), { maxLength: 5 }).map(own),
})).object;

function own(entries: readonly (readonly [string, Json])[]): JsonObject {
  const object = {};
  for (const [name, value] of entries)
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  return object;
}

/** Mostly the first, now and then the second: most programs must be right, or only the checks are tried. */
function mostly<T>(right: Arbitrary<T>, odd: Arbitrary<T>): Arbitrary<T> {
  return fc.oneof({ weight: 40, arbitrary: right }, { weight: 1, arbitrary: odd });
}

const segment = fc.constantFrom(...KEYS, '0', '1');
const path = mostly(
  fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.')),
  fc.oneof(
    fc.array(key, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.')),
    fc.string({ maxLength: 8 }),
  ),
);
const pattern = mostly(
  fc.oneof(path, fc.constantFrom('*', '*.*', 'l*.*.i?', '[ab]*', '[!a]', 'customfields.*.value')),
  fc.constantFrom('[', '..', '"'),
);

const functions = Object.entries(FUNCTIONS);
/** A call with as many arguments as the function takes. */
function call<T>(argument: Arbitrary<T>): Arbitrary<readonly [string, readonly T[]]> {
  const right = fc.constantFrom(...functions).chain(([name, { required, parameters }]) => {
    const args = fc.array(argument, { minLength: required, maxLength: parameters.length });
    return fc.tuple(fc.constant(name), args);
  });
  const wrong = fc.constantFrom('length', 'contains', 'sort_by', 'nothing_known');
  return mostly(right, fc.tuple(wrong, fc.array(argument, { maxLength: 3 })));
}

const LITERALS = [
  "'text'",
  '`1`',
  '`-2.5`',
  '`null`',
  '`[1,2]`',
  '`EUR`',
  "'2026-03-29T02:30:00'",
  "'yyyy-MM-dd'",
];
const expression: Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: mostly(
    fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(...KEYS, '@', ...LITERALS),
      fc.constantFrom(...KEYS).map((name) => JSON.stringify(name)),
      fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom(...KEYS)).map(([a, b]) => `${a}.${b}`),
      fc
        .tuple(tie('node'), fc.constantFrom('||', '&&', '|', '==', '!=', '<'), tie('node'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc
        .tuple(
          fc.constantFrom(...KEYS),
          fc.constantFrom('[0]', '[-1]', '[*]', '[]', '[::2]', '[?@]', '[?id>`1`].name', '.*'),
        )
        .map(([a, b]) => `${a}${b}`),
      call(tie('node')).map(([name, args]) => `${name}(${args.join(', ')})`),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `{x: ${a}, y: [${b}]}`),
    ),
    fc.oneof(fc.string({ maxLength: 6 }), key),
  ),
})).node;

const OPERATORS = [
  '==',
  '===',
  '!=',
  '!',
  '!!',
  '<',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  'min',
  'max',
  'cat',
  'substr',
  'in',
  'merge',
  'if',
  'and',
  'or',
  'missing_some',
];
const rule: Arbitrary<Json> = fc.letrec<{ node: Json }>((tie) => ({
  node: mostly<Json>(
    fc.oneof(
      { depthSize: 'small' },
      scalar,
      path.map((name) => ({ var: name })),
      fc.constantFrom<Json[]>({ context: 'run.id' }, { missing: ['id'] }, { var: '' }),
      fc
        .tuple(fc.constantFrom(...OPERATORS), fc.array(tie('node'), { maxLength: 3 }))
        .map(([operator, args]) => ({ [operator]: args })),
      fc
        .tuple(fc.constantFrom('map', 'filter', 'all', 'some', 'none', 'reduce'), tie('node'), tie('node'))
        .map(([operator, list, inner]) => ({ [operator]: [list, inner, 0] })),
      call(tie('node')).map(([name, args]) => ({ [name]: args })),
    ),
    fc.oneof(
      fc.constantFrom<Json[]>({ context: 'env' }, { log: 1 }, { method: ['a', 'b'] }),
      fc.oneof(key, scalar).map((name) => ({ var: name })),
      fc.dictionary(fc.string({ maxLength: 4 }), scalar, { maxKeys: 2 }),
    ),
  ),
})).node;

const text = mostly(
  fc.oneof(
    fc.tuple(fc.constantFrom('&{', '?{'), expression).map(([opener, inner]) => `${opener}${inner}}`),
    fc.tuple(fc.constantFrom('&{', '?{'), expression).map(([opener, inner]) => `T-${opener}${inner}} and`),
    fc.constantFrom('@{run.id}', '@{entity.id}', 'x?{id}y?{name}z', '&&{literal}'),
  ),
  fc.oneof(
    fc.constantFrom('@{parameters.limit}', '@{task.id}', '@{env}', '&{', '${A}', '&{}'),
    expression.map((inner) => `&{${inner}`),
  ),
);
const value: Arbitrary<Json> = fc.letrec<{ node: Json }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    scalar,
    text,
    rule.map((logic) => ({ logic })),
    scalar.map((literal) => ({ literal })),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...KEYS), tie('node')), { maxLength: 3 }).map(own),
  ),
})).node;

interface Schema {
  readonly millrace?: string;
  readonly millraceKeys?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly Json[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly then?: Schema;
  readonly else?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
}

/** Options that follow a schema, so far as a generator can tell, with steps made by `steps`. */
function options(schema: Schema, steps: Arbitrary<Json>): Arbitrary<Json> {
  switch (schema.millrace) {
    case 'value':
      return value;
    case 'condition':
      return rule;
    case 'steps':
      return fc.array(steps, { maxLength: 2 });
    case 'path':
      return path;
    case 'pattern':
      return pattern;
    case 'expression':
      return expression;
    case 'duration':
      return mostly(fc.constantFrom('1s', '0s', '5m'), fc.constant('soon'));
    case 'table':
      return mostly(fc.constantFrom(...TABLES), fc.constant('nowhere'));
    case 'storage':
      return mostly(fc.constantFrom(...STORAGES), fc.constant('nowhere'));
    default:
      return plain(schema, steps);
  }
}

function plain(schema: Schema, steps: Arbitrary<Json>): Arbitrary<Json> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => options(one, steps)));
  if (schema.then && schema.else) return fc.oneof(options(schema.then, steps), options(schema.else, steps));
  const type = [schema.type ?? 'any'].flat();
  if (type.includes('object')) return object(schema, steps);
  if (type.includes('array'))
    return fc.array(options(schema.items ?? {}, steps), { minLength: 1, maxLength: 3 });
  if (type.includes('boolean')) return fc.boolean();
  if (type.includes('integer') || type.includes('number'))
    return mostly(fc.integer({ min: 1, max: 50 }), fc.constant(-1));
  if (type.includes('string')) return fc.oneof(fc.constantFrom(...SAVED, ...KEYS, ...TEXTS), path);
  return value;
}

function object(schema: Schema, steps: Arbitrary<Json>): Arbitrary<Json> {
  const { properties, required = [], additionalProperties } = schema;
  if (!properties) {
    const keys: Arbitrary<string> =
      schema.millraceKeys === 'path' ? path : mostly(fc.constantFrom(...KEYS), key);
    const member = typeof additionalProperties === 'object' ? options(additionalProperties, steps) : value;
    return fc.array(fc.tuple(keys, member), { minLength: 1, maxLength: 4 }).map(own);
  }
  const model = Object.fromEntries(
    Object.entries(properties).map(([name, one]) => [name, options(one, steps)]),
  );
  return fc.record(model, {
    requiredKeys: required.filter((name) => name in model) as never[],
  }) as Arbitrary<Json>;
}

/** Chains of any of the registry's transformers, but those that need a client or a file. */
export function programs(registry: Registry): Arbitrary<readonly Json[]> {
  const names = registry.names('transformer').filter((name) => name !== 'request');
  const { step } = fc.letrec<{ step: Json }>((tie) => ({
    step: mostly<Json>(
      fc.oneof(
        { depthSize: 'small' },
        ...names.map((name) =>
          options((registry.transformer(name)?.options ?? {}) as Schema, tie('step')).map((given) => ({
            [name]: given,
          })),
        ),
      ),
      fc.oneof(scalar, fc.constantFrom<Json[]>({}, { fliter: true }, { filter: 1, map: {} }, [])),
    ),
  }));
  return fc.array(step, { minLength: 1, maxLength: 4 });
}
