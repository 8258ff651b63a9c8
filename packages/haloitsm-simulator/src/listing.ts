import type { Operation } from '@millrace/haloitsm/catalogue';
import { type Answer, empty, json } from './answer.ts';
import { isObject, type Json, type JsonObject } from './data/json.ts';
import type { Records } from './data/records.ts';
import { CLOSED_STATUSES } from './data/seed.ts';

/** What an agent gets who does not page. */
const DEFAULT_PAGE = 50;
/** These answer a bare list, and an envelope only when they page. */
const HYBRIDS = new Set([
  'agent',
  'bulkemail',
  'integratorlog',
  'integratorschedule',
  'integratortrace',
  'stocktrace',
  'tasktrace',
]);
/** Members of a single record that its row in a list does not have. */
const DETAILS_ONLY = new Set(['customfields', 'details_html', 'note_html', 'resolution']);
/** Halo writes these as decimals. */
const DECIMALS: Readonly<Record<string, RegExp>> = {
  site: /"client_id":(\d+)(?=[,}])/g,
  users: /"site_id":(\d+)(?=[,}])/g,
};

export interface ListingOptions {
  readonly pageCap: number;
}

/** GET of a list: filter, order, page, envelope, as the real API does them. */
export class Listing {
  readonly #records: Records;
  readonly #options: ListingOptions;
  readonly #texts = new WeakMap<JsonObject, string>();
  #ordered: { readonly key: string; readonly rows: readonly JsonObject[] } | undefined;

  constructor(records: Records, options: ListingOptions) {
    this.#records = records;
    this.#options = options;
  }

  list(operation: Operation, resource: string, query: URLSearchParams): Answer {
    const rows = this.#matching(resource, query);
    if (!this.#hasEnvelope(operation, resource, query)) {
      return { status: 200, body: `[${rows.map((row) => this.#text(resource, row, query)).join(',')}]` };
    }
    const key = operation.envelope ?? 'results';
    const paged = query.get('pageinate') === 'true' && operation.pages;
    // Without `pageinate` the paging parameters are ignored.
    const asked = Number(query.get('page_size')) || DEFAULT_PAGE;
    const unpaged = Number(query.get('count')) || (operation.pages ? DEFAULT_PAGE : Math.max(rows.length, 1));
    const size = paged ? Math.min(Math.max(asked, 1), this.#options.pageCap) : unpaged;
    const page = paged ? Math.max(Number(query.get('page_no')) || 1, 1) : 1;
    const part = rows.slice((page - 1) * size, page * size);
    const count = paged ? rows.length : part.length;
    const head = paged ? `"page_no":${page},"page_size":${asked},` : '';
    const ticket =
      resource.toLowerCase() === 'actions' && query.has('ticket_id')
        ? `"ticket_id":${Number(query.get('ticket_id'))},`
        : '';
    const members = part.map((row) => this.#text(resource, row, query)).join(',');
    return { status: 200, body: `{${head}${ticket}"record_count":${count},"${key}":[${members}]}` };
  }

  /** GET of one record: the bare object. */
  one(resource: string, key: string, id: string): Answer {
    if (!this.#records.hasGuidIds(resource) && !/^-?\d+$/.test(id)) {
      return json(400, { id: [`The value '${id}' is not valid.`] });
    }
    const record = this.#records.get(resource, key);
    if (!record || record['deleted'] === true) return empty(404);
    return { status: 200, body: decimals(resource, JSON.stringify(record)) };
  }

  #hasEnvelope(operation: Operation, resource: string, query: URLSearchParams): boolean {
    if (HYBRIDS.has(resource.toLowerCase())) return query.get('pageinate') === 'true';
    return operation.envelope !== undefined || operation.pages;
  }

  /** Filtered and ordered rows; kept for the pages that follow. */
  #matching(resource: string, query: URLSearchParams): readonly JsonObject[] {
    const relevant = [...query].filter(([name]) => !['page_no', 'page_size', 'pageinate'].includes(name));
    const key = `${resource} ${this.#records.version} ${relevant.map((pair) => pair.join('=')).join('&')}`;
    if (this.#ordered?.key === key) return this.#ordered.rows;
    const filters = filtersOf(resource, query);
    const rows = order(
      this.#records.all(resource).filter((row) => filters.every((passes) => passes(row))),
      query,
    );
    this.#ordered = { key, rows };
    return rows;
  }

  #text(resource: string, row: JsonObject, query: URLSearchParams): string {
    if (query.get('idonly') === 'true' || query.get('ticketidonly') === 'true')
      return JSON.stringify({ id: row['id'] ?? null });
    if (query.get('includedetails') === 'true') return decimals(resource, JSON.stringify(row));
    let text = this.#texts.get(row);
    if (text === undefined) {
      const html = query.get('includehtmlnote') === 'true';
      const entries = Object.entries(row).filter(
        ([name]) => !DETAILS_ONLY.has(name) || (html && name === 'note_html'),
      );
      text = decimals(resource, JSON.stringify(Object.fromEntries(entries)));
      if (!html) this.#texts.set(row, text);
    }
    return text;
  }
}

