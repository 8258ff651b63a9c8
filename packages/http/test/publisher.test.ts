import type { Json, JsonObject } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { findings, messageOf, openClient, openPublisher } from './opened.ts';
import { type Received, type Reply, RestServer } from './rest-server.ts';

/** A publisher with these options, and the server that it sends to. */
async function sending(options: JsonObject, reply: (request: Received) => Reply = () => ({})) {
  const server = await RestServer.start(reply);
  const client = openClient({ baseUrl: server.url });
  return { server, ...openPublisher(client, { path: 'things', ...options }) };
}

const answering = (status: number, body?: Json) => () => ({ status, ...(body !== undefined && { body }) });

describe('the publisher http', () => {
  it.each<[JsonObject, JsonObject, Partial<Received>]>([
    [{}, { id: 1 }, { method: 'POST', path: '/things', body: { id: 1 } }],
    [{ method: 'put', path: 'things/&{id}' }, { id: 'a/b?c' }, { method: 'PUT', path: '/things/a%2Fb%3Fc' }],
    [
      { method: 'PATCH', body: { name: '&{n}', gone: '?{x}' } },
      { n: 'N' },
      { method: 'PATCH', body: { name: 'N' } },
    ],
    [
      { method: 'DELETE', path: 'things/&{id}' },
      { id: 1 },
      { method: 'DELETE', path: '/things/1', body: undefined },
    ],
    [{ body: null }, { id: 1 }, { method: 'POST', body: undefined }],
    [{ query: { notify: false, none: null } }, {}, { query: { notify: 'false' } }],
    [
      { headers: { 'X-Entity': '@{entity.id}', none: null } },
      {},
      { headers: expect.objectContaining({ 'x-entity': '1' }) },
    ],
    [
      { encoding: 'form', body: { a: 'x y', tags: ['1', '2'], none: null, o: { p: 1 } } },
      {},
      { body: 'a=x+y&tags=1&tags=2&o=%7B%22p%22%3A1%7D' },
    ],
    [
      { encoding: 'text', body: '<a>&{id}</a>', headers: { 'Content-Type': 'text/xml' } },
      { id: 1 },
      { body: '<a>1</a>' },
    ],
  ])('with %j sends %j as it is told', async (options, data, expected) => {
    const { publish, server } = await sending(options);
    expect(await publish(messageOf(data))).toMatchObject([{ status: 'delivered' }]);
    expect(server.received).toMatchObject([expected]);
  });

  it.each<[string, JsonObject, JsonObject, string]>([
    ['a hole in the path', { path: 'things/&{id}' }, { id: null }, 'request.missing_parameter'],
    [
      'nothing in the path',
      { method: 'DELETE', path: 'things/&{id}' },
      { id: '' },
      'request.missing_parameter',
    ],
    ['an object in the path', { path: 'things/&{id}' }, { id: {} }, 'request.missing_parameter'],
    ['a path that climbs', { path: 'things/&{id}/x' }, { id: '..' }, 'request.invalid'],
    ['a line end in a header', { headers: { 'X-A': '&{id}' } }, { id: 'a\r\nB: c' }, 'request.invalid'],
    ['a body that is missing', { body: '&{payload}' }, {}, 'request.missing_payload'],
    ['a form that is none', { encoding: 'form', body: '&{id}' }, { id: 1 }, 'request.invalid'],
    ['a text that is none', { encoding: 'text' }, {}, 'request.invalid'],
  ])('rejects a record with %s, and sends nothing', async (_, options, data, code) => {
    const { publish, server } = await sending(options);
    expect(await publish(messageOf(data))).toMatchObject([{ status: 'rejected', error: { code } }]);
    expect(server.received).toEqual([]);
  });

  it.each<[number, JsonObject, string]>([
    [200, {}, 'delivered'],
    [202, { 202: 'waiting' }, 'waiting'],
    [400, {}, 'rejected'],
    [422, { 422: 'failed' }, 'failed'],
    [404, {}, 'failed'],
    [404, { 404: 'rejected' }, 'rejected'],
    [409, { 409: 'delivered' }, 'delivered'],
    [409, { '4xx': 'skipped', 409: 'retry' }, 'retry'],
    [410, { '4xx': 'skipped', 409: 'retry' }, 'skipped'],
    [500, {}, 'unknown'],
    [500, { '5xx': 'retry' }, 'retry'],
    [503, {}, 'retry'],
  ])('takes %i, by the table %j, for %s', async (status, statuses, expected) => {
    const { publish, server } = await sending({ statuses }, answering(status, { message: 'so it is' }));
    const [outcome] = await publish(messageOf({ id: 1 }));
    expect(outcome?.status).toBe(expected);
    expect(outcome?.exchange?.response).toEqual({ status, body: { message: 'so it is' } });
    expect(server.received).toHaveLength(1);
  });

  it('takes 404 of a DELETE for delivered: it is gone', async () => {
    const { publish } = await sending({ method: 'DELETE', path: 'things/&{id}' }, answering(404));
    expect(await publish(messageOf({ id: 1 }))).toMatchObject([{ status: 'delivered' }]);
  });

  it('takes an answer of 200 that says no for a refusal, in its words', async () => {
    const { publish } = await sending({ refusedWhen: { '!': { var: 'body.ok' } } }, ({ body }) => ({
      body: (body as JsonObject)['name'] ? { ok: true } : { ok: false, error: 'no name' },
    }));
    expect(await publish(messageOf({}), messageOf({ name: 'a' }))).toMatchObject([
      { status: 'rejected', error: { code: 'entity.rejected', message: expect.stringContaining('no name') } },
      { status: 'delivered', response: { ok: true } },
    ]);
  });

  it('gives every attempt of a task the same key, and each task its own', async () => {
    const { publish, server } = await sending({ idempotencyKey: 'Idempotency-Key' });
    await publish(messageOf({}, 'task-1', 1), messageOf({}, 'task-2', 1));
    await publish(messageOf({}, 'task-1', 2));
    expect(server.received.map(({ headers }) => headers['idempotency-key']).sort()).toEqual([
      'task-1',
      'task-1',
      'task-2',
    ]);
  });

  it.each<[string, JsonObject, string]>([
    ['PUT', { path: 'things', verify: { path: 'things' } }, 'verify'],
    ['PATCH', { path: 'things', verify: { path: 'things' } }, 'verify'],
    ['POST', { path: '../x' }, 'path'],
    ['POST', { path: 'x', verify: { path: 'https://h.example/' } }, 'verify.path'],
    ['POST', { path: 'x', encoding: 'form', bundle: {} }, 'bundle'],
    ['DELETE', { path: 'x', bundle: {} }, 'bundle'],
    ['POST', { path: 'x', statuses: { 99: 'failed' } }, 'statuses.99'],
    ['POST', { path: 'x', statuses: { 409: 'fine' } }, 'statuses.409'],
  ])('%s %j is a mistake', (method, options, path) => {
    expect(findings('publisher', { method, ...options }).map((finding) => finding.split(' ')[1])).toEqual([
      path,
    ]);
  });
});

