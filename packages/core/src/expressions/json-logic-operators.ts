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
const loose = (value: Json): Comparable => value as Comparable;
const number = (value: Json | undefined): number => Number.parseFloat(value as string);

/** Chained comparisons test a value between two others. */
function between(compare: (a: Comparable, b: Comparable) => boolean): Operator {
  return (a = undefined as never, b = undefined as never, c) =>
    compare(loose(a), loose(b)) && (c === undefined || compare(loose(b), loose(c)));
}

function substr(source: Json, start: Json = undefined as never, length?: Json): string {
  const text = String(source);
  const from = toIndex(Number(start ?? 0), text.length);
  const rest = text.slice(from);
  if (length === undefined) return rest;
  const count = Number(length);
  return count < 0 ? rest.slice(0, Math.max(0, rest.length + count)) : rest.slice(0, Math.max(0, count || 0));
}

function toIndex(start: number, length: number): number {
  const whole = Math.trunc(start) || 0;
  return whole < 0 ? Math.max(0, length + whole) : whole;
}

function join(values: readonly Json[]): string {
  const texts = values.map((value) => (value === null || value === undefined ? '' : String(value)));
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
  // biome-ignore lint/suspicious/noDoubleEquals: that is what the operator means
  '==': (a, b) => a == b,
  '===': (a, b) => a === b,
  // biome-ignore lint/suspicious/noDoubleEquals: that is what the operator means
  '!=': (a, b) => a != b,
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
  min: (...values) => Math.min(...(values as number[])),
  max: (...values) => Math.max(...(values as number[])),
  cat: (...values) => join(values),
  substr: (source = undefined as never, start, length) => substr(source, start, length),
  in: (needle, hay) => {
    // An empty text holds nothing here, not even itself.
    if (typeof hay === 'string') return hay !== '' && hay.includes(String(needle));
    return Array.isArray(hay) && hay.indexOf(needle as never) !== -1;
  },
  merge: (...values) => merge(values),
};
