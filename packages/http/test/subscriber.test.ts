import type { Json, JsonObject } from '@millrace/core';
import { testRun } from '@millrace/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateOf, formatDate } from '../src/date.ts';
import { findings, openClient, read } from './opened.ts';
import { pageAfter, type Received, type Reply, RestServer } from './rest-server.ts';

const things = [1, 2, 3, 4, 5].map((id) => ({ id }));
const cursor = { cursor: { parameter: 'after', from: 'next' } };

/** A server that answers by a function, and a client of it. */
async function source(reply: (request: Received) => Reply) {
  const server = await RestServer.start(reply);
  return { server, client: openClient({ baseUrl: `${server.url}/v1` }) };
}

describe('the subscriber http', () => {
  it('reads pages by a cursor, announces their total, and keeps the pages as they came', async () => {
    const { client, server } = await source((request) => pageAfter(things, request));
    const { rows, batches } = await read(client, {
      path: 'things',
      items: 'things',
      total: 'total',
      paging: cursor,
    });
    expect(rows).toEqual(things);
    expect(batches.map(({ entities, total }) => [entities.length, total])).toEqual([
      [2, 5],
      [2, 5],
      [1, 5],
    ]);
    expect(server.received.map(({ path, query }) => [path, query['after']])).toEqual([
      ['/v1/things', undefined],
      ['/v1/things', '2'],
      ['/v1/things', '4'],
    ]);
  });

  it('follows links in the body and in the Link header, below its own address only', async () => {
    const next = (to: string): JsonObject => ({ paging: { next: { from: 'links.next' } }, to });
    for (const [to, pages] of [
      ['/v1/things?page=2', 2],
      ['?page=2', 2],
      ['https://elsewhere.example/v1/things?page=2', 1],
      ['//elsewhere.example/v1/things?page=2', 1],
      ['/v2/things?page=2', 1],
    ] as const) {
      const { client, server } = await source(({ query }) => ({
        headers: query['page'] ? {} : { link: `<${to}>; rel="next"` },
        body: { rows: [{ page: query['page'] ?? '1' }], links: { next: query['page'] ? null : to } },
      }));
      for (const { paging } of [next(to), { paging: { link: {} } }]) {
        server.received.length = 0;
        const reading = read(client, {
          path: 'things',
          query: { size: 1 },
          items: 'rows',
          paging: paging as Json,
        });
        if (pages === 2) expect((await reading).rows).toEqual([{ page: '1' }, { page: '2' }]);
        else await expect(reading).rejects.toMatchObject({ code: 'client.foreign_link' });
        expect(server.received).toHaveLength(pages);
      }
    }
  });

  it('searches by POST, with the cursor in the body', async () => {
    const { client, server } = await source(({ body }) => {
      const { variables } = body as { variables: { after?: number } };
      return pageAfter(things, { query: { after: String(variables.after ?? 0) } } as never);
    });
    const { rows } = await read(client, {
      path: 'graphql',
      method: 'post',
      body: { query: '{ things }', variables: { first: 2 } },
      items: 'things',
      paging: { cursor: { parameter: 'variables.after', from: 'next' }, in: 'body' },
    });
    expect(rows).toEqual(things);
    expect(server.received[1]?.body).toEqual({ query: '{ things }', variables: { first: 2, after: 2 } });
  });

  it('asks once for each record that its input makes, with what stands in them', async () => {
    const { client, server } = await source(({ path, query }) => ({
      body: [{ path, ...query }],
      headers: { 'X-Total': '1' },
    }));
    const { rows, batches } = await read(client, {
      path: 'customers/&{value}/orders',
      query: { a: 'configured', state: '&{state}', run: '@{run.id}' },
      totalHeader: 'X-Total',
      input: [
        { set: { ids: ['x/y', 7], state: 'open', query: { a: 'of the record' } } },
        { branch: { at: 'ids.*', keep: { state: '&{state}', query: '&{query}' } } },
      ],
    });
    const run = '01TESTRUN0000000000000000A';
    expect(rows).toEqual([
      { path: '/v1/customers/x%2Fy/orders', a: 'of the record', state: 'open', run },
      { path: '/v1/customers/7/orders', a: 'of the record', state: 'open', run },
    ]);
    expect(batches.map(({ total }) => total)).toEqual([1, 2]);
    expect(server.received).toHaveLength(2);
    const position = JSON.parse(JSON.stringify(batches[0]?.position)) as Json;
    const options = {
      path: 'customers/&{value}/orders',
      input: [{ set: { ids: [1, 2] } }, { branch: { at: 'ids.*' } }],
    };
    expect((await read(client, options, { position })).rows).toEqual([{ path: '/v1/customers/2/orders' }]);
  });

  it.each<[string, Json | undefined, JsonObject, readonly JsonObject[]]>([
    ['a bare list', [{ id: 1 }, { id: 2 }], {}, [{ id: 1 }, { id: 2 }]],
    ['one object', { id: 1 }, {}, [{ id: 1 }]],
    ['texts and numbers', ['a', 1], {}, [{ value: 'a' }, { value: 1 }]],
    ['a projection', { data: [{ a: { id: 1 } }] }, { items: 'data[].a' }, [{ id: 1 }]],
    ['a text that is pointed at', { csv: 'a;b' }, { items: 'csv' }, [{ value: 'a;b' }]],
    ['an empty list', { data: [] }, { items: 'data' }, []],
  ])('takes %s for rows', async (_, body, options, expected) => {
    const { client } = await source(() => ({ ...(body !== undefined && { body }) }));
    expect((await read(client, options)).rows).toEqual(expected);
  });

  it('takes 204 for a list without rows', async () => {
    const { client } = await source(() => ({ status: 204 }));
    expect((await read(client, { items: 'data' })).rows).toEqual([]);
  });

  it.each<[string, Json | undefined, JsonObject]>([
    ['nothing', undefined, {}],
    ['a text', 'please sign in', {}],
    ['no rows where they should be', { error: 'please sign in' }, { items: 'data' }],
    ['null among its rows', [{ id: 1 }, null], {}],
    ['no total where it should be', { data: [] }, { items: 'data', total: 'count' }],
    ['a total that is none', { data: [], count: 'many' }, { items: 'data', total: 'count' }],
    ['no header with the total', [], { totalHeader: 'X-Total' }],
  ])('never takes %s for an empty list', async (_, body, options) => {
    const { client } = await source(() => ({ ...(body !== undefined && { body }) }));
    await expect(read(client, options)).rejects.toMatchObject({ code: 'client.protocol' });
  });

  it('stores no key that a link repeats', async () => {
    const server = await RestServer.start(({ query }) => ({
      body: {
        rows: [{ page: query['page'] ?? '1' }],
        next: query['page'] ? null : `/things?page=2&key=${query['key']}`,
      },
    }));
    const authentication = { query: { parameter: 'key', value: 'canary-4711' } };
    const client = openClient({ baseUrl: server.url, authentication });
    const { rows, batches } = await read(client, {
      path: 'things',
      items: 'rows',
      paging: { next: { from: 'next' } },
    });
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(batches)).not.toContain('canary-4711');
    expect(server.received[1]?.query).toEqual({ page: '2', key: 'canary-4711' });
  });
});

