import type { Operation } from '@millrace/haloitsm/catalogue';
import { type Answer, invalidValue, list } from '../answer.ts';
import type { JsonObject } from '../data/json.ts';
import { Random } from '../data/random.ts';
import { groupField } from '../data/records.ts';
import type { Fault } from '../faults/faults.ts';
import type { Query } from '../query.ts';
import type { Quirks } from '../quirks.ts';
import type { Rendering } from '../rendering.ts';
import { filtersOf } from './filters.ts';
import { orderOf, shuffled } from './ordering.ts';
import { Results } from './results.ts';
import { isFleeting, type SearchContext } from './searching.ts';

/** What an agent gets who does not page. */
const DEFAULT_PAGE = 50;
/** What one self-hosted instance gives of assets. */
const ASSET_PAGE = 50;
/** These answer a bare list, and an envelope only when they page. */
const HYBRIDS = new Set(
  'agent bulkemail integratorlog integratorschedule integratortrace stocktrace tasktrace'.split(' '),
);
// Lists that a live instance answered whole though a page of one was asked for.
const NEVER_PAGE = new Set([
  ...['appointment', 'configcommit', 'template', 'outgoing', 'outgoingattempt', 'orderline'],
  ...['dashboardlinks', 'milestone', 'todogroup', 'feedback', 'incomingwebhookattempt'],
]);
const PAGING = new Set(['page_no', 'page_size', 'pageinate', 'count']);

export interface ListingOptions {
  /** Rows of a page at most, whatever is asked for. */
  pageCap: number;
}

/** A page of a list: its rows, and what the envelope says of it. */
interface Page {
  readonly rows: readonly JsonObject[];
  readonly head: string;
}

/** GET of a list: filter, order, page, envelope, as the real API does them. */
export class Listing {
  readonly #context: SearchContext;
  readonly #rendering: Rendering;
  readonly #options: ListingOptions;
  readonly #results: Results;
  readonly #random = new Random(1);

  constructor(context: SearchContext, rendering: Rendering, options: ListingOptions) {
    this.#context = context;
    this.#rendering = rendering;
    this.#options = options;
    this.#results = new Results(context.records);
  }

