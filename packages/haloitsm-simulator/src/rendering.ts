import { haloDate, NO_DATE, NO_DATE_EITHER, readDate } from './data/dates.ts';
import type { Json, JsonObject } from './data/json.ts';
import type { Query } from './query.ts';
import type { Quirks } from './quirks.ts';

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
  webhookevent: [
    ...['requestheaders', 'requestbody', 'responsestatus', 'responseheaders', 'responsebody'],
    ...['duration', 'entity_id', 'error', 'last_modified'],
  ],
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
/** Never answered: what a file holds is fetched by itself, and a secret by nobody. */
const HIDDEN: Readonly<Record<string, readonly string[]>> = {
  attachment: ['data_base64'],
  webhook: ['basic_password'],
};
/** Halo writes these as decimals, which no JSON.stringify does. */
const DECIMALS: Readonly<Record<string, RegExp>> = {
  site: /"(?:client_id)":-?\d+(?=[,}])/g,
  users: /"(?:site_id)":-?\d+(?=[,}])/g,
  priority: /"(?:responsetime|fixtime)":-?\d+(?=[,}])/g,
};
/** What may be empty, and is null where nulls are written. */
const NULLABLE: Readonly<Record<string, readonly string[]>> = {
  tickets: ['dateclosed', 'datecleared', 'thirdpartyref', 'category_2', 'category_3', 'category_4'],
  actions: ['emailbody', 'project_id'],
  asset: ['notes', 'contract_end_date'],
  client: ['notes', 'website'],
  site: ['notes', 'delivery_address'],
  users: ['notes', 'title', 'jobtitle'],
};
/** These take `utcoffset`, in minutes from the local time to UTC. */
const WITH_OFFSET = ['tickets', 'projects', 'opportunities', 'appointment', 'timesheetevent'];
const DATES = /"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)"/g;
const CUT_AFTER = 250;

/** Which members of its rows a list shows. */
interface View {
  readonly kind: 'ids' | 'rows' | 'records';
  readonly extra: readonly string[];
}

/** Turns records into the text that Halo would answer. */
export class Rendering {
  readonly #quirks: Quirks;

  constructor(quirks: Quirks) {
    this.#quirks = quirks;
  }

  /** The rows of a list, each as JSON. */
  rows(resource: string, rows: readonly JsonObject[], query: Query): readonly string[] {
    const key = resource.toLowerCase();
    const view = viewOf(query);
    if (view.kind === 'ids') return rows.map((row) => JSON.stringify({ id: this.#id(key, row) }));
    const isThin = view.kind === 'rows' && this.#quirks.has('thin-rows');
    const left = isThin ? (SINGLE_ONLY[key] ?? []).filter((name) => !view.extra.includes(name)) : [];
    const names = [...left, ...(HIDDEN[key] ?? [])];
    const offset = offsetOf(key, query);
    const cut = key === 'tickets' && this.#quirks.has('cut-details');
    return rows.map((row) => this.#text(key, without(cut ? cutDetails(row) : row, names), offset));
  }

  /** A record as GET of one, POST and DELETE answer it. */
  record(resource: string, record: JsonObject, query?: Query): string {
    const key = resource.toLowerCase();
    return this.#text(key, without(record, HIDDEN[key] ?? []), query ? offsetOf(key, query) : 0);
  }

  #text(key: string, record: JsonObject, offsetMinutes: number): string {
    const quirks = this.#quirks;
    let text = JSON.stringify(this.#shaped(key, record));
    const decimals = DECIMALS[key];
    if (decimals && quirks.has('decimal-ids')) text = text.replace(decimals, '$&.0');
    if (offsetMinutes !== 0)
      text = text.replace(DATES, (_, date) => `"${shifted(String(date), offsetMinutes)}"`);
    return quirks.has('zoneless-dates') ? text : text.replace(DATES, '"$1Z"');
  }

  /** As the quirks of shapes have it. */
  #shaped(key: string, record: JsonObject): JsonObject {
    const quirks = this.#quirks;
    let shaped = record;
    if (key === 'actions' && !quirks.has('action-ids-per-ticket'))
      shaped = { ...shaped, id: this.#id(key, record) };
    if (!quirks.has('sentinel-dates')) {
      const isSet = (value: Json) => value !== NO_DATE && value !== NO_DATE_EITHER;
      shaped = Object.fromEntries(Object.entries(shaped).filter(([, value]) => isSet(value)));
    }
    if (!quirks.has('nulls-left-out')) {
      const empty = (NULLABLE[key] ?? []).filter((name) => !Object.hasOwn(record, name));
      shaped = { ...shaped, ...Object.fromEntries(empty.map((name) => [name, null])) };
    }
    return shaped;
  }

  #id(key: string, row: JsonObject): Json {
    const isUnique = key === 'actions' && !this.#quirks.has('action-ids-per-ticket');
    return isUnique ? Number(row['ticket_id']) * 1000 + Number(row['id']) : (row['id'] ?? null);
  }
}

function viewOf(query: Query): View {
  const extra = Object.entries(INCLUDED_BY).flatMap(([name, member]) => (query.flag(name) ? [member] : []));
  if (query.flag('idonly') || query.flag('ticketidonly')) return { kind: 'ids', extra };
  return { kind: query.flag('includedetails') ? 'records' : 'rows', extra };
}

/** Undefined members are not written, and a copy with some of them is made ten times faster than one without. */
function without(record: JsonObject, names: readonly string[]): JsonObject {
  if (names.length === 0) return record;
  const copy: Record<string, Json | undefined> = { ...record };
  for (const name of names) copy[name] = undefined;
  return copy as JsonObject;
}

function cutDetails(row: JsonObject): JsonObject {
  const { details } = row;
  return typeof details === 'string' ? { ...row, details: details.slice(0, CUT_AFTER) } : row;
}

function offsetOf(key: string, query: Query): number {
  return WITH_OFFSET.includes(key) ? Number(query.text('utcoffset') ?? 0) || 0 : 0;
}

function shifted(date: string, minutes: number): string {
  if (date.startsWith('19') || readDate(date) === undefined) return date;
  return haloDate(Date.parse(`${date}Z`) - minutes * 60_000);
}
