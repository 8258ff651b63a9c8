import { type Answer, empty, invalidValue } from './answer.ts';
import type { Json } from './data/json.ts';
import type { Records } from './data/records.ts';
import type { Query } from './query.ts';
import { Listing, type ListingOptions } from './reading/listing.ts';
import { find } from './reading/single.ts';
import { type Place, special } from './reading/special.ts';
import { Rendering } from './rendering.ts';
import { type Route, Router } from './router.ts';
import { Posting } from './writing/posting.ts';
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
}

/** The API below /api, of a signed-in caller. */
export class Api {
  readonly #router = new Router();
  readonly #records: Records;
  readonly #rendering = new Rendering();
  readonly #listing: Listing;
  readonly #posting: Posting;
  readonly #place: () => Place;

  constructor(records: Records, options: ListingOptions, place: () => Place, now: () => number) {
    this.#records = records;
    this.#listing = new Listing(records, this.#rendering, options);
    this.#posting = new Posting(records, this.#rendering, now);
    this.#place = place;
  }

  answer({ method, path, query, contentType, bytes, value }: ApiRequest): Answer {
    let route: Route | undefined;
    try {
      route = this.#router.find(method, path);
      if (!route) return empty(this.#router.knows(path) ? 405 : 404);
    } catch {
      return empty(400);
    }
    if (method === 'GET') return this.#get(route, query);
    if (method === 'DELETE') return remove(route, query, this.#records, this.#rendering);
    return this.#posting.post(route, query, { type: contentType.toLowerCase(), bytes, value });
  }

  #get(route: Route, query: Query): Answer {
    const found = special(route, query, this.#records, this.#rendering, this.#place());
    if (found) return found;
    const { operation, resource, parameters } = route;
    const [, name] = operation.path.split('/');
    if (name === undefined) return this.#listing.list(operation, resource, query);
    if (operation.path === `${resource}/{id}`) return this.#single(resource, parameters['id'] ?? '', query);
    return this.#below(route, query);
  }

  #single(resource: string, id: string, query: Query): Answer {
    const found = find(this.#records, resource, id, query);
    if ('refusal' in found) return found.refusal;
    return { status: 200, body: this.#rendering.record(resource, found.record) };
  }

  /** Other paths: what was posted to them; with an id, the record of the first segment that it names. */
  #below({ operation, resource, parameters }: Route, query: Query): Answer {
    const { id } = parameters;
    if (id === undefined) return this.#listing.list(operation, operation.path, query);
    const type = operation.pathParameters.find((parameter) => parameter.name === 'id')?.type;
    if (type === 'integer' && !/^-?\d+$/.test(id)) return invalidValue('id', id);
    const record = this.#records.get(resource, id);
    return record ? { status: 200, body: this.#rendering.record(resource, record) } : empty(404);
  }
}
