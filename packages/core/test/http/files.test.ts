import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttp, type HttpOptions } from '../../src/http/index.ts';
import type { HttpRequest } from '../../src/index.ts';

/** A server that answers with bytes, and remembers what it was sent. */
async function server(answer: { status?: number; bytes?: Buffer; chunked?: boolean } = {}) {
  const bodies: Buffer[] = [];
  const statuses = [answer.status ?? 200];
  const made = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      bodies.push(Buffer.concat(parts));
      const { bytes = Buffer.from('{}'), chunked = false } = answer;
      const length = chunked ? {} : { 'content-length': bytes.length };
      response.writeHead(statuses.shift() ?? 200, { 'content-type': 'application/octet-stream', ...length });
      response.end(bytes);
    });
  });
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void made.close());
  return { url: `http://127.0.0.1:${(made.address() as AddressInfo).port}`, bodies };
}

function ask(baseUrl: string, request: Partial<HttpRequest>, options: Partial<HttpOptions> = {}) {
  const http = createHttp({ baseUrl, retry: { attempts: 3, initial: 1, max: 5 }, ...options });
  onTestFinished(() => http.close());
  return http.request({ method: 'POST', path: 'file', signal: new AbortController().signal, ...request });
}

/** A body of so many pieces. */
function pieces(count: number, length = count * 1000) {
  let begun = 0;
  return {
    get begun() {
      return begun;
    },
    stream: {
      length,
      type: 'application/json',
      async *chunks() {
        begun++;
        for (let index = 0; index < count; index++) yield Buffer.alloc(1000, index);
      },
    },
  };
}

describe('a body that is made while it is sent', () => {
  it('arrives whole, and histories keep what stands for it', async () => {
    const { url, bodies } = await server();
    const { stream } = pieces(500);
    const { exchange } = await ask(url, { stream, json: { data: '(a file)' } });
    expect(bodies.map(({ length }) => length)).toEqual([500_000]);
    expect(exchange.request.body).toEqual({ data: '(a file)' });
  });

  it('is made anew where the request goes out again', async () => {
    const { url, bodies } = await server({ status: 429 });
    const body = pieces(3);
    await ask(url, { stream: body.stream });
    expect(body.begun).toBe(2);
    expect(bodies.map(({ length }) => length)).toEqual([3000, 3000]);
  });

  it('that comes to less than it announced leaves no request that could be worked on', async () => {
    const { url, bodies } = await server();
    await expect(ask(url, { stream: pieces(3, 3001).stream })).rejects.toMatchObject({
      code: expect.stringMatching(/^client\./),
    });
    expect(bodies).toEqual([]);
  });

  it('breaks the request with its own error', async () => {
    const { url, bodies } = await server();
    const stream = {
      length: 10,
      type: 'text/plain',
      chunks: async function* () {
        yield Buffer.from('12345');
        throw new Error('the disk is gone');
      },
    };
    await expect(ask(url, { stream })).rejects.toMatchObject({ code: 'client.interrupted' });
    expect(bodies).toEqual([]);
  });
});

describe('an answer that is a file', () => {
  const get = (file: HttpRequest['file']): Partial<HttpRequest> => ({ method: 'GET', ...(file && { file }) });

  it('comes as the base64 of its bytes, which no history keeps', async () => {
    const bytes = randomBytes(5000);
    const { url } = await server({ bytes });
    const { body, exchange } = await ask(url, get({ maxBytes: 5000 }));
    expect(Buffer.from(String(body), 'base64').equals(bytes)).toBe(true);
    expect(exchange.response?.body).toBe('(a file of 5000 bytes)');
  });

  it.each([true, false])('that is too large is given up (of unknown length: %s)', async (chunked) => {
    const { url } = await server({ bytes: randomBytes(5000), chunked });
    await expect(ask(url, get({ maxBytes: 4999 }))).rejects.toMatchObject({ code: 'client.too_large' });
  });

  it('that is none says so in its text', async () => {
    const { url } = await server({ status: 403, bytes: Buffer.from('not yours') });
    await expect(ask(url, get({ maxBytes: 100 }))).rejects.toMatchObject({
      code: 'client.forbidden',
      message: expect.stringContaining('not yours'),
    });
  });
});
