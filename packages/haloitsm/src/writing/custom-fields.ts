import { isObject, type Json, type JsonObject } from '@millrace/core';

/** By what a field is called in the object. */
export type FieldKey = 'name' | 'id' | 'label';

export interface ReadingFields {
  readonly key: FieldKey;
  /** True: the text that people see, in place of the value, where there is one. */
  readonly display: boolean;
}

const PLAIN: ReadingFields = { key: 'name', display: false };

/**
 * Halo's list of custom fields as an object: `[{name: "CFserial", value: 1}]` is `{CFserial: 1}`. The rows of a table field
 * are objects alike, with their `id`.
 */
export function fieldsToObject(list: readonly Json[], how: ReadingFields = PLAIN): JsonObject {
  return Object.fromEntries(
    list.filter(isObject).flatMap((field): [string, Json][] => {
      const called = field[how.key] ?? field['name'] ?? field['id'];
      if (typeof called !== 'string' && typeof called !== 'number') return [];
      return [[String(called), fieldValue(field, how)]];
    }),
  );
}

function fieldValue(field: JsonObject, how: ReadingFields): Json {
  const { value = null, display } = field;
  if (how.display && typeof display === 'string' && display !== '') return display;
  if (!Array.isArray(value)) return value;
  return (value as readonly Json[]).map((row) =>
    isObject(row) && Array.isArray(row['customfields']) ? rowToObject(row, how) : row,
  );
}

function rowToObject({ customfields, id, ...rest }: JsonObject, how: ReadingFields): JsonObject {
  const cells = fieldsToObject(customfields as readonly Json[], how);
  return { ...(id !== undefined && { id }), ...rest, ...cells };
}

/**
 * The way back: `{CFserial: 1}` is `[{name: "CFserial", value: 1}]`. A key of digits is a field's id. An object with `value`
 * is the field itself, with whatever else Halo takes (`add_rows`); a list of objects whose keys begin with `CF` are the rows
 * of a table.
 */
export function fieldsToList(fields: JsonObject): readonly JsonObject[] {
  return Object.entries(fields).map(([key, value]) => ({
    ...(/^\d+$/.test(key) ? { id: Number(key) } : { name: key }),
    ...(isObject(value) && 'value' in value
      ? { ...value, value: written(value['value'] ?? null) }
      : { value: written(value) }),
  }));
}

function written(value: Json): Json {
  if (!Array.isArray(value)) return value;
  const members = value as readonly Json[];
  return members.some(isRow) ? members.map((row) => (isObject(row) ? rowToList(row) : row)) : value;
}

function isRow(value: Json): boolean {
  return isObject(value) && Object.keys(value).some((key) => /^CF/i.test(key));
}

function rowToList(row: JsonObject): JsonObject {
  const isCell = ([key]: readonly [string, Json]) => /^(?:CF|\d+$)/i.test(key) && key !== 'customfields';
  const cells = Object.entries(row).filter(isCell);
  const rest = Object.entries(row).filter((entry) => !isCell(entry));
  if (cells.length === 0) return row;
  return { ...Object.fromEntries(rest), customfields: fieldsToList(Object.fromEntries(cells)) };
}

/** A record with its custom fields as an object, however they stand in it. */
export function withPlainFields(record: JsonObject): JsonObject {
  const { customfields } = record;
  if (!Array.isArray(customfields)) return record;
  return { ...record, customfields: fieldsToObject(customfields as readonly Json[]) };
}
