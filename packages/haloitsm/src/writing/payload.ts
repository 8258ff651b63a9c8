import { isObject, type Json, type JsonObject } from '@millrace/core';
import { fieldsOf, type Operation, takenBy } from '../catalogue/index.ts';
import { fieldsToList } from './custom-fields.ts';
import { toHaloDate } from './halo-dates.ts';

/** Members that Halo wants as lists of fields, and that people rather write as objects. */
const FIELD_LISTS = ['customfields', 'fields'];

/** A payload as Halo takes it: custom fields as a list, dates in UTC without a zone. Dates without one are of `zone`. */
export function haloPayload(operation: Operation, payload: Json, zone: string): Json {
  if (Array.isArray(payload))
    return (payload as readonly Json[]).map((one) =>
      isObject(one) ? haloRecord(operation, one, zone) : one,
    );
  return isObject(payload) ? haloRecord(operation, payload, zone) : payload;
}

function haloRecord(operation: Operation, record: JsonObject, zone: string): JsonObject {
  const changed = Object.entries(record).flatMap(([name, value]): [string, Json][] => {
    if (isObject(value) && FIELD_LISTS.includes(name)) return [[name, fieldsToList(value)]];
    const date = typeof value === 'string' ? toHaloDate(value, zone) : value;
    return date !== value && isDateField(operation, name) ? [[name, date]] : [];
  });
  return changed.length === 0 ? record : { ...record, ...Object.fromEntries(changed) };
}

/** Known from the vendor's document, which is read when the first text that looks like a date is sent. */
function isDateField(operation: Operation, name: string): boolean {
  const type = takenBy(operation.path)?.replace(/^\*/, '');
  return type?.startsWith('>') === true && fieldsOf(type.slice(1))?.get(name) === 'd';
}

/** The path of a field as the payload has it: what was made a list of has names there. */
export function pathInPayload(payload: Json | undefined, path: readonly string[]): string {
  const shown: string[] = [];
  let at: Json | undefined = payload;
  let named = false;
  for (const segment of path) {
    // A field that is given by its name is its value.
    if (named && segment === 'value' && !isObject(at)) continue;
    const index = /^\d+$/.test(segment) ? Number(segment) : undefined;
    const name: string | undefined = index !== undefined && isObject(at) ? Object.keys(at)[index] : undefined;
    named = name !== undefined;
    shown.push(written(name ?? segment));
    at = memberOf(at, name ?? segment);
  }
  return shown.join('.');
}

function memberOf(value: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(value)) return (value as readonly Json[])[Number(key)];
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** As paths are written everywhere: a key with a dot in double quotes. */
function written(key: string): string {
  return /[."]/.test(key) ? `"${key.replaceAll('"', '""')}"` : key;
}
