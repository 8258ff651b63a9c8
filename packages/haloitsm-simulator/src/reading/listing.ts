import type { Operation } from '@millrace/haloitsm/catalogue';
import { type Answer, invalidValue } from '../answer.ts';
import type { JsonObject } from '../data/json.ts';
import { Random } from '../data/random.ts';
import type { Records } from '../data/records.ts';
import type { Query } from '../query.ts';
import type { Rendering } from '../rendering.ts';
import { filtersOf } from './filters.ts';
import { hasOrder, ordered, shuffled } from './ordering.ts';

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
// Lists that a live instance answered whole though a page of one was asked for.
const NEVER_PAGE = new Set([
  'appointment',
  'configcommit',
  'template',
  'outgoing',
  'outgoingattempt',
  'orderline',
  'dashboardlinks',
  'milestone',
  'todogroup',
  'feedback',
  'incomingwebhookattempt',
]);
const PAGING = new Set(['page_no', 'page_size', 'pageinate', 'count']);

export interface ListingOptions {
  /** Rows of a page at most, whatever is asked for. */
  pageCap: number;
  /** True: without `page_no` the paging parameters are ignored, as without `pageinate`. */
  readonly strictPaging: boolean;
  /** True: a list without `order` comes in another order each time. */
  readonly unordered: boolean;
}

/** GET of a list: filter, order, page, envelope, as the real API does them. */
export class Listing {
  readonly #records: Records;
  readonly #rendering: Rendering;
  readonly #options: ListingOptions;
  readonly #random = new Random(1);
  /** The rows of the last queries, for the pages that follow. */
  readonly #kept = new Map<string, readonly JsonObject[]>();

  constructor(records: Records, rendering: Rendering, options: ListingOptions) {
    this.#records = records;
    this.#rendering = rendering;
    this.#options = options;
  }

  list(operation: Operation, resource: string, query: Query): Answer {
    for (const name of ['page_no', 'page_size', 'count']) {
      if (Number.isNaN(query.number(name))) return invalidValue(name, query.text(name) ?? '');
    }
    const rows = this.#matching(operation, resource, query);
    if (typeof rows === 'string') return invalidValue(rows, query.text(rows) ?? '');
    if (!hasEnvelope(operation, query)) {
      return { status: 200, body: `[${this.#rendering.rows(resource, rows, query)}]` };
    }
    const { part, head } = this.#page(operation, rows, query);
    const echo = ticketOf(operation, query);
    const members = this.#rendering.rows(resource, part, query);
    const key = operation.envelope ?? 'results';
    const columns = query.flag('includecolumns') ? ',"columns_id":1,"columns":[]' : '';
    const folders = operation.path === 'Attachment' ? ',"folders":[]' : '';
    return { status: 200, body: `{${head}${echo}"${key}":[${members}]${columns}${folders}}` };
  }

  /** The rows to show and the beginning of the envelope. `record_count` is the total only where the list pages. */
  #page(operation: Operation, rows: readonly JsonObject[], query: Query) {
    const number = query.number('page_no');
    const asked = query.flag('pageinate') && !(this.#options.strictPaging && number === undefined);
    if (asked && !NEVER_PAGE.has(operation.path.toLowerCase())) {
      // The cap is silent: the answer repeats what was asked for.
      const wanted = Math.max(query.number('page_size') ?? DEFAULT_PAGE, 1);
      const size = Math.min(wanted, this.#options.pageCap);
      const page = Math.max(number ?? 1, 1);
      const shown = number === undefined ? '' : `"page_no":${page},`;
      return {
        part: rows.slice((page - 1) * size, page * size),
        head: `${shown}"page_size":${wanted},"record_count":${rows.length},`,
      };
    }
    const whole = !operation.pages || NEVER_PAGE.has(operation.path.toLowerCase());
    const part = rows.slice(0, query.number('count') ?? (whole ? rows.length : DEFAULT_PAGE));
    return { part, head: `"record_count":${part.length},` };
  }

  #matching(operation: Operation, resource: string, query: Query): readonly JsonObject[] | string {
    const conditions = query.entries().filter(([name]) => !PAGING.has(name));
    const version = this.#records.version(resource);
    const key = `${operation.path} ${version} ${conditions.map((pair) => pair.join('=')).join('&')}`;
    let rows = this.#kept.get(key);
    if (!rows) {
      const filters = filtersOf(operation, query);
      if (typeof filters === 'string') return filters;
      const passing = this.#records.all(resource).filter((row) => filters.every((passes) => passes(row)));
      rows = ordered(passing, query);
      if (this.#kept.size >= 4) this.#kept.delete(this.#kept.keys().next().value ?? '');
      this.#kept.set(key, rows);
    }
    return this.#options.unordered && !hasOrder(query) ? shuffled(rows, this.#random) : rows;
  }
}

function hasEnvelope(operation: Operation, query: Query): boolean {
  if (HYBRIDS.has(operation.path.toLowerCase())) return query.flag('pageinate');
  return operation.envelope !== undefined || operation.pages;
}

/** Actions and attachments of a ticket repeat its id. */
function ticketOf(operation: Operation, query: Query): string {
  if (operation.path !== 'Actions' && operation.path !== 'Attachment') return '';
  const id = query.number('ticket_id');
  return id === undefined || Number.isNaN(id) ? '' : `"ticket_id":${id},`;
}
