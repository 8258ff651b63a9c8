import type { JsonObject } from './data/json.ts';
import type { Query } from './query.ts';

/** Members of a single record that its row in a list does not have. */
const SINGLE_ONLY: Readonly<Record<string, readonly string[]>> = {
  tickets: [
    'customfields',
    'details_html',
    'priority',
    'agent_name',
    'status_name',
    'tickettype_name',
    'datecreated',
  ],
  actions: ['note_html', 'emailbody_html'],
  asset: ['customfields', 'notes', 'last_modified'],
  client: ['customfields', 'notes', 'last_modified'],
  site: ['customfields', 'notes', 'last_modified'],
  users: ['customfields', 'notes', 'last_modified'],
  agent: ['customfields'],
  kbarticle: ['description', 'description_html', 'resolution', 'resolution_html'],
};
/** Parameters that bring such members into the list. */
const INCLUDED_BY: Readonly<Record<string, string>> = {
  includeagent: 'agent_name',
  includestatus: 'status_name',
  includetickettype: 'tickettype_name',
  includehtmlnote: 'note_html',
  includehtmlemail: 'emailbody_html',
  includenotes: 'notes',
};
/** Never answered: what a file holds is fetched by itself. */
const HIDDEN: Readonly<Record<string, readonly string[]>> = { attachment: ['data_base64'] };
/** Halo writes these as decimals, which no JSON.stringify does. */
const DECIMALS: Readonly<Record<string, RegExp>> = {
  site: /"(?:client_id)":-?\d+(?=[,}])/g,
  users: /"(?:site_id)":-?\d+(?=[,}])/g,
  priority: /"(?:responsetime|fixtime)":-?\d+(?=[,}])/g,
};

/** Which members of its rows a list shows. */
interface View {
  readonly kind: 'ids' | 'rows' | 'records';
  readonly extra: readonly string[];
}

/** Turns records into the text that Halo would answer. The rows of plain lists are kept. */
export class Rendering {
  readonly #rows = new WeakMap<JsonObject, string>();

  /** The rows of a list, joined by commas. */
  rows(resource: string, rows: readonly JsonObject[], query: Query): string {
    const view = viewOf(query);
    return rows.map((row) => this.#row(resource.toLowerCase(), row, view)).join(',');
  }

  /** A record as GET of one, POST and DELETE answer it. */
  record(resource: string, record: JsonObject): string {
    const key = resource.toLowerCase();
    return text(key, HIDDEN[key] ? without(record, HIDDEN[key]) : record);
  }

  #row(key: string, row: JsonObject, view: View): string {
    if (view.kind === 'ids') return JSON.stringify({ id: row['id'] ?? null });
    if (view.kind === 'records') return this.record(key, row);
    if (view.extra.length > 0) return thin(key, row, view.extra);
    let kept = this.#rows.get(row);
    if (kept === undefined) {
      kept = thin(key, row, []);
      this.#rows.set(row, kept);
    }
    return kept;
  }
}

function viewOf(query: Query): View {
  const extra = Object.entries(INCLUDED_BY).flatMap(([name, member]) => (query.flag(name) ? [member] : []));
  if (query.flag('idonly') || query.flag('ticketidonly')) return { kind: 'ids', extra };
  return { kind: query.flag('includedetails') ? 'records' : 'rows', extra };
}

function thin(key: string, row: JsonObject, extra: readonly string[]): string {
  const left = (SINGLE_ONLY[key] ?? []).filter((name) => !extra.includes(name));
  return text(key, without(row, [...left, ...(HIDDEN[key] ?? [])]));
}

function without(record: JsonObject, names: readonly string[]): JsonObject {
  if (names.length === 0) return record;
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

function text(key: string, record: JsonObject): string {
  const plain = JSON.stringify(record);
  const decimals = DECIMALS[key];
  return decimals ? plain.replace(decimals, '$&.0') : plain;
}
