import { inspect } from 'node:util';
import type { JsonObject } from '@millrace/core';
import { serve } from '@millrace/core/testing';
import { describe, expect, it } from 'vitest';
import { findings, messageOf, openClient, openPublisher } from './opened.ts';
import { RestServer } from './rest-server.ts';

const { signal } = new AbortController();
const get = { method: 'GET', path: 'x', signal } as const;

/** A server that shows the credentials it was asked with. */
const open = () => RestServer.start(() => ({ body: {} }));

describe('the client http', () => {
  it.each<[string, JsonObject, object]>([
    ['nothing', { none: {} }, {}],
    [
      'basic',
      { basic: { username: 'ann', password: 'pässword' } },
      { authorization: 'Basic YW5uOnDDpHNzd29yZA==' },
    ],
    ['a bearer token', { bearer: { token: 'abc' } }, { authorization: 'Bearer abc' }],
    ['a header', { header: { name: 'X-Api-Key', value: 'abc' } }, { 'x-api-key': 'abc' }],
  ])('proves itself by %s', async (_, authentication, headers) => {
    const server = await open();
    const client = openClient({ baseUrl: server.url, authentication, headers: { 'x-version': '2' } });
    await client.request(get);
    expect(server.received[0]?.headers).toMatchObject({ 'x-version': '2', ...headers });
    expect('authorization' in (server.received[0]?.headers ?? {})).toBe('authorization' in headers);
  });

  it('proves itself by a key in the query, and never shows it', async () => {
    const server = await RestServer.start(({ query }) => ({
      status: 400,
      body: { message: `bad key ${query['key']}` },
    }));
    const authentication = { query: { parameter: 'key', value: 'canary-4711' } };
    const client = openClient({ baseUrl: `${server.url}/v1`, authentication });
    const error = await client.request({ ...get, query: { a: 1 } }).catch((thrown: unknown) => thrown);
    expect(server.received[0]).toMatchObject({ path: '/v1/x', query: { a: '1', key: 'canary-4711' } });
    expect(error).toMatchObject({ code: 'client.refused', message: expect.stringContaining('bad key •••') });
    expect(inspect(error, { depth: 9 })).not.toContain('canary-4711');
  });

  it('shows no credential that the system repeats in an answer', async () => {
    const server = await RestServer.start(({ headers, method }) => ({
      status: method === 'POST' ? 400 : 200,
      body: { you: headers.authorization ?? '' },
    }));
    const authentication = { basic: { username: 'ann', password: 'canary-4711' } };
    const client = openClient({ baseUrl: server.url, authentication });
    const { body, exchange } = await client.request(get);
    expect(body).toEqual({ you: 'Basic YW5uOmNhbmFyeS00NzEx' });
    expect(exchange.response?.body).toEqual({ you: 'Basic •••' });
    const [outcome] = await openPublisher(client, { path: 'x' }).publish(messageOf({ a: 1 }));
    expect(outcome).toMatchObject({
      status: 'rejected',
      exchange: { response: { body: { you: 'Basic •••' } } },
    });
    expect(inspect(outcome, { depth: 9 })).not.toContain('YW5uOmNhbmFyeS00NzEx');
  });

  it('writes a list in a query as the system wants it', async () => {
    const urls: string[] = [];
    const baseUrl = await serve((request, response) => {
      urls.push(request.url ?? '');
      response.end();
    });
    for (const lists of ['comma', 'repeat'])
      await openClient({ baseUrl, lists }).request({ ...get, query: { id: [1, 2] } });
    expect(urls).toEqual(['/x?id=1%2C2', '/x?id=1&id=2']);
  });

  it('has nothing against a system that has nothing at its address, but against one that refuses', async () => {
    const server = await RestServer.start(({ path }) => ({ status: path === '/v1' ? 404 : 401 }));
    await openClient({ baseUrl: `${server.url}/v1` }).ping(signal);
    await expect(openClient({ baseUrl: `${server.url}/v2` }).ping(signal)).rejects.toMatchObject({
      code: 'client.unauthorized',
    });
    const named = openClient({ baseUrl: `${server.url}/v1`, ping: { path: '' } });
    await expect(named.ping(signal)).rejects.toMatchObject({ code: 'client.not_found' });
  });

  it.each<[string, JsonObject, string[]]>([
    ['one authentication', { authentication: { none: {} } }, []],
    ['no authentication', { authentication: {} }, ['config.missing_option authentication']],
    [
      'two authentications',
      { authentication: { none: {}, bearer: { token: 't' } } },
      ['config.invalid_value authentication'],
    ],
    [
      'a user name with a colon',
      { authentication: { basic: { username: 'a:b', password: 'p' } } },
      ['config.invalid_value authentication.basic.username'],
    ],
    ['credentials in the address', { baseUrl: 'https://a:b@h.example' }, ['config.invalid_value baseUrl']],
    ['a query in the address', { baseUrl: 'https://h.example/?a=1' }, ['config.invalid_value baseUrl']],
    ['an address that is none', { baseUrl: 'https://[' }, ['config.invalid_value baseUrl']],
  ])('%s: %j', (_, options, expected) => {
    expect(findings('client', { baseUrl: 'https://h.example', ...options })).toEqual(expected);
  });
});

