import { FORBIDDEN_KEYS, isObject, type Json, type JsonObject } from '../../json.ts';
import { suggestion } from '../../option-findings.ts';

/** Characters of a text that a function makes. More is a mistake, or somebody's attack on the memory. */
const MAX_TEXT = 10_000_000;
/** Members of a list that a function makes. */
export const MAX_LIST = 1_000_000;

/** How a value is called in a message. */
export function nameOf(value: Json | undefined): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const shown = JSON.stringify(value);
  const short = shown.length > 40 ? `${shown.slice(0, 40)}…` : shown;
  return `the ${typeof value === 'string' ? 'text' : typeof value} ${short}`;
}

function wanted(what: string, value: Json | undefined): never {
  throw new TypeError(`${what} is wanted, not ${nameOf(value)}`);
}

/** The text of a value: null is empty, objects and lists are JSON. */
export function text(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Refuses a text longer than a function may make, before it is made. */
export function checkLength(length: number): void {
  if (length > MAX_TEXT)
    throw new RangeError(`the text would have ${length} characters, more than ${MAX_TEXT}`);
}

const NUMERIC = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

/** The number that a text spells out in full; undefined where it spells none. */
export function numberIn(value: string): number | undefined {
  if (!NUMERIC.test(value)) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

export function number(value: Json | undefined): number {
  if (typeof value === 'number') return value;
  const read = typeof value === 'string' ? numberIn(value) : undefined;
  return read ?? wanted('a number', value);
}

/** A number without decimals; what is behind the point is cut off. */
export function whole(value: Json | undefined, name: string): number {
  const read = typeof value === 'string' ? numberIn(value) : value;
  if (typeof read !== 'number' || !Number.isFinite(read)) return wanted(`for ${name} a number`, value);
  return Math.trunc(read);
}

/** An argument that was left out, or is null. */
export function absent(value: Json | undefined): value is null | undefined {
  return value === null || value === undefined;
}

export function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : wanted('a list', value);
}

export function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : wanted('an object', value);
}

export function oneOf<T extends string>(value: Json | undefined, names: readonly T[], what: string): T {
  const name = text(value) as T;
  if (names.includes(name)) return name;
  throw new TypeError(`there is no ${what} ${JSON.stringify(name)}; ${suggestion(name, names, 'there is')}`);
}

/** An object of keys that a record brought. */
export function objectOf(entries: Iterable<readonly [string, Json]>): JsonObject {
  const all = [...entries];
  const refused = all.find(([key]) => FORBIDDEN_KEYS.has(key));
  if (refused) throw new TypeError(`"${refused[0]}" cannot be a key`);
  return Object.fromEntries(all);
}
