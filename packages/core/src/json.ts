/** A JSON value. Records travel as these, and nothing else. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Never changed in place: a transformer returns a new one. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for an object that is neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as the key of a table or a storage, which are texts; undefined for null, which is no key. */
export function keyText(value: Json | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Names that would reach an object's prototype; no path, key or function ever uses them. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