describe('an incremental read', () => {
  const startedAt = '2026-01-02T03:04:05.000Z';
  const incremental = { field: 'changed', parameter: 'since' };

  async function changes(rows: readonly JsonObject[]) {
    const { client, server } = await source(() => ({ body: rows }));
    return { client, asked: () => server.received.at(-1)?.query };
  }

  it('asks for all at first, then for what is new since the newest, with an overlap', async () => {
    const { client, asked } = await changes([
      { changed: '2026-01-01T10:00:00Z' },
      { changed: '2026-01-01T12:00:00+01:00' },
      { changed: null },
    ]);
    const first = await read(client, { incremental });
    expect([asked(), first.cursor]).toEqual([{}, { at: '2026-01-01T11:00:00.000Z' }]);
    const second = await read(
      client,
      { incremental: { ...incremental, overlap: '1h' } },
      { cursor: first.cursor ?? null },
    );
    expect([asked(), second.cursor]).toEqual([{ since: '2026-01-01T10:00:00Z' }, first.cursor]);
  });

  it('begins no later than the run began, moves nothing where nothing came, and never moves back', async () => {
    const { client: future } = await changes([{ changed: '2030-01-01T00:00:00Z' }]);
    expect((await read(future, { incremental })).cursor).toEqual({ at: startedAt });
    const { client: old } = await changes([{ changed: '2025-01-01' }]);
    const cursor = { at: '2026-01-01T00:00:00.000Z' };
    expect((await read(old, { incremental }, { cursor })).cursor).toEqual(cursor);
    const { client: none } = await changes([]);
    expect((await read(none, { incremental }, { cursor })).cursor).toBeUndefined();
  });

  it.each<[string, Json, JsonObject, string]>([
    ['iso', '2026-01-01 10:00:00.5', { at: '2026-01-01T10:00:00.500Z' }, '2026-01-01T09:55:00.500Z'],
    ['date', '2026-01-01T10:00:00Z', { at: '2026-01-01T10:00:00.000Z' }, '2026-01-01'],
    ['unix', 1767261600, { at: '2026-01-01T10:00:00.000Z' }, '1767261300'],
    ['unixMs', '1767261600000', { at: '2026-01-01T10:00:00.000Z' }, '1767261300000'],
    ['number', 41, { at: 41 }, '41'],
  ])('knows the format %s', async (format, value, cursor, since) => {
    const { client, asked } = await changes([{ meta: { at: value } }]);
    const options = { incremental: { field: 'meta.at', parameter: 'since', format } };
    expect((await read(client, options)).cursor).toEqual(cursor);
    await read(client, options, { cursor });
    expect(asked()).toEqual({ since });
  });

  it('puts what is new where the options want it', async () => {
    const { client, server } = await source(() => ({ body: [] }));
    const options = {
      path: 'search',
      method: 'POST',
      query: { q: '?{since}' },
      body: { changedAfter: '?{since}', all: true },
      incremental: { field: 'changed', overlap: '0s' },
    };
    await read(client, options);
    await read(client, options, { cursor: { at: '2026-01-01T00:00:00.000Z' } });
    const since = '2026-01-01T00:00:00Z';
    expect(server.received.map(({ query, body }) => [query, body])).toEqual([
      [{}, { all: true }],
      [{ q: since }, { changedAfter: since, all: true }],
    ]);
  });

  it('remembers over a crash what the newest was', async () => {
    const pages = [{ changed: '2026-01-01T09:00:00Z' }, { changed: '2026-01-01T08:00:00Z' }];
    const { client } = await source(({ query }) => ({
      body: { rows: [pages[Number(query['page']) - 1] ?? null], more: query['page'] === '1' },
    }));
    const options = { items: 'rows', paging: { page: {}, more: 'more' }, incremental };
    const { batches } = await read(client, options);
    const { rows, cursor } = await read(client, options, { position: batches[0]?.position ?? null });
    expect(rows).toEqual([pages[1]]);
    expect(cursor).toEqual({ at: '2026-01-01T09:00:00.000Z' });
  });

  it('says so where no row has the field', async () => {
    const { client } = await changes([{ changed: 'yesterday' }]);
    const run = testRun();
    expect((await read(client, { incremental }, {}, run)).cursor).toBeUndefined();
    expect(run.lines.join()).toContain('no row has the incremental field');
  });

  it('reads back every date that it writes, rounded down where the form is coarser', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e12 }),
        fc.constantFrom('iso', 'date', 'unix', 'unixMs'),
        (at, format) => {
          const grain = { iso: 1, unixMs: 1, unix: 1000, date: 86_400_000 }[format];
          expect(dateOf(formatDate(at, format), format)).toBe(Math.floor(at / grain) * grain);
        },
      ),
    );
  });

  it.each([
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T10:00', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:00:00.123456789', '2026-03-01T10:00:00.123Z'],
    ['2026-03-01T10:00:00,5Z', '2026-03-01T10:00:00.500Z'],
    ['2026-03-01T10:00:00+0130', '2026-03-01T08:30:00.000Z'],
    ['2026-03-01 10:00:00 +02', '2026-03-01T08:00:00.000Z'],
    ['03/01/2026', undefined],
    ['2026-13-01', undefined],
    [20260301, undefined],
  ])('reads the date %j', (text, expected) => {
    const at = dateOf(text, 'iso');
    expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(expected);
  });
});

