import { isObject, type Json, type JsonObject } from '../data/json.ts';

/**
 * Puts the given fields over the ones that are there. A field is found by its id, else by its name; what is not given
 * keeps its value. The value of a table is its rows: it replaces all of them.
 */
export function mergeFields(before: Json | undefined, given: readonly Json[]): readonly Json[] {
  const fields = Array.isArray(before) ? [...(before as readonly Json[])] : [];
  for (const field of given) {
    if (!isObject(field)) continue;
    const same = fields.findIndex((one) => isObject(one) && isSame(one, field));
    const old = fields[same];
    if (isObject(old)) fields[same] = { ...old, ...field, id: old['id'] ?? null };
    else fields.push(field['id'] === undefined ? field : { ...field, id: asNumber(field['id']) });
  }
  return fields;
}

function isSame(one: JsonObject, field: JsonObject): boolean {
  if (field['id'] !== undefined && field['id'] !== 0) return String(one['id']) === String(field['id']);
  return field['name'] !== undefined && one['name'] === field['name'];
}

function asNumber(id: Json): Json {
  return typeof id === 'string' && /^\d+$/.test(id) ? Number(id) : id;
}