  get #quirks(): Quirks {
    return this.#context.quirks;
  }

  /** `fault` is one of those that strike in a page. */
  list(operation: Operation, resource: string, query: Query, fault?: Fault): Answer {
    for (const name of ['page_no', 'page_size', 'count']) {
      if (Number.isNaN(query.number(name))) return invalidValue(name, query.text(name) ?? '');
    }
    const found = this.#matching(operation, resource, query);
    if (typeof found === 'string') return invalidValue(found, query.text(found) ?? '');
    const isMoved = this.#quirks.has('unordered') || fault?.kind === 'move';
    const rows = isMoved && !orderOf(query) ? shuffled(found, this.#random) : found;
    if (!this.#hasEnvelope(operation, query)) {
      return { status: 200, body: list('[', this.#rendering.rows(resource, rows, query), ']') };
    }
    const page = this.#page(operation, rows, query, fault);
    const members = this.#rendering.rows(resource, this.#whole(operation, page.rows, query), query);
    const key = operation.envelope ?? 'results';
    const columns = query.flag('includecolumns') ? ',"columns_id":1,"columns":[]' : '';
    const folders = operation.path === 'Attachment' ? ',"folders":[]' : '';
    const before = `{${page.head}${ticketOf(operation, query)}"${key}":[`;
    const body = list(before, members, `]${columns}${folders}}`);
    return { status: 200, body };
  }

  #page(operation: Operation, rows: readonly JsonObject[], query: Query, fault: Fault | undefined): Page {
    if (!this.#doesPage(operation, query)) {
      const whole = !operation.pages || this.#neverPages(operation);
      const part = rows.slice(0, query.number('count') ?? (whole ? rows.length : DEFAULT_PAGE));
      const count = this.#quirks.has('count-of-page') ? part.length : rows.length;
      return { rows: part, head: `"record_count":${count},` };
    }
    const number = query.number('page_no');
    const wanted = Math.max(query.number('page_size') ?? DEFAULT_PAGE, 1);
    const size = Math.min(wanted, this.#cap(operation));
    const page = Math.max(number ?? 1, 1);
    const start = (page - 1) * size + shift(fault, page);
    const part = fault?.kind === 'empty' ? [] : rows.slice(start, start + size);
    const shown = this.#quirks.has('page-size-echo') ? wanted : size;
    const count = Math.max(0, rows.length + drift(fault));
    const place = number === undefined ? '' : `"page_no":${page},`;
    return { rows: part, head: `${place}"page_size":${shown},"record_count":${count},` };
  }

  #cap(operation: Operation): number {
    const isAsset = operation.path === 'Asset' && this.#quirks.has('assets-by-50');
    return Math.min(this.#options.pageCap, isAsset ? ASSET_PAGE : Number.POSITIVE_INFINITY);
  }

  /** Whether this question is answered by pages. */
  #doesPage(operation: Operation, query: Query): boolean {
    if (this.#neverPages(operation)) return false;
    if (this.#quirks.has('page-no-needed') && !query.has('page_no')) return false;
    if (query.flag('pageinate')) return true;
    return !this.#quirks.has('pageinate-needed') && (query.has('page_no') || query.has('page_size'));
  }

  #neverPages(operation: Operation): boolean {
    return NEVER_PAGE.has(operation.path.toLowerCase()) && this.#quirks.has('lists-never-page');
  }

  #hasEnvelope(operation: Operation, query: Query): boolean {
    if (HYBRIDS.has(operation.path.toLowerCase())) return query.flag('pageinate');
    return operation.envelope !== undefined || operation.pages;
  }

  /** Actions bring their files where they are asked to. */
  #whole(operation: Operation, rows: readonly JsonObject[], query: Query): readonly JsonObject[] {
    if (operation.path !== 'Actions' || !query.flag('includeattachments')) return rows;
    const files = this.#context.records.all('Attachment');
    return rows.map((row) => ({
      ...row,
      attachments: files
        .filter((file) => file['ticket_id'] === row['ticket_id'] && file['action_id'] === row['id'])
        .map(({ data_base64: _, ...file }) => file),
    }));
  }

  #matching(operation: Operation, resource: string, query: Query): readonly JsonObject[] | string {
    const filters = filtersOf(operation, query, this.#context);
    if (typeof filters === 'string') return filters;
    const { records } = this.#context;
    const field = groupField(resource);
    const group = field === undefined ? undefined : groupOf(field, query);
    const selection = {
      // A ticket has few actions, a desk has hundreds of thousands.
      rows: () => (group === undefined ? records.all(resource) : records.inGroup(resource, group)),
      passes: (row: JsonObject) => filters.every((passes) => passes(row)),
      compare: orderOf(query),
    };
    if (group !== undefined || isFleeting(query, this.#context)) {
      const rows = selection.rows().filter(selection.passes);
      return selection.compare ? rows.sort(selection.compare) : rows;
    }
    const conditions = query.entries().filter(([name]) => !PAGING.has(name));
    const key = `${operation.path} ${conditions.map((pair) => pair.join('=')).join('&')}`;
    return this.#results.rows(resource, key, selection);
  }
}

function groupOf(field: string, query: Query): string | undefined {
  const id = query.number(field);
  return id === undefined || Number.isNaN(id) ? undefined : String(id);
}

/** By how many rows a page begins too early or too late. */
function shift(fault: Fault | undefined, page: number): number {
  if (fault?.kind === 'duplicate' && page > 1) return -1;
  return fault?.kind === 'skip' && page > 1 ? 1 : 0;
}

/** One to three, up or down. */
function drift(fault: Fault | undefined): number {
  if (fault?.kind !== 'drift') return 0;
  const step = Math.floor(fault.draw * 6);
  return step < 3 ? step - 3 : step - 2;
}

/** Actions and attachments of a ticket repeat its id. */
function ticketOf(operation: Operation, query: Query): string {
  if (operation.path !== 'Actions' && operation.path !== 'Attachment') return '';
  const id = groupOf('ticket_id', query);
  return id === undefined ? '' : `"ticket_id":${id},`;
}
