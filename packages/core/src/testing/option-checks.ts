import type { TSchema } from 'typebox';
import { createAjv } from '../ajv.ts';
import type { OptionFinding } from '../findings.ts';
import type { Json } from '../json.ts';
import { checkOptions } from '../options.ts';
import { Options } from '../schema.ts';
import { type Check, demand } from './check.ts';

/** As much of a JSON Schema as the checks look at. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: Json;
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly if?: Schema;
  readonly then?: Schema;
  readonly else?: Schema;
}

/** The schemas directly inside one, each with the name of its option, or with none. */
export function inner(schema: Schema): (readonly [name: string | undefined, schema: Schema])[] {
  const { additionalProperties: rest, items, anyOf = [], then, else: otherwise } = schema;
  const nameless = [typeof rest === 'object' ? rest : undefined, items, ...anyOf, then, otherwise];
  return [
    ...Object.entries(schema.properties ?? {}),
    ...nameless.flatMap((one) => (one ? [[undefined, one] as const] : [])),
  ];
}

/** The options with defaults filled, as a component gets them. Throws where they do not pass the schema. */
export function readyOptions(schema: TSchema, options: Json): Json {
  const findings: OptionFinding[] = [];
  const ready = checkOptions(schema, options, (finding) => void findings.push(finding));
  const told = findings.map((finding) => `${finding.path.join('.')}: ${finding.message}`).join('; ');
  demand(ready !== undefined, `the options do not pass their own schema: ${told}`);
  return ready;
}

/** What holds for the options of every component. */
export function optionChecks(component: {
  readonly description: string;
  readonly options: TSchema;
}): Check[] {
  const schema = component.options as Schema;
  const check = (name: string, find: () => readonly string[], sentence: string): Check => ({
    name,
    run: async () => {
      const found = find();
      demand(found.length === 0, `${sentence}: ${found.join(', ')}`);
    },
  });
  return [
    {
      name: 'has options whose schema is strict JSON Schema',
      run: async () => void createAjv().compile(component.options),
    },
    {
      name: 'says what it is',
      run: async () => demand(component.description.trim() !== '', 'the component has no description'),
    },
    check('says what each option is for', () => undescribed(schema, ''), 'these have no description'),
    check(
      'refuses options that it does not have',
      () => open(schema, ''),
      'these accept any key: set additionalProperties to false, as Options() does',
    ),
    check(
      'has defaults that pass their own schema',
      () => badDefaults(schema, ''),
      'these defaults do not pass',
    ),
  ];
}

const join = (path: string, name: string | undefined) =>
  name === undefined || path === '' ? (name ?? path) : `${path}.${name}`;

/** A group of options may leave its description to its members. */
function undescribed(schema: Schema, path: string): string[] {
  return inner(schema).flatMap(([name, option]) => {
    const here = join(path, name);
    const told = name === undefined || option.description || option.properties;
    return [...(told ? [] : [here]), ...undescribed(option, here)];
  });
}

/** Objects that name their keys and take others too. */
function open(schema: Schema, path: string): string[] {
  const isObject =
    schema.properties !== undefined || (schema.type === 'object' && inner(schema).length === 0);
  const own = isObject && schema.additionalProperties === undefined ? [path || 'the options'] : [];
  return [...own, ...inner(schema).flatMap(([name, option]) => open(option, join(path, name)))];
}

function badDefaults(schema: Schema, path: string): string[] {
  const { default: value, ...rest } = schema;
  const wrapped = Options({ it: rest as TSchema });
  const bad = value !== undefined && checkOptions(wrapped, { it: value }, () => {}) === undefined;
  return [
    ...(bad ? [path] : []),
    ...inner(schema).flatMap(([name, option]) => badDefaults(option, join(path, name))),
  ];
}
