import jsonLogic from 'json-logic-js';
import type { Json } from '../json.ts';
import { checkLength, MAX_LIST } from './functions/arguments.ts';

type Operator = (...args: Json[]) => Json;

/** An own member of a table, never one of its prototype. */
export function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

type Comparable = number | string;

// JSON Logic compares as JavaScript does, "1" == 1 included; two lists or objects are compared as their texts.
const loose = (value: Json): Comparable => primitive(value) as Comparable;
const number = (value: Json | undefined): number => Number.parseFloat(primitive(value) as string);

/**
 * What JavaScript makes of a value where it wants a text or a number. A record may have a field `toString` or `valueOf`:
 * that is data, and never called.
 */
export function primitive(value: Json | undefined): string | number | boolean | null | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value)) return '[object Object]';
  return (value as readonly Json[])
    .map((member) => (member === null ? '' : String(primitive(member))))
    .join();
}

/** `==` of JavaScript: two objects or lists are equal where they are the same one. */
function equal(a: Json | undefined, b: Json | undefined): boolean {
  const both = typeof a === 'object' && a !== null && typeof b === 'object' && b !== null;
  // biome-ignore lint/suspicious/noDoubleEquals: that is what the operator means
  return both ? a === b : primitive(a) == primitive(b);
}

/** Chained comparisons test a value between two others. */
function between(compare: (a: Comparable, b: Comparable) => boolean): Operator {
  return (a = undefined as never, b = undefined as never, c) =>
    compare(loose(a), loose(b)) && (c === undefined || compare(loose(b), loose(c)));
}

function substr(source: Json, start: Json = undefined as never, length?: Json): string {
  const text = String(primitive(source));
  const from = toIndex(Number(primitive(start ?? 0)), text.length);
  const rest = text.slice(from);
  if (length === undefined) return rest;
  const count = Number(primitive(length));
  return count < 0 ? rest.slice(0, Math.max(0, rest.length + count)) : rest.slice(0, Math.max(0, count || 0));
}

function toIndex(start: number, length: number): number {
  const whole = Math.trunc(start) || 0;
  return whole < 0 ? Math.max(0, length + whole) : whole;
}

function join(values: readonly Json[]): string {
  const texts = values.map((value) =>
    value === null || value === undefined ? '' : String(primitive(value)),
  );
  checkLength(texts.reduce((sum, text) => sum + text.length, 0));
  return texts.join('');
}

/** Again and again in a `reduce`, lists could be merged into one that no memory holds. */
function merge(values: readonly Json[]): Json {
  const length = values.reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 1), 0);
  if (length > MAX_LIST) throw new RangeError(`the list would have ${length} members, more than ${MAX_LIST}`);
  return values.flat(1) as Json[];
}

/** The operators that take values: what json-logic-js does with them, whose semantics are JavaScript's own. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  '==': equal,
  '===': (a, b) => a === b,
  '!=': (a, b) => !equal(a, b),
  '!==': (a, b) => a !== b,
  '>': (a = undefined as never, b = undefined as never) => loose(a) > loose(b),
  '>=': (a = undefined as never, b = undefined as never) => loose(a) >= loose(b),
  '<': between((a, b) => a < b),
  '<=': between((a, b) => a <= b),
  '!!': (a = null) => jsonLogic.truthy(a),
  '!': (a = null) => !jsonLogic.truthy(a),
  '%': (a, b) => (loose(a as Json) as number) % (loose(b as Json) as number),
  '+': (...values) => values.reduce<number>((sum, value) => sum + number(value), 0),
  '*': (...values) =>
    values.length < 2 ? (values[0] ?? null) : values.reduce((a, b) => number(a) * number(b)),
  '-': (a, b) =>
    b === undefined ? -(loose(a as Json) as number) : (loose(a as Json) as number) - (loose(b) as number),
  '/': (a, b) => (loose(a as Json) as number) / (loose(b as Json) as number),
  min: (...values) => Math.min(...values.map((value) => loose(value) as number)),
  max: (...values) => Math.max(...values.map((value) => loose(value) as number)),
  cat: (...values) => join(values),
  substr: (source = undefined as never, start, length) => substr(source, start, length),
  in: (needle, hay) => {
    // An empty text holds nothing here, not even itself.
    if (typeof hay === 'string') return hay !== '' && hay.includes(String(primitive(needle)));
    return Array.isArray(hay) && hay.indexOf(needle as never) !== -1;
  },
  merge: (...values) => merge(values),
};
