import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import got from 'got';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { letGo } from '../../src/http/let-go.ts';

let url = '';

beforeAll(async () => {
  const server = createServer((_, response) => void response.end('an answer'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return () => void server.close();
});

it('leaves an answer whole until its reader has had its turn', async () => {
  const answer = await got(url);
  letGo(answer);
  await Promise.resolve();
  expect(answer.body).toBe('an answer');
});

it('takes from a request and its answer what they refer to', async () => {
  const answers = await Promise.all([got(url), got(url)]);
  const requests = answers.map((one) => one.request);
  for (const one of answers) letGo(one);
  await nextTurn();
  const refers = (value: unknown) =>
    typeof value === 'function' || (typeof value === 'object' && value !== null);
  for (const request of requests) {
    const held = Object.entries(request).filter(([name, value]) => !name.endsWith('State') && refers(value));
    // Only the listener that ignores what comes late.
    expect(held.map(([name]) => name)).toEqual(['_events']);
  }
  for (const answer of answers) expect(answer).toMatchObject({ request: undefined, body: undefined });
});

it('lets nothing that comes late end the process', async () => {
  const uncaught: unknown[] = [];
  const listen = (error: unknown) => void uncaught.push(error);
  process.on('uncaughtException', listen);
  onTestFinished(() => void process.off('uncaughtException', listen));
  const answer = await got(url);
  const { request } = answer;
  letGo(answer);
  await nextTurn();
  // As Node does when a connection breaks that was given back.
  for (const one of [answer, request]) process.nextTick(() => one.emit('error', new Error('late')));
  await nextTurn();
  await nextTurn();
  expect(uncaught).toEqual([]);
});
