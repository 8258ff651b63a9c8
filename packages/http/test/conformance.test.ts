import type { JsonObject } from '@millrace/core';
import { CANARY, clientSuite, publisherSuite, subscriberSuite, unusedUrl } from '@millrace/core/testing';
import { describe } from 'vitest';
import http from '../src/index.ts';
import { pageAfter, RestServer } from './rest-server.ts';

const { client, subscriber, publisher } = http.components as Required<typeof http.components>;
const token = CANARY;
const retry = { attempts: 2, initial: '1ms', max: '5ms' };

/** A server that only who has the token may ask. */
async function guarded(things: readonly JsonObject[] = []) {
  const server = await RestServer.start((request) => {
    if (request.headers.authorization !== `Bearer ${token}`)
      return { status: 401, body: { message: 'who are you?' } };
    return request.method === 'GET' ? pageAfter(things, request) : post(request.body as JsonObject);
  });
  const clientOptions = { baseUrl: server.url, authentication: { bearer: { token } }, retry };
  const unreachable = { ...clientOptions, baseUrl: await unusedUrl() };
  return { server, clientOptions, unreachable };
}

const post = ({ name }: JsonObject) =>
  typeof name === 'string' ? { status: 201, body: { name } } : { status: 422, body: { message: 'no name' } };

const things = [1, 2, 3, 4, 5].map((id) => ({ id, changed: `2026-01-0${id}T00:00:00Z` }));

describe('the http plugin', () => {
  clientSuite({
    component: client as never,
    async arrange() {
      const { clientOptions, unreachable } = await guarded();
      const refused = { ...clientOptions, authentication: { bearer: { token: `${CANARY}-wrong` } } };
      return { options: { ...clientOptions, ping: { path: 'me' } }, unreachable, refused };
    },
  });

  subscriberSuite({
    component: subscriber as never,
    async arrange() {
      const source = [...things];
      const { server, clientOptions, unreachable } = await guarded(source);
      return {
        options: {
          path: 'things',
          query: { size: 2 },
          items: 'things',
          total: 'total',
          paging: { cursor: { parameter: 'after', from: 'next' } },
          incremental: { field: 'changed', parameter: 'since' },
        },
        clientOptions,
        unreachable,
        expected: things,
        breakNext: () => server.failNext('truncate'),
        grow: () => {
          const thing = { id: 6, changed: '2026-01-02T00:00:00Z' };
          source.push(thing);
          return [thing];
        },
        open: () => server.connections(),
      };
    },
  });

  publisherSuite({
    component: publisher as never,
    async arrange() {
      const { server, clientOptions, unreachable } = await guarded();
      const data = [1, 2, 3].map((number) => ({ name: `Thing ${number}` }));
      const sent = () =>
        server.received.filter(({ method }) => method === 'POST').map(({ body }) => body ?? null);
      return {
        options: { path: 'things' },
        clientOptions,
        unreachable,
        data,
        invalid: { name: 7 },
        received: sent,
        expected: data,
        failNext: (how) => server.failNext(how),
        breakNext: () => server.failNext('fail'),
      };
    },
  });

  // Several in one request, and a publisher that can be asked what became of one.
  publisherSuite({
    component: publisher as never,
    async arrange() {
      const taken: string[] = [];
      const server = await RestServer.start(({ method, query, body }) => {
        if (method === 'GET') return { body: { found: taken.filter((name) => name === query['name']) } };
        const names = (body as { things: JsonObject[] }).things.map(({ name }) => name);
        if (!names.every((name) => typeof name === 'string'))
          return { status: 400, body: { message: 'no name' } };
        taken.push(...(names as string[]));
        return { status: 201 };
      });
      const data = [1, 2, 3].map((number) => ({ name: `Thing ${number}` }));
      return {
        options: {
          path: 'things/bulk',
          bundle: { at: 'things' },
          verify: { path: 'things', query: { name: '&{name}' }, items: 'found' },
        },
        clientOptions: { baseUrl: server.url, retry },
        unreachable: { baseUrl: await unusedUrl(), retry },
        data,
        invalid: { name: 7 },
        received: () =>
          server.received.flatMap(({ method, body }) =>
            method === 'POST' ? (body as { things: JsonObject[] }).things : [],
          ),
        expected: data,
        failNext: (how) => server.failNext(how),
        breakNext: () => server.failNext('fail'),
      };
    },
  });
});
