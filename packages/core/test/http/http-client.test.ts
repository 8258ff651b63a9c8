import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createHttp,
  exchangeOf,
  failedOutcome,
  type HttpOptions,
  type Method,
  parseLimit,
} from '../../src/http/index.ts';
import { requestsSent } from '../../src/requests.ts';
import { serve, unusedUrl } from '../../src/testing/index.ts';

type Answer =
  | { status: number; body?: string; headers?: Record<string, string> }
  | 'reset'
  | 'truncate'
  | 'hang';

/** A server that gives the answers one after the other, the last one for ever, and counts. */
async function scripted(...answers: Answer[]) {
  const seen: { method: string; url: string; body: string; authorization: string }[] = [];
  const url = await serve((request, response, body) => {
    const answer = answers[Math.min(seen.length, answers.length - 1)] ?? { status: 200 };
    seen.push({
      method: request.method ?? '',
      url: request.url ?? '',
      body,
      authorization: request.headers.authorization ?? '',
    });
    if (answer === 'reset') return response.destroy();
    if (answer === 'hang') return;
    if (answer === 'truncate') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      return response.write('{"half": ', () => response.destroy());
    }
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body ?? '');
  });
  return { url, seen };
}

const ok = { status: 200, body: '{"ok":true}' };

function client(baseUrl: string, options: Partial<HttpOptions> = {}) {
  const http = createHttp({ baseUrl, retry: { attempts: 4, initial: 1, max: 5 }, ...options });
  onTestFinished(() => http.close());
  return (method: Method, more: object = {}) =>
    http.request({
      method,
      path: 'things',
      signal: new AbortController().signal,
      ...(method === 'POST' && { json: { a: 1 } }),
      ...more,
    });
}

describe('an answer', () => {
  it('keeps whole numbers that a number cannot hold, as text', async () => {
    const { url } = await scripted({ status: 200, body: '{"id":12345678901234567890,"n":5}' });
    expect((await client(url)('GET')).body).toEqual({ id: '12345678901234567890', n: 5 });
  });
});

describe('a GET', () => {
  it.each<[string, Answer]>([
    ['500', { status: 500 }],
    ['503', { status: 503 }],
    ['429', { status: 429 }],
    ['408', { status: 408 }],
    ['a broken connection', 'reset'],
    ['a truncated answer', 'truncate'],
    ['JSON that cannot be read', { status: 200, body: '{"a":' }],
  ])('is repeated after %s', async (_, trouble) => {
    const { url, seen } = await scripted(trouble, trouble, ok);
    expect((await client(url)('GET')).body).toEqual({ ok: true });
    expect(seen).toHaveLength(3);
  });

  it.each([400, 403, 404, 301])('is not repeated after %i', async (status) => {
    const { url, seen } = await scripted({
      status,
      headers: status === 301 ? { location: 'http://elsewhere.example/' } : {},
    });
    await expect(client(url)('GET')).rejects.toMatchObject({ status });
    expect(seen).toHaveLength(1);
  });

  it('gives up after its attempts, with what the system said', async () => {
    const { url, seen } = await scripted({ status: 503, body: '"Down for maintenance"' });
    await expect(client(url)('GET')).rejects.toMatchObject({
      code: 'client.unavailable',
      status: 503,
      message: expect.stringContaining('Down for maintenance'),
    });
    expect(seen).toHaveLength(4);
  });

  it('leaves nulls out of the query, and joins lists', async () => {
    const { url, seen } = await scripted(ok);
    await client(`${url}/base/`)('GET', { query: { a: null, b: [1, 2], c: 'x y', d: false } });
    expect(seen[0]?.url).toBe('/base/things?b=1%2C2&c=x+y&d=false');
  });
});

describe('a POST', () => {
  it.each<[string, Answer, string]>([
    ['500', { status: 500 }, 'unknown'],
    ['502', { status: 502 }, 'unknown'],
    ['504', { status: 504 }, 'unknown'],
    ['a broken connection', 'reset', 'unknown'],
    ['a truncated answer', 'truncate', 'unknown'],
    ['JSON that cannot be read', { status: 200, body: '{"a":' }, 'unknown'],
    ['503 without a time', { status: 503 }, 'retry'],
    ['425', { status: 425 }, 'retry'],
    ['400', { status: 400, body: '{"[0].x":["no integer"]}' }, 'rejected'],
    ['422', { status: 422 }, 'rejected'],
    ['403', { status: 403 }, 'failed'],
    ['404', { status: 404 }, 'failed'],
    ['413', { status: 413 }, 'failed'],
  ])('is sent once where the answer is %s', async (_, trouble, status) => {
    const { url, seen } = await scripted(trouble, ok);
    const error = await client(url)('POST').catch((thrown: unknown) => thrown);
    expect(seen).toHaveLength(1);
    expect(failedOutcome(error, 'POST', exchangeOf(error))).toMatchObject({
      status,
      exchange: { request: { method: 'POST', body: { a: 1 } } },
    });
  });

  it.each<[string, Answer]>([
    ['429', { status: 429 }],
    ['503 with a time', { status: 503, headers: { 'retry-after': '0' } }],
  ])('is repeated after %s, which certainly had no effect', async (_, trouble) => {
    const { url, seen } = await scripted(trouble, ok);
    await client(url)('POST');
    expect(seen).toHaveLength(2);
  });

  it('is given back to its task where the system asks for a long wait', async () => {
    const { url, seen } = await scripted({ status: 429, headers: { 'retry-after': '3600' } }, ok);
    const error = await client(url)('POST').catch((thrown: unknown) => thrown);
    expect(seen).toHaveLength(1);
    expect(error).toMatchObject({ code: 'client.rate_limited', retryAfter: 3_600_000 });
    expect(failedOutcome(error, 'POST')).toMatchObject({ status: 'retry' });
  });

  it('that nobody received may go out again', async () => {
    const error = await client(await unusedUrl())('POST').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'client.unreachable', hint: expect.stringContaining('address') });
    expect(failedOutcome(error, 'POST')).toMatchObject({ status: 'retry' });
  });

  it('whose answer does not come in time has an unknown outcome', async () => {
    const { url, seen } = await scripted('hang');
    const error = await client(url, { timeout: { response: 60 } })('POST').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'client.timeout' });
    expect(failedOutcome(error, 'POST')).toMatchObject({ status: 'unknown' });
    expect(seen).toHaveLength(1);
  });
});