describe('a bundle', () => {
  it('sends those together that differ in nothing but their bodies', async () => {
    const { publish, server } = await sending(
      { path: '&{kind}', body: { id: '&{id}' }, bundle: {} },
      ({ body }) => ({
        body: (body as JsonObject[]).map(({ id }) => ({ made: id ?? null })),
      }),
    );
    const messages = [
      { kind: 'a', id: 1 },
      { kind: 'b', id: 2 },
      { kind: 'a', id: 3 },
      { kind: '', id: 4 },
    ].map((data, index) => messageOf(data, `task-${index}`));
    expect(await publish(...messages)).toMatchObject([
      { status: 'delivered', response: { made: 1 } },
      { status: 'delivered', response: [{ made: 2 }] },
      { status: 'delivered', response: { made: 3 } },
      { status: 'rejected' },
    ]);
    expect(server.received.map(({ path, body }) => [path, body])).toEqual([
      ['/a', [{ id: 1 }, { id: 3 }]],
      ['/b', [{ id: 2 }]],
    ]);
  });

  it('stands at a path, and what it comes to is what each of its records comes to', async () => {
    const { publish, server } = await sending(
      { bundle: { at: 'data.things' } },
      answering(422, { message: 'no' }),
    );
    const outcomes = await publish(messageOf({ id: 1 }, 'task-1'), messageOf({ id: 2 }, 'task-2'));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(server.received.map(({ body }) => body)).toEqual([{ data: { things: [{ id: 1 }, { id: 2 }] } }]);
  });

  it('has a key that only its own tasks have together', async () => {
    const { publish, server } = await sending({ bundle: {}, idempotencyKey: 'X-Key' });
    const [a, b] = [messageOf({}, 'task-1'), messageOf({}, 'task-2')];
    for (const messages of [[a, b], [b, a], [a]]) await publish(...messages);
    const [first, second, alone] = server.received.map(({ headers }) => headers['x-key']);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect([second, alone]).toEqual([first, 'task-1']);
  });
});

describe('verify', () => {
  it.each<[string, JsonObject, number, Json | undefined, string]>([
    ['POST', {}, 200, { id: 1 }, 'delivered'],
    ['POST', {}, 404, { message: 'none' }, 'absent'],
    ['POST', {}, 200, [], 'absent'],
    ['POST', { items: 'found' }, 200, { found: [{ id: 1 }] }, 'delivered'],
    ['POST', { items: 'found' }, 200, { found: [] }, 'absent'],
    ['POST', {}, 204, undefined, 'absent'],
    ['DELETE', {}, 200, { id: 1 }, 'absent'],
    ['DELETE', {}, 404, undefined, 'delivered'],
    [
      'PUT',
      { found: { '==': [{ var: 'body.name' }, { var: 'record.name' }] } },
      200,
      { name: 'A' },
      'delivered',
    ],
    [
      'PUT',
      { found: { '==': [{ var: 'body.name' }, { var: 'record.name' }] } },
      200,
      { name: 'B' },
      'absent',
    ],
    ['PUT', { found: { '==': [{ var: 'status' }, 200] } }, 404, undefined, 'absent'],
  ])('of a %s with %j takes %i %j for %s', async (method, verify, status, body, expected) => {
    const { verify: ask, server } = await sending(
      { method, path: 'things/&{id}', verify: { path: 'things/&{id}', query: { full: true }, ...verify } },
      answering(status, body),
    );
    expect(await ask(messageOf({ id: 7, name: 'A' }))).toBe(expected);
    expect(server.received).toMatchObject([{ method: 'GET', path: '/things/7', query: { full: 'true' } }]);
  });

  it('claims nothing where the answer is an error', async () => {
    const { verify } = await sending({ verify: { path: 'things' } }, answering(403));
    await expect(verify(messageOf({}))).rejects.toMatchObject({ code: 'client.forbidden' });
    const { verify: unreadable } = await sending(
      { verify: { path: 'things' } },
      answering(200, 'please sign in'),
    );
    await expect(unreadable(messageOf({}))).rejects.toMatchObject({ code: 'client.protocol' });
  });
});
