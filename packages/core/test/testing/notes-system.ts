import type { ServerResponse } from 'node:http';
import type { Json, JsonObject } from '../../src/json.ts';
import { startServer } from '../../src/testing/index.ts';

export const TOKEN = 'secret/token+1';

type Trouble = 'refuse' | 'unavailable' | 'disconnect' | 'fail' | 'truncate';

/** A small REST system to try components on: notes in pages, a token, and trouble on demand. */
export class NotesSystem {
  readonly notes: JsonObject[];
  /** Bodies of all that was posted, taken or not. */
  readonly posted: Json[] = [];
  #trouble: Trouble | undefined;

  constructor(count: number) {
    this.notes = Array.from({ length: count }, (_, index) => ({ id: index + 1, text: `note ${index + 1}` }));
  }

  static async start(count: number) {
    const system = new NotesSystem(count);
    const server = await startServer((request, response, body) => {
      const url = new URL(request.url ?? '/', 'http://notes');
      if (request.headers.authorization !== `Bearer ${TOKEN}`) return answer(response, 401, { error: 'no' });
      if (request.method === 'POST') return system.#take(response, body);
      if (url.pathname === '/me') return answer(response, 200, { name: 'test' });
      system.#page(response, Number(url.searchParams.get('after')), Number(url.searchParams.get('size')));
    });
    return { system, url: server.url, connections: server.connections };
  }

  next(trouble: Trouble): void {
    this.#trouble = trouble;
  }

  add(text: string): JsonObject {
    const note = { id: this.notes.length + 1, text };
    this.notes.push(note);
    return note;
  }

  #takeTrouble(): Trouble | undefined {
    const trouble = this.#trouble;
    this.#trouble = undefined;
    return trouble;
  }

  #page(response: ServerResponse, after: number, size: number): void {
    const rows = this.notes.filter(({ id }) => Number(id) > after).slice(0, size);
    const whole = JSON.stringify({ total: this.notes.length, rows });
    if (this.#takeTrouble() === undefined) return void json(response, 200).end(whole);
    json(response, 200, whole.length).write(whole.slice(0, whole.length / 2), () => response.destroy());
  }

  #take(response: ServerResponse, body: string): void {
    const note = JSON.parse(body) as JsonObject;
    this.posted.push(note);
    const trouble = this.#takeTrouble();
    if (trouble === 'disconnect') return void response.destroy();
    if (trouble === 'unavailable') return answer(response, 503, { error: 'maintenance' });
    if (trouble === 'fail') return answer(response, 500, { error: 'oops' });
    const valid = trouble !== 'refuse' && typeof note['text'] === 'string';
    return valid ? answer(response, 201, { ok: true }) : answer(response, 422, { error: 'text is missing' });
  }
}

function json(response: ServerResponse, status: number, length?: number): ServerResponse {
  const head = {
    'content-type': 'application/json',
    ...(length !== undefined && { 'content-length': length }),
  };
  return response.writeHead(status, head);
}

function answer(response: ServerResponse, status: number, body: Json): void {
  json(response, status).end(JSON.stringify(body));
}
