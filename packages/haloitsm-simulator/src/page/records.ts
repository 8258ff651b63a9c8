import type { Json, JsonObject } from '../data/json.ts';
import { keyOf } from '../data/records.ts';
import type { Simulator } from '../simulator.ts';
import { type Html, html } from './html.ts';

const ROWS = 100;
/** Columns of a table of records, where they have them. */
const COLUMNS = [
  ...[
    'id',
    'ticket_id',
    'summary',
    'name',
    'filename',
    'inventory_number',
    'outcome',
    'note',
    'text',
    'subject',
  ],
  ...[
    'status_name',
    'agent_name',
    'client_name',
    'last_update',
    'datetime',
    'status',
    'timestamp',
    'webhook_id',
  ],
  ...['emailaddress', 'site_name', 'type', 'url', 'last_modified'],
];
const MAX_COLUMNS = 6;

/** The newest records of a resource. */
export function resourceView(simulator: Simulator, resource: string): Html {
  const records = simulator.records(resource);
  const newest = records.slice(-ROWS).reverse();
  const shown =
    newest.length < records.length ? `the newest ${newest.length} of ${records.length}` : `${records.length}`;
  return html`<h2><a href="/">Overview</a> › ${resource} <span class="dim">${shown}</span></h2>${recordsTable(resource, newest)}`;
}

export function recordsTable(resource: string, records: readonly JsonObject[]): Html {
  const columns = COLUMNS.filter((name) => records.some((record) => record[name] !== undefined)).slice(
    0,
    MAX_COLUMNS,
  );
  const head = columns.map((name) => html`<th>${name}</th>`);
  const rows = records.map((record) => {
    const cells = columns.map((name) => html`<td class="text">${cell(resource, record, name)}</td>`);
    return html`<tr>${cells}</tr>`;
  });
  return html`<div class="wide"><table><tr>${head}</tr>${rows}</table></div>`;
}

/** One record whole. */
export function recordView(simulator: Simulator, resource: string, id: string): Html {
  const record = simulator.records(resource).find((one) => keyOf(resource, one) === id);
  const text = record ? JSON.stringify(record, null, 2) : 'There is no such record (any more).';
  const back = `/?show=${encodeURIComponent(resource)}`;
  return html`<h2><a href="/">Overview</a> › <a href="${back}">${resource}</a> › ${id}</h2><pre>${text}</pre>`;
}

function cell(resource: string, record: JsonObject, name: string): Html {
  const value = shown(record[name] ?? null);
  if (name !== 'id') return html`${value}`;
  const key = keyOf(resource, record);
  return html`<a href="/?show=${encodeURIComponent(resource)}&id=${encodeURIComponent(key)}">${value}</a>`;
}

function shown(value: Json): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