describe('oauth2', () => {
  interface Endpoint {
    readonly lifetime?: number;
    readonly refreshTokens?: boolean;
    readonly refuse?: JsonObject;
    /** No token works. */
    readonly deny?: boolean;
  }

  /** A system and its token endpoint on one server; the token that was given last is the only one that works. */
  async function system({ lifetime = 3600, refreshTokens = false, refuse, deny }: Endpoint = {}) {
    let given = 0;
    let refused = 0;
    const server = await RestServer.start(({ path, headers }) => {
      if (path === '/token') {
        if (refuse) return { status: 400, body: refuse };
        given++;
        const refresh = refreshTokens ? { refresh_token: `canary-refresh-${given}` } : {};
        return { body: { access_token: `canary-token-${given}`, expires_in: lifetime, ...refresh } };
      }
      if (!deny && headers.authorization === `Bearer canary-token-${given}`) return { body: { ok: true } };
      refused++;
      return { status: 401, body: { message: `${headers.authorization} is not known` } };
    });
    const tokens = () => server.received.filter(({ path }) => path === '/token');
    const form = (index: number) => Object.fromEntries(new URLSearchParams(String(tokens()[index]?.body)));
    const client = (oauth2: JsonObject = {}) =>
      openClient({
        baseUrl: `${server.url}/api`,
        authentication: {
          oauth2: { tokenUrl: `${server.url}/token`, clientId: 'id', clientSecret: 's+cret', ...oauth2 },
        },
      });
    return { server, tokens, form, client, revoke: () => void given++, refusals: () => refused };
  }

  it('asks for one token, however many requests want it, with its credentials in the header', async () => {
    const { client, tokens, form } = await system();
    const api = client({ scopes: ['read', 'write'], parameters: { audience: 'https://api' } });
    await Promise.all([api.request(get), api.request(get), api.request(get)]);
    expect(tokens()).toHaveLength(1);
    expect(form(0)).toEqual({
      grant_type: 'client_credentials',
      scope: 'read write',
      audience: 'https://api',
    });
    expect(tokens()[0]?.headers.authorization).toBe(`Basic ${Buffer.from('id:s%2Bcret').toString('base64')}`);
  });

  it('has its credentials in the body where the system wants them there', async () => {
    const { client, tokens, form } = await system();
    await client({ credentialsIn: 'body' }).request(get);
    expect(form(0)).toEqual({ grant_type: 'client_credentials', client_id: 'id', client_secret: 's+cret' });
    expect(tokens()[0]?.headers.authorization).toBeUndefined();
  });

  it('renews a token before it ends, without a request that is refused', async () => {
    const { client, tokens, refusals } = await system({ lifetime: 0.001 });
    const api = client();
    for (let time = 0; time < 3; time++) {
      await api.request(get);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    expect([tokens().length, refusals()]).toEqual([3, 0]);
  });

  it('asks for a new one once after a 401, also before a POST is sent again', async () => {
    const { client, tokens, revoke, server } = await system();
    const api = client();
    await api.request(get);
    revoke();
    const outcomes = await openPublisher(api, { path: 'x' }).publish(messageOf({ a: 1 }));
    expect(outcomes).toMatchObject([{ status: 'delivered', response: { ok: true } }]);
    expect(tokens()).toHaveLength(2);
    expect(server.received.filter(({ method, path }) => method === 'POST' && path === '/api/x')).toHaveLength(
      2,
    );
  });

  it('does not go on asking where a new token is refused as well, and shows none', async () => {
    const { client, tokens } = await system({ deny: true });
    const error = await client()
      .request(get)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'client.unauthorized',
      message: expect.stringContaining('is not known'),
    });
    expect(inspect(error, { depth: 9 })).not.toContain('canary-token');
    expect(tokens()).toHaveLength(2);
  });

  it('renews by the refresh token that it is given, then by the one that each answer brings', async () => {
    const { client, form, revoke } = await system({ refreshTokens: true });
    const api = client({ refreshToken: 'canary-first' });
    await api.request(get);
    revoke();
    await api.request(get);
    expect(form(0)).toEqual({ grant_type: 'refresh_token', refresh_token: 'canary-first' });
    expect(form(1)).toEqual({ grant_type: 'refresh_token', refresh_token: 'canary-refresh-1' });
  });

  it('says what to do where the endpoint refuses, and shows no secret', async () => {
    const { client } = await system({
      refuse: { error: 'invalid_client', error_description: 'no such application' },
    });
    const error = await client()
      .request(get)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'client.unauthorized',
      message: expect.stringContaining('no such application'),
      hint: expect.stringContaining('credentialsIn: body'),
    });
    expect(inspect(error, { depth: 9 })).not.toMatch(/s\+cret|s%2Bcret/);
    const [outcome] = await openPublisher(client(), { path: 'x' }).publish(messageOf({ a: 1 }));
    expect(outcome).toMatchObject({ status: 'failed' });
  });
});
