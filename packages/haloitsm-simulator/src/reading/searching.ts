import { haloDate } from '../data/dates.ts';
import { isObject, type Json, type JsonObject } from '../data/json.ts';
import type { Records } from '../data/records.ts';
import type { Query } from '../query.ts';
import type { Quirks } from '../quirks.ts';
import type { Filter } from './filter.ts';

/** What a search has to know beside the rows. */
export interface SearchContext {
  readonly records: Records;
  readonly quirks: Quirks;
  readonly now: () => number;
}

/** A search looks through these. */
const SEARCHED = [
  ...['id', 'summary', 'name', 'inventory_number', 'key_field', 'emailaddress', 'user_name'],
  ...['third_party_id', 'thirdpartyref', 'ref', 'third_party_desc'],
];
const SEARCHES: Readonly<Record<string, string>> = {
  search_summary: 'summary',
  search_details: 'details',
  search_user_name: 'user_name',
  search_reportedby: 'reportedby',
  search_id: 'id',
  search_inventory_number: 'inventory_number',
  search_supplier_reference: 'supplier_reference',
};
const LAG_MS = 2000;

/** True where the rows of a search depend on more than the rows: they cannot be kept for the next page. */
export function isFleeting(query: Query, { quirks }: SearchContext): boolean {
  return query.has('client_ref') || (query.has('search') && quirks.has('search-lag'));
}

/** The conditions of `search`, of the `search_…` parameters, of `client_ref` and of `advanced_search`. */
export function searches(resource: string, query: Query, context: SearchContext): Filter[] {
  const filters: Filter[] = [];
  const anywhere = query.text('search')?.toLowerCase();
  if (anywhere !== undefined) filters.push(anywhereFilter(resource, anywhere, query, context));
  for (const [name, field] of Object.entries(SEARCHES)) {
    const wanted = query.text(name)?.toLowerCase();
    if (wanted !== undefined) filters.push((row) => holds(row[field] ?? null, wanted));
  }
  const reference = query.text('client_ref');
  if (reference !== undefined)
    filters.push((row) => context.records.get('Client', String(row['client_id']))?.['ref'] === reference);
  return [...filters, ...advanced(query.text('advanced_search'))];
}

function anywhereFilter(resource: string, text: string, query: Query, context: SearchContext): Filter {
  const only = query.flag('search_inventory_number_only')
    ? ['inventory_number']
    : query.flag('search_phonenumbers')
      ? [...SEARCHED, 'phonenumber']
      : SEARCHED;
  const custom = searchableFields(context.records);
  const lagging = context.quirks.has('search-lag') ? haloDate(context.now() - LAG_MS) : undefined;
  const changed = resource === 'tickets' ? 'last_update' : 'last_modified';
  return (row) => {
    if (lagging !== undefined && String(row[changed] ?? '') > lagging) return false;
    return only.some((field) => holds(row[field] ?? null, text)) || holdsCustom(row, text, custom);
  };
}

function searchableFields(records: Records): ReadonlySet<Json> {
  const fields = records.all('FieldInfo').filter((field) => field['searchable'] === true);
  return new Set(fields.map((field) => field['id'] ?? null));
}

function holdsCustom(row: JsonObject, text: string, searchable: ReadonlySet<Json>): boolean {
  const fields = row['customfields'];
  if (!Array.isArray(fields)) return false;
  return (fields as readonly Json[]).some(
    (field) => isObject(field) && searchable.has(field['id'] ?? null) && holds(field['value'] ?? null, text),
  );
}

function holds(value: Json, text: string): boolean {
  return (
    (typeof value === 'string' || typeof value === 'number') && String(value).toLowerCase().includes(text)
  );
}

/**
 * A list of {filter_name, filter_value}, as the web interface is said to send it; nobody has published its grammar.
 * Each has to be found in the field of its name, or in the custom field. What cannot be read is no condition.
 */
function advanced(text: string | undefined): Filter[] {
  let parts: unknown;
  try {
    parts = JSON.parse(text ?? '[]');
  } catch {
    return [];
  }
  if (!Array.isArray(parts)) return [];
  return parts.filter(isObject).map((part) => {
    const [name, value] = [
      String(part['filter_name'] ?? ''),
      String(part['filter_value'] ?? '').toLowerCase(),
    ];
    return (row) => {
      const fields = (Array.isArray(row['customfields']) ? row['customfields'] : []) as readonly Json[];
      const custom = fields.find((field) => isObject(field) && field['name'] === name);
      const own = Object.hasOwn(row, name) ? (row[name] ?? null) : null;
      return holds(isObject(custom) ? (custom['value'] ?? null) : own, value);
    };
  });
}
