import { type Answer, empty, invalidValue, sentence } from '../answer.ts';
import type { JsonObject } from '../data/json.ts';
import { groupField, type Records } from '../data/records.ts';
import type { Query } from '../query.ts';

/** A record that a path names, or the answer where it names none. */
export type Found = { readonly record: JsonObject; readonly key: string } | { readonly refusal: Answer };

/**
 * Finds the record of `Resource/{id}`. Some ids need one parameter more: an action's its `ticket_id`, a lookup's its
 * `lookupid`, and a field's its `kind`.
 */
export function find(records: Records, resource: string, id: string, query: Query): Found {
  if (!records.hasGuidIds(resource) && !/^-?\d{1,10}$/.test(id)) return { refusal: invalidValue('id', id) };
  const field = groupField(resource);
  const group = field === undefined ? undefined : query.text(field);
  const lower = resource.toLowerCase();
  if (lower === 'field' && !query.has('kind')) return { refusal: sentence('Field kind must be specified') };
  if (lower === 'lookup' && group === undefined) return { refusal: sentence('lookupid must be specified') };
  // GUIDs are read in any letter case, and numbers with leading zeros too.
  const plain = records.hasGuidIds(resource) ? id.toLowerCase() : String(Number(id));
  const key = field === undefined ? plain : `${group ?? ''}/${plain}`;
  const record = records.get(resource, key);
  return record && record['deleted'] !== true ? { record, key } : { refusal: empty(404) };
}
