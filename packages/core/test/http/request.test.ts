import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildUrl, createHttp, exchangeOf, failedOutcome, type HttpOptions } from '../../src/http/index.ts';
import { serve } from '../../src/testing/index.ts';

const BASE = 'https://api.example/v1';

describe('the address of a request', () => {
  it.each([
    ['things', 'https://api.example/v1/things'],
    ['/things?a=1', 'https://api.example/v1/things?a=1'],
    ['', 'https://api.example/v1'],
    ['https://api.example/v1/things?page=2', 'https://api.example/v1/things?page=2'],
    // What a system behind a proxy takes itself for: never asked for in the clear.
    ['http://api.example/v1/things?page=2', 'https://api.example/v1/things?page=2'],
    ['https://someone@api.example/v1/things', 'https://api.example/v1/things'],
  ])('%j is %s', (path, url) => {
    expect(buildUrl(BASE, { path }).href).toBe(url);
  });

  it.each([
    'https://elsewhere.example/v1/things',
    'https://api.example/v2/things',
    'https://api.example/v1things',
    'https://api.example:8443/v1/things',
    'https://api.example@elsewhere.example/v1/things',
    'https://api.example//elsewhere.example/v1',
    'https://api.example/v1/../admin',
    '../admin',
    'a/%2e%2e/%2E%2e/admin',
    'https://',
  ])('%j does not lead below the client', (path) => {
    expect(() => buildUrl(BASE, { path })).toThrow(expect.objectContaining({ code: 'client.foreign_link' }));
  });

  it('never leaves the client, whatever the path', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '/',
      '//',
      '\\',
      '@',
      ':',
      '?',
      '#',
      'https://',
      'h',
      '%2e',
      ' ',
      'v1',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        try {
          const url = buildUrl(BASE, { path: pieces.join('') });
          expect(url.origin).toBe('https://api.example');
          expect(`${url.pathname}/`).toMatch(/^\/v1\//);
        } catch (error) {
          expect(error).toMatchObject({ code: 'client.foreign_link' });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('shows nothing of the query of a link that it refuses', () => {
    const refused = () => buildUrl(BASE, { path: 'https://elsewhere.example/x?key=secret' });
    expect(refused).toThrow(/elsewhere\.example\/x"/);
    expect(refused).not.toThrow(/secret/);
  });

  it('has lists with commas, or a parameter for each member', () => {
    const request = { path: 'things', query: { ids: [1, 2], none: [], one: 'a' } };
    expect(buildUrl(BASE, request).search).toBe('?ids=1%2C2&none=&one=a');
    expect(buildUrl(BASE, request, 'repeat').search).toBe('?ids=1&ids=2&one=a');
  });
});

describe('a request', () => {
  async function echo(options: Partial<HttpOptions> = {}, status = 200) {
    const seen: { url: string; type: string | undefined; body: string }[] = [];
    const url = await serve((request, response, body) => {
      seen.push({ url: request.url ?? '', type: request.headers['content-type'], body });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"found":false}');
    });
    const http = createHttp({ baseUrl: url, retry: { attempts: 1 }, ...options });
    onTestFinished(() => http.close());
    return { http, seen };
  }
  const { signal } = new AbortController();

  it('resolves with a status that is expected', async () => {
    const { http } = await echo({}, 404);
    const request = { method: 'GET', path: 'x', signal } as const;
    expect(await http.request({ ...request, expect: [404] })).toMatchObject({
      status: 404,
      body: { found: false },
    });
    await expect(http.request({ ...request, expect: [410] })).rejects.toMatchObject({
      code: 'client.not_found',
    });
  });

  it('asks for a new token before it takes a 401 for what was expected', async () => {
    let token = 0;
    const authorize = async () => ({ authorization: `Bearer ${token}` });
    const { http, seen } = await echo({ authorize, reauthorize: () => void token++ }, 401);
    const { status } = await http.request({ method: 'GET', path: 'x', expect: [401], signal });
    expect([status, seen.length, token]).toEqual([401, 2, 1]);
  });

  it('sends a text as it stands, and shows it in its exchange', async () => {
    const { http, seen } = await echo();
    const headers = { 'Content-Type': 'text/xml' };
    const { exchange } = await http.request({ method: 'POST', path: 'x', text: '<a/>', headers, signal });
    expect(seen).toEqual([{ url: '/x', type: 'text/xml', body: '<a/>' }]);
    expect(exchange.request.body).toBe('<a/>');
  });

  it('has a key in its query that nobody sees', async () => {
    const { http, seen } = await echo({ secretQuery: { key: 'canary-1' } });
    const { exchange } = await http.request({
      method: 'GET',
      path: 'x?key=of-a-link',
      query: { a: 1 },
      signal,
    });
    expect(seen[0]?.url).toBe('/x?a=1&key=canary-1');
    expect(exchange.request.url).toMatch(/\/x\?a=1$/);
  });

  it('that would lead away is not sent, and its task fails', async () => {
    const { http, seen } = await echo();
    const error = await http
      .request({ method: 'POST', path: 'https://elsewhere.example/', json: {}, signal })
      .catch((thrown: unknown) => thrown);
    expect(failedOutcome(error, 'POST', exchangeOf(error))).toMatchObject({ status: 'failed' });
    expect(seen).toEqual([]);
  });
});
