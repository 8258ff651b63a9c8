import { type TObject, type TSchema, type TUnsafe, Type } from 'typebox';
import type { Json } from './json.ts';

/**
 * What a part of the options means to the engine, as the schema keyword `millrace`. Checks and the editor find
 * values, rules and steps by it, wherever they stand.
 */
export type Role =
  | 'value'
  | 'condition'
  | 'steps'
  | 'path'
  | 'pattern'
  | 'expression'
  | 'duration'
  | 'table'
  | 'storage'
  | 'client';

interface Documented {
  readonly description: string;
  readonly default?: Json;
}

/** A value: a literal, a text with placeholders, `{logic: …}`, or an object or list of values. */
export function Value(documented: Documented): TUnsafe<Json> {
  return Type.Unsafe<Json>({ millrace: 'value', ...documented });
}

/** An object with free keys, each a path or a plain name, and values. */
export function Values(
  documented: Documented & { readonly keys?: 'path' | 'name' },
): TUnsafe<Readonly<Record<string, Json>>> {
  const { keys = 'name', ...rest } = documented;
  return Type.Unsafe<Readonly<Record<string, Json>>>({
    type: 'object',
    millraceKeys: keys,
    additionalProperties: { millrace: 'value' },
    ...rest,
  });
}

/** A JSON Logic rule. */
export function Condition(documented: Documented): TUnsafe<Json> {
  return Type.Unsafe<Json>({ millrace: 'condition', ...documented });
}

/**
 * A list of transformers. `contained`: what they make of a record stays inside the transformer that has them, so that
 * they cannot make several of the record that passes it.
 */
export function Steps(documented: Documented & { readonly contained?: boolean }): TUnsafe<readonly Json[]> {
  const { contained, ...rest } = documented;
  return Type.Unsafe<readonly Json[]>({
    type: 'array',
    millrace: 'steps',
    ...(contained && { millraceContained: true }),
    ...rest,
  });
}

/** A JMESPath expression. */
export function Expression(documented: Documented): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', millrace: 'expression', ...documented });
}

/** A path: segments joined by dots. */
export function Path(documented: Documented): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', millrace: 'path', ...documented });
}

/** A path pattern: `*`, `?`, `[ab]`, `[!ab]` in its segments. */
export function Pattern(documented: Documented): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', millrace: 'pattern', ...documented });
}

/** The id of a lookup table: a file of `lookups/`. */
export function TableName(documented: Documented): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', minLength: 1, millrace: 'table', ...documented });
}

/** The id of a storage: a file of `storages/`. */
export function StorageName(documented: Documented): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', minLength: 1, millrace: 'storage', ...documented });
}

/** The id of a client: a file of `clients/`. Of the component that is named, else of any that can be asked by HTTP. */
export function ClientName(documented: Documented & { readonly component?: string }): TUnsafe<string> {
  const { component, ...rest } = documented;
  const of = component === undefined ? {} : { millraceClient: component };
  return Type.Unsafe<string>({ type: 'string', minLength: 1, millrace: 'client', ...of, ...rest });
}

/** A text that must never be seen: masked in logs, errors, histories and reference pages. */
export function Secret(documented: Documented): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', minLength: 1, secret: true, ...documented });
}

const DURATION = '^(\\d+(?:\\.\\d+)?)(ms|s|m|h|d)$';

/** A number with `ms s m h d`, such as `10s`; {@link milliseconds} reads it. */
export function Duration(documented: Documented): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', pattern: DURATION, millrace: 'duration', ...documented });
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration that has passed its schema. */
export function milliseconds(duration: string): number {
  const match = new RegExp(DURATION).exec(duration);
  const unit = UNITS[match?.[2] ?? ''];
  if (!match || unit === undefined) throw new RangeError(`"${duration}" is not a duration`);
  return Number(match[1]) * unit;
}

/** An object of options; keys that it does not name are refused. */
export function Options<P extends Record<string, TSchema>>(
  properties: P,
  documented?: Documented,
): TObject<P> {
  return Type.Object(properties, { additionalProperties: false, ...documented });
}
