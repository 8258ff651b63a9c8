import type { JsonObject } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startJsonServer } from './json-server.ts';
import { messageOf, openClient, openPublisher, read } from './opened.ts';

const orders = Array.from({ length: 25 }, (_, index) => ({
  id: index + 1,
  state: index % 5 === 0 ? 'closed' : 'open',
  changed: new Date(Date.UTC(2026, 0, 1, index)).toISOString(),
}));

let server: Awaited<ReturnType<typeof startJsonServer>>;
beforeAll(async () => {
  server = await startJsonServer({ orders, growing: orders, notes: [], taken: [{ id: 1 }] });
});
afterAll(() => server.stop());

const get = async (path: string) => (await (await fetch(`${server.url}/${path}`)).json()) as JsonObject;

describe('json-server', () => {
  it('is read whole in each of its ways to page, to the total that it announces', async () => {
    const client = openClient({ baseUrl: server.url });
    const ways = [
      { query: { _limit: 10 }, paging: { link: {} }, first: { _page: 1 } },
      { query: { _limit: 10 }, paging: { page: { parameter: '_page' } } },
      { query: { _limit: 10 }, paging: { offset: { parameter: '_start' } } },
    ];
    for (const { query, paging, first } of ways) {
      const { rows, batches } = await read(client, {
        path: 'orders',
        query: { ...query, ...first, _sort: 'id' },
        totalHeader: 'X-Total-Count',
        paging,
      });
      expect(rows).toEqual(orders);
      expect(batches.map(({ entities, total }) => [entities.length, total])).toEqual([
        [10, 25],
        [10, 25],
        [5, 25],
      ]);
      const middle = batches[0]?.position ?? null;
      const options = { path: 'orders', query: { ...query, ...first, _sort: 'id' }, paging };
      expect((await read(client, options, { position: middle })).rows).toEqual(orders.slice(10));
    }
  });

  it('is asked for what is new only', async () => {
    const client = openClient({ baseUrl: server.url });
    const options = {
      path: 'growing',
      incremental: { field: 'changed', parameter: 'changed_gte', overlap: '1m' },
    };
    const first = await read(client, options);
    expect([first.rows.length, first.cursor]).toEqual([25, { at: '2026-01-02T00:00:00.000Z' }]);
    const body = JSON.stringify({ id: 26, changed: '2026-01-02T01:00:00.000Z' });
    await fetch(`${server.url}/growing`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const second = await read(client, options, { cursor: first.cursor ?? null });
    expect(second.rows.map(({ id }) => id)).toEqual([25, 26]);
  });

  it('is given records, changed, and rid of them', async () => {
    const client = openClient({ baseUrl: server.url });
    const send = async (options: JsonObject, data: JsonObject) =>
      (await openPublisher(client, options).publish(messageOf(data)))[0];
    expect(await send({ path: 'notes' }, { id: 'n/1', state: 'new' })).toMatchObject({
      status: 'delivered',
      response: { id: 'n/1', state: 'new' },
    });
    const one = { path: 'notes/&{id}' };
    expect(await send({ method: 'PUT', ...one }, { id: 'n/1', state: 'put' })).toMatchObject({
      status: 'delivered',
    });
    expect(await get('notes/n%2F1')).toEqual({ id: 'n/1', state: 'put' });
    await send({ method: 'PATCH', ...one, body: { by: 'ann' } }, { id: 'n/1' });
    expect(await get('notes/n%2F1')).toEqual({ id: 'n/1', state: 'put', by: 'ann' });
    for (let time = 0; time < 2; time++)
      expect(await send({ method: 'DELETE', ...one }, { id: 'n/1' })).toMatchObject({ status: 'delivered' });
    expect(await get('notes/n%2F1')).toEqual({});
    expect(await send({ method: 'PUT', ...one }, { id: 'n/1' })).toMatchObject({
      status: 'failed',
      error: { status: 404 },
    });
  });

  it('fails with 500 for an id that is taken, and verify finds that it is there', async () => {
    const client = openClient({ baseUrl: server.url });
    const publisher = openPublisher(client, {
      path: 'taken',
      verify: { path: 'taken', query: { id: '&{id}' } },
    });
    expect(await publisher.publish(messageOf({ id: 1 }))).toMatchObject([{ status: 'unknown' }]);
    expect(await publisher.verify(messageOf({ id: 1 }))).toBe('delivered');
    expect(await publisher.verify(messageOf({ id: 99 }))).toBe('absent');
  });
});