function decimals(resource: string, text: string): string {
  const pattern = DECIMALS[resource.toLowerCase()];
  return pattern ? text.replace(pattern, (match) => `${match}.0`) : text;
}

type Filter = (row: JsonObject) => boolean;

/** Fields that a parameter of the same name filters by. */
const EQUALS = [
  'client_id',
  'site_id',
  'user_id',
  'agent_id',
  'ticket_id',
  'asset_id',
  'assettype_id',
  'team_id',
  'status_id',
  'tickettype_id',
  'parent_id',
  'supplier_id',
];
/** Parameters that hold several ids, and the fields that they mean. */
const LISTS: Readonly<Record<string, string>> = {
  status: 'status_id',
  priority: 'priority_id',
  agent: 'agent_id',
  client_ids: 'client_id',
  requesttype: 'tickettype_id',
  ticketids: 'id',
};
/** The parameter says `dateoccured`, the field is `dateoccurred`; both are understood. */
const DATE_FIELDS: Readonly<Record<string, string>> = {
  dateoccured: 'dateoccurred',
  datecleared: 'datecleared',
};

function filtersOf(resource: string, query: URLSearchParams): readonly Filter[] {
  const filters: Filter[] = [];
  const deleted = query.get('deleted') === 'true';
  filters.push((row) => (row['deleted'] === true) === deleted);
  if (
    query.get('includeinactive') !== 'true' &&
    ['users', 'client', 'site', 'asset'].includes(resource.toLowerCase())
  ) {
    filters.push((row) => row['inactive'] !== true);
  }
  const isClosed: Filter = (row) => CLOSED_STATUSES.includes(Number(row['status_id']));
  if (query.get('open_only') === 'true') filters.push((row) => !isClosed(row));
  if (query.get('closed_only') === 'true') filters.push(isClosed);
  for (const field of EQUALS) {
    const wanted = query.get(field);
    if (wanted !== null && wanted !== '') filters.push((row) => String(row[field]) === wanted);
  }
  for (const [parameter, field] of Object.entries(LISTS)) {
    const wanted = query.get(parameter)?.split(',').filter(Boolean);
    if (wanted?.length) filters.push((row) => wanted.includes(String(row[field])));
  }
  const search = query.get('search')?.toLowerCase();
  if (search)
    filters.push((row) =>
      ['summary', 'name', 'inventory_number', 'emailaddress', 'id'].some((field) =>
        String(row[field] ?? '')
          .toLowerCase()
          .includes(search),
      ),
    );
  return [...filters, ...dateFilters(query)];
}

function dateFilters(query: URLSearchParams): readonly Filter[] {
  const filters: Filter[] = [];
  const between = (field: string, from: string | null, to: string | null) => {
    const time = (row: JsonObject) => Date.parse(`${String(row[field])}Z`);
    const [start, end] = [from, to].map((text) =>
      text ? Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`) : Number.NaN,
    );
    if (start !== undefined && !Number.isNaN(start)) filters.push((row) => time(row) >= start);
    if (end !== undefined && !Number.isNaN(end)) filters.push((row) => time(row) <= end);
  };
  between('last_update', query.get('lastupdatefromdate'), query.get('lastupdatetodate'));
  const field = query.get('datesearch');
  if (field) between(DATE_FIELDS[field] ?? field, query.get('startdate'), query.get('enddate'));
  return filters;
}

function order(rows: readonly JsonObject[], query: URLSearchParams): readonly JsonObject[] {
  const field = query.get('order') ?? query.get('orderby');
  if (!field) return rows;
  const sign = query.get('orderdesc') === 'true' ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(a[field] ?? null, b[field] ?? null));
}

function compare(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [text(a), text(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function text(value: Json): string {
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value ?? '');
}
