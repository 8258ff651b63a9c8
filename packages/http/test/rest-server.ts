import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json, JsonObject } from '@millrace/core';
import { startServer, type TestServer } from '@millrace/core/testing';

/** What the next request meets. */
export type Trouble = 'refuse' | 'unavailable' | 'fail' | 'disconnect' | 'truncate';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: Json | undefined;
}

export type Reply = {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: Json;
};

/** A server that keeps what it was asked, answers by a function, and makes trouble when told to. */
export class RestServer {
  readonly received: Received[] = [];
  #trouble: Trouble | undefined;
  #server: TestServer | undefined;

  static async start(reply: (request: Received) => Reply): Promise<RestServer> {
    const rest = new RestServer();
    rest.#server = await startServer((request, response, body) =>
      rest.#handle(request, response, body, reply),
    );
    return rest;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  connections(): Promise<number> {
    return this.#server?.connections() ?? Promise.resolve(0);
  }

  failNext(how: Trouble): void {
    this.#trouble = how;
  }

  #handle(
    request: IncomingMessage,
    response: ServerResponse,
    text: string,
    reply: (request: Received) => Reply,
  ): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://rest');
    const json = request.headers['content-type']?.includes('json') === true;
    const received: Received = {
      method: request.method ?? '',
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: request.headers,
      body: text === '' ? undefined : json ? (JSON.parse(text) as Json) : text,
    };
    this.received.push(received);
    const trouble = this.#trouble;
    this.#trouble = undefined;
    if (trouble === 'disconnect') {
      // It was taken all the same.
      reply(received);
      return void response.destroy();
    }
    if (trouble === 'unavailable') return answer(response, { status: 503, body: { message: 'maintenance' } });
    if (trouble === 'fail') return answer(response, { status: 500, body: { message: 'broke' } });
    if (trouble === 'refuse') return answer(response, { status: 422, body: { message: 'no' } });
    const { status = 200, headers = {}, body } = reply(received);
    if (trouble !== 'truncate')
      return answer(response, { status, headers, ...(body !== undefined && { body }) });
    const whole = JSON.stringify(body);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length });
    response.write(whole.slice(0, whole.length / 2), () => response.destroy());
  }
}

function answer(response: ServerResponse, { status = 200, headers = {}, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** A page of things after an id, as many as are asked for. */
export function pageAfter(things: readonly JsonObject[], { query }: Received): Reply {
  const rows = things
    .filter(({ id }) => Number(id) > Number(query['after'] ?? 0))
    .slice(0, Number(query['size'] ?? 2));
  const last = rows.at(-1)?.['id'];
  const more = things.some(({ id }) => Number(id) > Number(last));
  return { body: { things: rows, total: things.length, next: more ? Number(last) : null } };
}
