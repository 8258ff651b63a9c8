// The conformance suites of Millrace: what every client, subscriber and publisher must do, tried against a small
// system of the same kind. Make the server below answer as yours does.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json, JsonObject } from '@millrace/core';
import { clientSuite, publisherSuite, startServer, subscriberSuite, unusedUrl } from '@millrace/core/testing';
import { describe } from 'vitest';
import { client, publisher, subscriber } from './starter.ts';

const TOKEN = 'a-token-for-tests';
const ITEMS: readonly JsonObject[] = [1, 2, 3, 4, 5].map((id) => ({ id, name: `Item ${id}` }));

type Trouble = 'refuse' | 'unavailable' | 'fail' | 'disconnect' | 'truncate';

/** A system of its own for each check: items in pages, a token, and trouble on demand. */
async function system(items: readonly JsonObject[] = []) {
  const stored = [...items];
  const received: Json[] = [];
  let trouble: Trouble | undefined;

  const handle = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const { searchParams } = new URL(request.url ?? '/', 'http://starter');
    const now = trouble;
    trouble = undefined;
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return answer(response, 401, {});
    const item = request.method === 'POST' ? (JSON.parse(body) as JsonObject) : undefined;
    if (item) received.push(item);
    if (now === 'disconnect') return void response.destroy();
    if (now === 'unavailable') return answer(response, 503, { message: 'maintenance' });
    if (now === 'fail') return answer(response, 500, { message: 'something broke' });
    if (item) {
      const valid = now !== 'refuse' && typeof item['name'] === 'string';
      return answer(response, valid ? 201 : 422, valid ? item : { message: 'name is missing' });
    }
    const after = Number(searchParams.get('after') ?? 0);
    const page = stored
      .filter(({ id }) => Number(id) > after)
      .slice(0, Number(searchParams.get('size') ?? 100));
    answer(response, 200, { items: page, total: stored.length }, now === 'truncate');
  };

  const server = await startServer(handle);
  return {
    stored,
    received,
    server,
    failNext: (how: Trouble) => {
      trouble = how;
    },
    clientOptions: { url: server.url, token: TOKEN },
    unreachable: { url: await unusedUrl(), token: TOKEN },
  };
}

function answer(response: ServerResponse, status: number, body: Json, broken = false): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  if (!broken) return void response.end(text);
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}

describe('the starter plugin', () => {
  clientSuite({
    component: client,
    async arrange() {
      const { clientOptions, unreachable } = await system();
      return { options: clientOptions, unreachable, refused: { ...clientOptions, token: 'not-the-token' } };
    },
  });

  subscriberSuite({
    component: subscriber,
    async arrange() {
      const { server, stored, failNext, clientOptions, unreachable } = await system(ITEMS);
      return {
        options: { pageSize: 2 },
        clientOptions,
        unreachable,
        expected: ITEMS,
        breakNext: () => failNext('truncate'),
        grow: () => {
          const item = { id: 6, name: 'A new one' };
          stored.push(item);
          return [item];
        },
        open: () => server.connections(),
      };
    },
  });

  publisherSuite({
    component: publisher,
    async arrange() {
      const { received, failNext, clientOptions, unreachable } = await system();
      return {
        options: {},
        clientOptions,
        unreachable,
        data: ITEMS,
        invalid: { id: 9 },
        received: () => received,
        expected: ITEMS,
        failNext,
        breakNext: () => failNext('fail'),
      };
    },
  });
});
