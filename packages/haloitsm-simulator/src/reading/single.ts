import { type Answer, empty, invalidValue, sentence } from '../answer.ts';
import type { JsonObject } from '../data/json.ts';
import { groupField, type Records } from '../data/records.ts';
import type { Query } from '../query.ts';
import type { Quirks } from '../quirks.ts';

/** A record that a path names, or the answer where it names none. */
export type Found = { readonly record: JsonObject; readonly key: string } | { readonly refusal: Answer };

/** Where actions have unique ids: the ticket and the number that one holds. */
export function splitActionId(id: number): { readonly ticket: number; readonly number: number } {
  return { ticket: Math.floor(id / 1000), number: id % 1000 };
}

/**
 * Finds the record of `Resource/{id}`. Some ids need one parameter more: an action's its `ticket_id`, a lookup's its
 * `lookupid`, and a field's its `kind`.
 */
export function find(records: Records, quirks: Quirks, resource: string, id: string, query: Query): Found {
  const guids = records.hasGuidIds(resource);
  if (!guids && !/^-?\d{1,10}$/.test(id)) return { refusal: invalidValue('id', id) };
  const missing = quirks.has('more-than-an-id') ? missingParameter(resource, query) : undefined;
  if (missing) return { refusal: missing };
  // GUIDs are read in any letter case, and numbers with leading zeros too.
  const key = keyOf(records, quirks, resource, guids ? id.toLowerCase() : String(Number(id)), query);
  const record = records.get(resource, key);
  return record && record['deleted'] !== true ? { record, key } : { refusal: empty(404) };
}

function missingParameter(resource: string, query: Query): Answer | undefined {
  const lower = resource.toLowerCase();
  if (lower === 'field' && !query.has('kind')) return sentence('Field kind must be specified');
  return lower === 'lookup' && !query.has('lookupid') ? sentence('lookupid must be specified') : undefined;
}

function keyOf(records: Records, quirks: Quirks, resource: string, id: string, query: Query): string {
  const field = groupField(resource);
  if (field === undefined) return id;
  const lower = resource.toLowerCase();
  if (lower === 'actions' && !quirks.has('action-ids-per-ticket')) {
    const { ticket, number } = splitActionId(Number(id));
    return `${ticket}/${number}`;
  }
  const group = query.text(field);
  if (group !== undefined || quirks.has('more-than-an-id')) return `${group ?? ''}/${id}`;
  const first = records.all(resource).find((one) => String(one['id']) === id);
  return `${String(first?.[field] ?? '')}/${id}`;
}
