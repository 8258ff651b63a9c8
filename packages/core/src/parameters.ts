import type { Parameters } from './define.ts';
import { MillraceError } from './errors.ts';
import { parsePlaceholders } from './expressions/placeholder.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/**
 * The type that a value of the options comes to whatever the record: of a text with placeholders that it is a text.
 * Undefined where the record decides.
 */
export function staticType(source: Json): string | undefined {
  if (typeof source === 'string') {
    const segments = parsePlaceholders(source);
    if (typeof segments === 'string') return undefined;
    return segments.length === 1 && segments[0]?.kind !== 'text' ? undefined : 'string';
  }
  if (isObject(source)) {
    const keys = Object.keys(source);
    if (keys.length === 1 && keys[0] === 'logic') return undefined;
    if (keys.length === 1 && keys[0] === 'literal') return typeOf(source['literal'] ?? null);
  }
  return typeOf(source);
}

/** What is wrong with a type for a parameter; undefined where nothing is. */
export function typeFault(name: string, wanted: string | undefined, given: string): string | undefined {
  if (wanted === undefined || wanted === 'any' || wanted === given) return undefined;
  return `"${name}" must be ${NOUNS[wanted] ?? wanted}, not ${NOUNS[given] ?? given}`;
}

/** The parameters of one use: defaults filled, types checked. Throws `value.wrong_type` and `value.missing`. */
export function fillParameters(declared: Parameters, given: JsonObject, id: string): JsonObject {
  const filled: Record<string, Json> = {};
  for (const [name, parameter] of Object.entries(declared)) {
    const value = Object.hasOwn(given, name) ? given[name] : parameter.default;
    if (value === undefined) {
      throw new MillraceError(
        'value.missing',
        `"${id}" needs the parameter "${name}", and the record gives none`,
      );
    }
    const fault = typeFault(name, parameter.type, typeOf(value));
    if (fault !== undefined) throw new MillraceError('value.wrong_type', `In "${id}", ${fault}`);
    filled[name] = value;
  }
  return filled;
}

/** What is wrong with the default of a parameter; undefined where nothing is. */
export function defaultFault(
  name: string,
  { type, default: fallback }: Parameters[string],
): string | undefined {
  return fallback === undefined ? undefined : typeFault(name, type, typeOf(fallback));
}