describe('options of the subscriber http', () => {
  it.each<[string, JsonObject, string[]]>([
    ['nothing at all', {}, []],
    ['a body of a GET', { body: { a: 1 } }, ['config.invalid_value body']],
    ['a whole address', { path: 'https://h.example/x' }, ['config.invalid_value path']],
    ['a path that climbs', { path: 'a/../b' }, ['config.invalid_value path']],
    ['two totals', { total: 'a', totalHeader: 'b' }, ['config.invalid_value totalHeader']],
    ['no way to page', { paging: {} }, ['config.missing_option paging']],
    [
      'a parameter in a body that there is not',
      { paging: { page: {}, in: 'body' } },
      ['config.invalid_value paging.in'],
    ],
    [
      'news that nothing asks for',
      { incremental: { field: 'changed' } },
      ['config.missing_option incremental'],
    ],
    ['news in the query', { incremental: { field: 'changed' }, query: { q: 'at > ?{since}' } }, []],
    ['a path that nothing fills', { path: 'things/&{id}' }, ['config.missing_parameter path']],
    ['a path that input fills', { path: 'things/&{id}', input: [{ set: { id: 1 } }] }, []],
    ['a path with what is new', { path: 'since/&{since}', incremental: { field: 'changed' } }, []],
    ['a method that writes', { method: 'DELETE' }, ['config.invalid_value method']],
  ])('%s: %j', (_, options, expected) => {
    expect(findings('subscriber', options)).toEqual(expected);
  });
});
