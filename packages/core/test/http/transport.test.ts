import { describe, expect, it } from 'vitest';
import { createHttp, exchangeOf, type HttpRequest } from '../../src/http/index.ts';
import { serve, unusedUrl } from '../../src/testing/index.ts';
import {
  asksForToken,
  type Transport,
  type TransportAnswer,
  type TransportRequest,
} from '../../src/transport.ts';

type Answer = (request: TransportRequest) => TransportAnswer | undefined;

async function client(answer: Answer, baseUrl?: string) {
  const seen: TransportRequest[] = [];
  let attached = 0;
  const transport: Transport = {
    attached: () => void attached++,
    answer: (request) => {
      seen.push(request);
      return answer(request);
    },
  };
  const http = createHttp({
    baseUrl: baseUrl ?? (await unusedUrl()),
    headers: { 'x-app': 'millrace' },
    authorize: async () => ({ authorization: 'Bearer secret' }),
    transport,
  });
  return { http, seen, attached };
}

function get(more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', path: 'notes', signal: new AbortController().signal, ...more };
}

describe('a client with a transport', () => {
  it('takes its answer in place of the network, without signing in', async () => {
    const { http, seen, attached } = await client(() => ({ body: [{ id: 1 }], headers: { 'X-Total': '1' } }));
    expect(attached).toBe(1);
    const { status, body, headers } = await http.request(get({ query: { page: 2 } }));
    expect([status, body, headers['x-total']]).toEqual([200, [{ id: 1 }], '1']);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'GET', path: 'notes', headers: { 'x-app': 'millrace' } });
    expect(seen[0]?.url).toMatch(/\/notes\?page=2$/);
    expect(JSON.stringify(seen[0]?.headers)).not.toContain('secret');
  });

  it('makes of an answer outside 2xx the error that the system would have caused, at once', async () => {
    const { http, seen } = await client(() => ({ status: 503, body: { message: 'closed' } }));
    const error = await http.request(get()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'client.unavailable', status: 503 });
    expect(exchangeOf(error)).toMatchObject({ request: { method: 'GET' }, response: { status: 503 } });
    expect(seen).toHaveLength(1);
  });

  it('passes on what the transport refuses', async () => {
    const { http } = await client(() => {
      throw new Error('not recorded');
    });
    await expect(http.request(get())).rejects.toThrow('not recorded');
  });

  it('sends what the transport lets through, signed in', async () => {
    const url = await serve((request, response) => response.end(request.headers.authorization));
    const { http, seen } = await client(() => undefined, url);
    expect((await http.request(get())).body).toBe('Bearer secret');
    expect(seen).toHaveLength(1);
  });

  it('tells the transport what came over the network, failures too', async () => {
    const url = await serve((request, response) => {
      response.writeHead(request.url === '/gone' ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ path: request.url }));
    });
    const told: unknown[] = [];
    const received: Transport['received'] = ({ path }, { status, body }) =>
      void told.push([path, status, body]);
    const transport = { attached: () => {}, answer: () => undefined, received };
    const http = createHttp({ baseUrl: url, transport });
    await http.request(get());
    await http.request(get({ path: 'gone' })).catch(() => {});
    expect(told).toEqual([
      ['notes', 200, { path: '/notes' }],
      ['gone', 404, { path: '/gone' }],
    ]);
  });

  it('reads a text as a text and an empty answer as none', async () => {
    const { http } = await client(({ path }) => (path === 'text' ? { body: '[1]' } : { status: 204 }));
    expect((await http.request(get({ path: 'text' }))).body).toBe('[1]');
    expect((await http.request(get())).body).toBeUndefined();
  });

  it('shows the transport JSON and forms, and tells a request for a token by its form', async () => {
    const { http, seen } = await client(() => ({}));
    const form = { grant_type: 'client_credentials', client_id: 'x' };
    await http.request(get({ method: 'POST', json: { grant_type: 'a field' } }));
    await http.request(get({ method: 'POST', form }));
    expect(seen.map(({ body }) => body)).toEqual([{ grant_type: 'a field' }, form]);
    expect(seen.map(asksForToken)).toEqual([false, true]);
  });

  it('asks nothing once its signal is aborted', async () => {
    const { http, seen } = await client(() => ({}));
    await expect(http.request(get({ signal: AbortSignal.abort(new Error('stopped')) }))).rejects.toThrow(
      'stopped',
    );
    expect(seen).toEqual([]);
  });
});
