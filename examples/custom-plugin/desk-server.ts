import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json, JsonObject } from '@millrace/core';
import { CANARY, serve } from '@millrace/core/testing';

/** A small REST desk to try the plugin on: tickets in pages, a token, and trouble on demand. */
export class DeskServer {
  readonly tickets: JsonObject[];
  #trouble: 'refuse' | 'unavailable' | 'disconnect' | undefined;

  constructor(tickets: readonly JsonObject[] = []) {
    this.tickets = [...tickets];
  }

  static async start(
    tickets: readonly JsonObject[] = [],
  ): Promise<{ server: DeskServer; url: string; token: string }> {
    const server = new DeskServer(tickets);
    return { server, url: await serve((...args) => server.#handle(...args)), token: CANARY };
  }

  failNext(how: 'refuse' | 'unavailable' | 'disconnect'): void {
    this.#trouble = how;
  }

  #handle(request: IncomingMessage, response: ServerResponse, body: string): void {
    const url = new URL(request.url ?? '/', 'http://desk');
    const answer = (status: number, value: Json) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    if (request.headers.authorization !== `Bearer ${CANARY}`)
      return answer(401, { message: 'unknown token' });
    const trouble = this.#trouble;
    this.#trouble = undefined;
    if (trouble === 'refuse') return answer(422, { message: 'subject is missing' });
    if (trouble === 'unavailable') return answer(503, { message: 'maintenance' });
    if (url.pathname === '/me') return answer(200, { name: 'test' });
    if (request.method === 'POST') {
      this.tickets.push(JSON.parse(body) as JsonObject);
      return trouble === 'disconnect' ? void response.destroy() : answer(201, { id: this.tickets.length });
    }
    const [page, size] = [Number(url.searchParams.get('page')), Number(url.searchParams.get('size'))];
    answer(200, { total: this.tickets.length, rows: this.tickets.slice((page - 1) * size, page * size) });
  }
}
