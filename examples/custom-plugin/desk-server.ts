import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json, JsonObject } from '@millrace/core';

/** What the next request meets: refused as invalid, too busy, failed inside, or an answer that breaks off. */
export type Trouble = 'refuse' | 'unavailable' | 'fail' | 'disconnect' | 'truncate';

const TOKEN = 'desk-token-5d1f0c';

/** The other system: a small REST desk with tickets in pages, comments, a token, and trouble on demand. */
export class DeskServer {
  readonly tickets: JsonObject[];
  /** Every comment that was sent, taken or not. */
  readonly comments: JsonObject[] = [];
  readonly #http: Server;
  #trouble: Trouble | undefined;

  constructor(tickets: readonly JsonObject[]) {
    this.tickets = [...tickets];
    this.#http = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      this.#handle(request, response, Buffer.concat(chunks).toString('utf8'));
    });
  }

  /** Listens on a free port of the loopback. */
  static async start(tickets: readonly JsonObject[] = []) {
    const server = new DeskServer(tickets);
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    const { port } = server.#http.address() as AddressInfo;
    return { server, url: `http://127.0.0.1:${port}`, token: TOKEN };
  }

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  failNext(how: Trouble): void {
    this.#trouble = how;
  }

  connections(): Promise<number> {
    return new Promise((resolve) => this.#http.getConnections((_, count) => resolve(count)));
  }

  #handle(request: IncomingMessage, response: ServerResponse, body: string): void {
    const url = new URL(request.url ?? '/', 'http://desk');
    const trouble = this.#trouble;
    this.#trouble = undefined;
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      return answer(response, 401, { message: 'unknown token' });
    }
    const comment = request.method === 'POST' ? (JSON.parse(body) as JsonObject) : undefined;
    if (comment) this.comments.push(comment);
    if (trouble === 'disconnect') return void response.destroy();
    if (trouble === 'unavailable') return answer(response, 503, { message: 'maintenance' });
    if (trouble === 'fail') return answer(response, 500, { message: 'something broke' });
    if (comment) return this.#comment(response, comment, trouble);
    if (url.pathname === '/me') return answer(response, 200, { name: 'test' });
    this.#page(response, url.searchParams, trouble);
  }

  #comment(response: ServerResponse, comment: JsonObject, trouble: Trouble | undefined): void {
    if (trouble === 'refuse' || typeof comment['text'] !== 'string') {
      return answer(response, 422, { message: 'text is missing' });
    }
    answer(response, 201, { id: this.comments.length });
  }

  #page(response: ServerResponse, query: URLSearchParams, trouble: Trouble | undefined): void {
    const after = Number(query.get('after') ?? 0);
    const rows = this.tickets
      .filter(({ id }) => Number(id) > after)
      .slice(0, Number(query.get('size') ?? 50));
    const page = { total: this.tickets.length, rows };
    if (trouble !== 'truncate') return answer(response, 200, page);
    const text = JSON.stringify(page);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  }
}

function answer(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

if (import.meta.main) {
  const subjects = ['The printer is on fire', 'No network on floor 3', 'A new laptop, please'];
  const { url, token } = await DeskServer.start(
    subjects.map((subject, index) => ({ id: index + 1, subject })),
  );
  process.stdout.write(`DESK_URL=${url} DESK_TOKEN=${token}\n`);
}
