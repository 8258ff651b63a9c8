import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createHttp } from '../../src/http/index.ts';

it('keeps its connections, however fast the answers come and however busy the process is', async () => {
  let connections = 0;
  let early = false;
  const server = createServer((request, response) => {
    const answer = () => response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":1}');
    // Answered before the body was read: what is left of it must not be taken for the next request.
    if (early) return void answer();
    request.resume();
    request.on('end', answer);
  });
  server.on('connection', () => {
    connections++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const http = createHttp({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    concurrency: 5,
    timeout: { response: 5_000 },
  });
  onTestFinished(() => http.close());
  const { signal } = new AbortController();
  const post = () => http.request({ method: 'POST', path: 'x', json: { text: 'x'.repeat(400) }, signal });
  for (let round = 0; round < 60; round++) {
    const sent = Array.from({ length: 5 }, post);
    // As a transaction of the store does: answers and notices of written bodies then come in one turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    for (const until = performance.now() + 3; performance.now() < until; );
    await Promise.all(sent);
  }
  expect(connections).toBe(5);
  early = true;
  const large = { text: 'x'.repeat(2_000_000) };
  const answers = await Promise.allSettled(
    Array.from({ length: 10 }, () => http.request({ method: 'POST', path: 'x', json: large, signal })),
  );
  early = false;
  expect(answers).toHaveLength(10);
  expect((await post()).status).toBe(201);
});