describe('the HTTP of a client', () => {
  it('counts a 404 on DELETE as done', async () => {
    const { url } = await scripted({ status: 404 });
    const error = await client(url)('DELETE').catch((thrown: unknown) => thrown);
    expect(failedOutcome(error, 'DELETE')).toMatchObject({ status: 'delivered' });
  });

  it('signs in again once after a 401, and sends the new proof', async () => {
    const { url, seen } = await scripted({ status: 401 }, ok);
    let proof = 'old';
    const request = client(url, {
      authorize: async () => ({ authorization: proof }),
      reauthorize: () => {
        proof = 'new';
      },
    });
    await request('POST');
    expect(seen.map((one) => one.authorization)).toEqual(['old', 'new']);
    const refusing = await scripted({ status: 401 });
    await expect(
      client(refusing.url, { authorize: async () => ({}), reauthorize: () => {} })('GET'),
    ).rejects.toMatchObject({ status: 401 });
    expect(refusing.seen).toHaveLength(2);
  });

  it('refuses an answer that is larger than allowed', async () => {
    const { url } = await scripted({ status: 200, body: JSON.stringify('x'.repeat(200_000)) });
    await expect(client(url, { maxResponseSize: 10_000 })('GET')).rejects.toMatchObject({
      code: 'client.too_large',
    });
  });

  it('keeps no more requests in flight than it may', async () => {
    let flying = 0;
    let most = 0;
    const url = await serve((_, response) => {
      most = Math.max(most, ++flying);
      setImmediate(() => {
        flying--;
        response.end();
      });
    });
    const request = client(url, { concurrency: 3 });
    await Promise.all(Array.from({ length: 30 }, () => request('GET')));
    expect(most).toBeLessThanOrEqual(3);
  });

  it('counts its requests by their signal, repeated ones too', async () => {
    const { url } = await scripted({ status: 500 }, ok);
    const { signal } = new AbortController();
    await client(url)('GET', { signal });
    expect(requestsSent(signal)).toBe(2);
  });

  it('ends at once when it is aborted', async () => {
    const { url } = await scripted('hang');
    const controller = new AbortController();
    const request = client(url)('GET', { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(request).rejects.toThrow('enough');
  });

  it('says what is not HTTP', async () => {
    const server = createServer((socket) => void socket.end('SSH-2.0-nonsense\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(client(url)('POST')).rejects.toMatchObject({ code: 'client.interrupted' });
  });
});

describe('a limit', () => {
  it.each([
    ['500/180s', { requests: 500, windowMs: 180_250 }],
    ['1/1m', { requests: 1, windowMs: 60_250 }],
    ['0/1s', undefined],
    ['5', undefined],
  ])('%s is %j, with a margin', (text, limit) => {
    expect(parseLimit(text)).toEqual(limit);
  });

  it('lets no more requests go within its window than it may, publishing before polling', async () => {
    const times: [kind: string, at: number][] = [];
    const url = await serve((request, response) => {
      times.push([request.method ?? '', performance.now()]);
      response.end('{}');
    });
    const request = client(url, { limit: '3/100ms', concurrency: 2 });
    const polls = Array.from({ length: 6 }, () => request('GET'));
    const posts = Array.from({ length: 3 }, () => request('POST'));
    await Promise.all([...polls, ...posts]);
    for (let index = 3; index < times.length; index++) {
      // The server sees them when they arrive: half of the margin is left for the way.
      expect((times[index]?.[1] ?? 0) - (times[index - 3]?.[1] ?? 0)).toBeGreaterThan(225);
    }
    const order = times.map(([kind]) => kind);
    expect(order.slice(0, 6).filter((kind) => kind === 'POST')).toHaveLength(3);
  });

  it('holds no place in flight while it waits, and gives up with its signal', async () => {
    const url = await serve((_, response) => void response.end('{}'));
    const controller = new AbortController();
    const request = client(url, { limit: '1/100s', concurrency: 1 });
    await request('GET');
    const waiting = request('GET', { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
