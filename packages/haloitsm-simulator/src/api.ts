import { type Answer, empty, json } from './answer.ts';
import type { Json } from './data/json.ts';
import type { Records } from './data/records.ts';
import { Listing, type ListingOptions } from './listing.ts';
import type { Route } from './router.ts';
import { Writing } from './writing.ts';

export interface ApiRequest {
  readonly route: Route;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly text: string;
}

/** The API below /api, of a signed-in caller. */
export class Api {
  readonly #records: Records;
  readonly #listing: Listing;
  readonly #writing: Writing;

  constructor(records: Records, options: ListingOptions) {
    this.#records = records;
    this.#listing = new Listing(records, options);
    this.#writing = new Writing(records);
  }

  answer({ route, query, contentType, text }: ApiRequest): Answer {
    const { operation, parameters } = route;
    const segments = operation.path.split('/');
    const [resource = ''] = segments;
    const id = parameters['id'] ?? Object.values(parameters)[0];
    if (operation.method === 'GET') return this.#get(route, resource, id, query);
    if (operation.method === 'DELETE')
      return id === undefined ? empty(404) : this.#writing.remove(resource, id, query);
    if (text !== '' && !contentType.includes('json')) return empty(415);
    let body: Json;
    try {
      body = text === '' ? null : (JSON.parse(text) as Json);
    } catch {
      return json(400, {
        '': [`Unexpected character encountered while parsing value. Path '', line 1, position 1.`],
      });
    }
    if (id !== undefined) return this.#writing.act(resource, id, segments.at(-1) ?? '', body);
    if (body === null && operation.body !== undefined)
      return json(400, { '': ['A non-empty request body is required.'] });
    return this.#writing.post(operation, resource, body ?? {}, text, query);
  }

  #get(route: Route, resource: string, id: string | undefined, query: URLSearchParams): Answer {
    const { operation } = route;
    const special = this.#special(operation.path.toLowerCase(), id, query);
    if (special) return special;
    if (id === undefined)
      return operation.path === resource ? this.#listing.list(operation, resource, query) : json(200, []);
    const key = resource.toLowerCase() === 'actions' ? `${query.get('ticket_id')}/${id}` : id;
    return this.#listing.one(resource, key, id);
  }

  #special(path: string, id: string | undefined, query: URLSearchParams): Answer | undefined {
    switch (path) {
      case 'agent/me':
        return json(200, {
          ...(this.#records.all('Agent')[0] ?? {}),
          claims: [{ type: 'agent_id', value: '1' }],
        });
      case 'instanceinfo':
        return json(200, { version: '2.236.133', product: 'HaloITSM', simulator: true });
      case 'report/{id}':
        if (query.get('loadreport') !== 'true') return undefined;
        return json(200, {
          id: Number(id),
          name: `Report ${id}`,
          report: { rows: this.#records.all('Status') },
        });
      default:
        return undefined;
    }
  }
}
