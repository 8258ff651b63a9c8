import { type Answer, empty, invalidValue } from './answer.ts';
import type { Json } from './data/json.ts';
import type { Fault } from './faults/faults.ts';
import type { Query } from './query.ts';
import { Listing, type ListingOptions } from './reading/listing.ts';
import { find } from './reading/single.ts';
import { type SpecialContext, special } from './reading/special.ts';
import { type Route, Router } from './router.ts';
import { Posting, type PostingContext } from './writing/posting.ts';
import { remove } from './writing/removing.ts';

export interface ApiRequest {
  readonly method: string;
  /** Below /api, still encoded. */
  readonly path: string;
  readonly query: Query;
  readonly contentType: string;
  readonly bytes: Buffer;
  /** The body as JSON; undefined where it is none. */
  readonly value: Json | undefined;
  /** What is to go wrong in the page that a list shows. */
  readonly fault: Fault | undefined;
}

export type ApiContext = PostingContext & SpecialContext;

// Lists that did not answer within 15 seconds when a live instance was asked for them without a filter.
const SLOW = new Set(['assetchange', 'assetsoftware', 'kbarticle', 'licenseinfo', 'incomingemail']);
const SLOW_MS = 20_000;

/** The API below /api, of a signed-in caller. */
export class Api {
  readonly #router = new Router();
  readonly #context: ApiContext;
  readonly #listing: Listing;
  readonly #posting: Posting;

  constructor(context: ApiContext, options: ListingOptions) {
    this.#context = context;
    this.#listing = new Listing(context, context.rendering, options);
    this.#posting = new Posting(context);
  }

  answer({ method, path, query, contentType, bytes, value, fault }: ApiRequest): Answer {
    let route: Route | undefined;
    try {
      route = this.#router.find(method, path);
      if (!route) return empty(this.#router.knows(path) ? 405 : 404);
    } catch {
      return empty(400);
    }
    if (method === 'GET') return this.#get(route, query, fault);
    if (method === 'DELETE') return remove(route, query, this.#context);
    return this.#posting.post(route, query, { type: contentType.toLowerCase(), bytes, value });
  }

  #get(route: Route, query: Query, fault: Fault | undefined): Answer {
    const found = special(route, query, this.#context);
    if (found) return found;
    const { operation, resource, parameters } = route;
    const [, name] = operation.path.split('/');
    if (name === undefined) {
      const answer = this.#listing.list(operation, resource, query, fault);
      return this.#isSlow(route, query) ? { ...answer, delayMs: SLOW_MS } : answer;
    }
    if (operation.path === `${resource}/{id}`) return this.#single(resource, parameters['id'] ?? '', query);
    return this.#below(route, query, fault);
  }

  #isSlow({ path }: Route, query: Query): boolean {
    const isNarrowed = query.entries().some(([name]) => !/^(?:page|count|order)/.test(name));
    return SLOW.has(path) && !isNarrowed && this.#context.quirks.has('slow-lists');
  }

  #single(resource: string, id: string, query: Query): Answer {
    const { records, quirks, rendering } = this.#context;
    const found = find(records, quirks, resource, id, query);
    if ('refusal' in found) return found.refusal;
    return { status: 200, body: rendering.record(resource, found.record, query) };
  }

  /** Other paths: what was posted to them; with an id, the record of the first segment that it names. */
  #below({ operation, resource, parameters }: Route, query: Query, fault: Fault | undefined): Answer {
    const { records, rendering } = this.#context;
    const { id } = parameters;
    if (id === undefined) return this.#listing.list(operation, operation.path, query, fault);
    const type = operation.pathParameters.find((parameter) => parameter.name === 'id')?.type;
    if (type === 'integer' && !/^-?\d+$/.test(id)) return invalidValue('id', id);
    const record = records.get(resource, id);
    return record ? { status: 200, body: rendering.record(resource, record, query) } : empty(404);
  }
}
