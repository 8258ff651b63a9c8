import { isObject, type Json, type JsonObject } from '../data/json.ts';
import type { Records } from '../data/records.ts';
import type { Quirks } from '../quirks.ts';

const TABLE = 7;

/**
 * Puts the given fields over the ones that are there. A field is found by its id, else by its name; what is not given
 * keeps its value. The value of a table is its rows: it replaces all of them, unless the field says otherwise.
 */
export class CustomFields {
  readonly #records: Records;
  readonly #quirks: Quirks;

  constructor(records: Records, quirks: Quirks) {
    this.#records = records;
    this.#quirks = quirks;
  }

  merged(before: Json | undefined, given: readonly Json[]): readonly Json[] {
    const fields = Array.isArray(before) ? [...(before as readonly Json[])] : [];
    for (const field of given) {
      if (!isObject(field)) continue;
      const same = fields.findIndex((one) => isObject(one) && isSame(one, field));
      const old = fields[same];
      if (isObject(old)) fields[same] = this.#over(old, field);
      else fields.push(this.#over(this.#described(field), field));
    }
    return fields;
  }

  #over(old: JsonObject, field: JsonObject): JsonObject {
    const id = old['id'] ?? null;
    const plain: JsonObject = { ...old, ...withoutFlags(field), ...(id !== null && { id }) };
    if (!Array.isArray(field['value']) || Number(plain['type']) !== TABLE) return withDisplay(plain, field);
    return { ...plain, value: this.#rows(old['value'], field) };
  }

  /** Rows without an id are new. `add_rows` and `dont_delete_rows` keep the others, `delete_these_rows` names some. */
  #rows(before: Json | undefined, field: JsonObject): readonly Json[] {
    const gone = new Set(
      (Array.isArray(field['delete_these_rows']) ? field['delete_these_rows'] : []).map(String),
    );
    const keeps = field['add_rows'] === true || field['dont_delete_rows'] === true;
    const there = Array.isArray(before) ? (before as readonly Json[]).filter(isObject) : [];
    const kept = keeps || !this.#quirks.has('table-replaced') ? there : [];
    const rows = kept.filter((row) => !gone.has(String(row['id'])));
    let next = Math.max(0, ...there.map((row) => Number(row['id']) || 0)) + 1;
    for (const row of field['value'] as readonly Json[]) {
      if (!isObject(row)) continue;
      const cells = Array.isArray(row['customfields']) ? (row['customfields'] as readonly Json[]) : [];
      const old = there.find((one) => Number(row['id']) > 0 && Number(one['id']) === Number(row['id']));
      const whole = {
        ...row,
        id: old?.['id'] ?? next++,
        customfields: this.merged(old?.['customfields'], cells),
      };
      const at = rows.findIndex((one) => one['id'] === whole.id);
      if (at >= 0) rows[at] = whole;
      else rows.push(whole);
    }
    return rows;
  }

  /** What the desk knows of a field that a record has not had yet. */
  #described(field: JsonObject): JsonObject {
    const known = this.#records.all('FieldInfo').find((one) => isSame(one, field));
    if (!known) return field['id'] === undefined ? {} : { id: asNumber(field['id']) };
    const { id = null, name = '', label = '', type = 0 } = known;
    return { id, name, label, type };
  }
}

function isSame(one: JsonObject, field: JsonObject): boolean {
  if (field['id'] !== undefined && field['id'] !== 0) return String(one['id']) === String(field['id']);
  return field['name'] !== undefined && one['name'] === field['name'];
}

function withoutFlags({
  add_rows: _,
  dont_delete_rows: __,
  delete_these_rows: ___,
  ...field
}: JsonObject): JsonObject {
  return field;
}

/** The text of a choice stands beside its value, and does not outlive it. */
function withDisplay(plain: JsonObject, given: JsonObject): JsonObject {
  const { display, ...rest } = plain;
  if (given['value'] === undefined || given['display'] !== undefined) return plain;
  const names = (Array.isArray(given['value']) ? (given['value'] as readonly Json[]) : [])
    .filter(isObject)
    .map((choice) => String(choice['name'] ?? ''));
  if (names.length > 0) return { ...rest, display: names.join(', ') };
  return display === undefined ? plain : rest;
}

function asNumber(id: Json): Json {
  return typeof id === 'string' && /^\d+$/.test(id) ? Number(id) : id;
}
