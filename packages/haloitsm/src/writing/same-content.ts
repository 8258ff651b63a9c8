import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json, type JsonObject } from '@millrace/core';
import { fieldsToObject } from './custom-fields.ts';

/**
 * True where a record of Halo says all that a payload says. What cannot be compared is taken to be different: then it is
 * sent once more, which changes nothing.
 */
export function saysTheSame(payload: JsonObject, record: JsonObject): boolean {
  return Object.entries(payload).every(([name, value]) => {
    if (name.startsWith('_') || name === 'id') return true;
    const there = Object.hasOwn(record, name) ? (record[name] ?? null) : null;
    if (name === 'customfields' && Array.isArray(value) && Array.isArray(there)) {
      const [sent, had] = [value, there].map((list) => fieldsToObject(list as readonly Json[]));
      return Object.entries(sent ?? {}).every(([field, one]) => isSame(one, had?.[field] ?? null));
    }
    return isSame(value, there);
  });
}

/** Halo takes and gives numbers as texts in places. */
export function isSame(a: Json, b: Json): boolean {
  if (a === null || b === null) return a === b;
  if (isObject(a) || isObject(b) || Array.isArray(a) || Array.isArray(b)) return isDeepStrictEqual(a, b);
  return String(a) === String(b);
}
