import { readFileSync } from 'node:fs';
import type {
  ClientDefinition,
  JsonObject,
  OptionFinding,
  PublisherDefinition,
  SubscriberDefinition,
} from '@millrace/core';
import { checkOptions } from '@millrace/core';
import {
  CANARY,
  clientSuite,
  publisherSuite,
  serve,
  subscriberSuite,
  testDependencies,
  testRun,
  unusedUrl,
} from '@millrace/core/testing';
import haloitsm from '@millrace/haloitsm';
import { findOperation, nearestOperations, operations, resolveEntity } from '@millrace/haloitsm/catalogue';
import type { Simulator } from '@millrace/haloitsm-simulator';
import { describe, expect, it } from 'vitest';
import { simulate } from '../support/simulator.ts';

const { client, subscriber, publisher } = haloitsm.components as unknown as {
  client: ClientDefinition<never>;
  subscriber: SubscriberDefinition<never>;
  publisher: PublisherDefinition<never>;
};

function clientOptions({ url, tenant, clientId, clientSecret }: Simulator, more: object = {}): JsonObject {
  return {
    baseUri: url,
    tenant,
    authentication: { clientCredentials: { clientId, clientSecret, scopes: ['all'] } },
    ...more,
  };
}

/** A server that takes everything, and what it was asked. */
async function recorder(answer: unknown = {}) {
  const seen: { method: string; path: string; query: Record<string, string>; body: unknown }[] = [];
  const url = await serve((request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x');
    response.setHeader('content-type', 'application/json');
    if (pathname === '/auth/token') return response.end('{"access_token":"t","expires_in":3600}');
    seen.push({
      method: request.method ?? '',
      path: pathname,
      query: Object.fromEntries(searchParams),
      body: body === '' ? undefined : JSON.parse(body),
    });
    response.end(JSON.stringify(answer));
  });
  const options = {
    baseUri: url,
    authentication: { usernamePassword: { clientId: 'c', username: 'u', password: 'p', scopes: ['all'] } },
  };
  return { seen, options };
}

function make<T>(
  component: { options: never; create: (options: never, dependencies: never) => T },
  options: JsonObject,
  halo: unknown,
): T {
  const ready = checkOptions(component.options, options, (finding) => {
    throw new Error(finding.message);
  });
  return component.create(ready as never, { ...testDependencies('outgoing'), client: halo } as never);
}

const open = (options: JsonObject) =>
  make(client as never, options, undefined) as ReturnType<typeof client.create>;

async function publish(halo: unknown, options: JsonObject, data: JsonObject) {
  const run = testRun({ entity: { type: 't', id: '1' }, task: { id: 'x' }, attempt: 1 });
  const message = { data, entity: { type: 't', id: '1' }, taskId: 'x', attempt: 1, runId: 'r' };
  const made = make(publisher as never, options, halo) as ReturnType<typeof publisher.create>;
  const [outcome] = await made.publish([message], run);
  return outcome;
}

async function read(halo: unknown, options: JsonObject) {
  const made = make(subscriber as never, options, halo) as ReturnType<typeof subscriber.create>;
  const rows: JsonObject[] = [];
  for await (const batch of made.read({}, testRun())) rows.push(...batch.entities);
  return rows;
}

function findings(component: { check?: unknown }, options: JsonObject): OptionFinding[] {
  const found: OptionFinding[] = [];
  (component.check as (options: unknown, report: (finding: OptionFinding) => void) => void)(
    options,
    (finding) => found.push(finding),
  );
  return found;
}

describe('the catalogue', () => {
  it('has every operation of the document: 710 GET, 411 POST, 210 DELETE', () => {
    const counts = Object.groupBy(operations(), ({ method }) => method);
    expect([counts.GET?.length, counts.POST?.length, counts.DELETE?.length]).toEqual([710, 411, 210]);
    // 54 by the document, and two more that page on a live instance.
    expect(operations().filter(({ pages }) => pages)).toHaveLength(56);
    expect(operations().filter(({ body }) => body === 'array')).toHaveLength(284);
  });

  it('holds facts, not sentences', () => {
    const text = readFileSync(new URL('../../packages/haloitsm/catalogue.json', import.meta.url), 'utf8');
    expect(text).not.toMatch(/Use this to return|Requires authentication|Filters by/);
  });

  it.each([
    ['GET', 'tickets', 'Tickets'],
    ['GET', '/Actions/{ID}', 'Actions/{id}'],
    ['POST', 'invoice/{id}/VOID', 'Invoice/{id}/void'],
    ['GET', 'Returns a list of Tickets', 'Tickets'],
    ['GET', 'Returns a single action object', 'Actions/{id}'],
    ['POST', 'Adds or updates one or more Assets.......', 'Asset'],
    ['DELETE', 'deletes a single Status', 'Status/{id}'],
    ['GET', 'Returns a list of statuses', 'Status'],
    ['GET', 'Returns a list of Ticket Types', 'TicketType'],
  ] as const)('%s "%s" is %s', (method, name, path) => {
    expect(resolveEntity(method, name)?.path).toBe(path);
  });

  it('knows what it does not know, and what is near', () => {
    expect(resolveEntity('GET', 'Tickts')).toBeUndefined();
    expect(findOperation('DELETE', 'Tickets')).toBeUndefined();
    expect(nearestOperations('GET', 'Tickts')[0]).toBe('Tickets');
  });
});

describe('the HaloITSM plugin', () => {
  clientSuite({
    component: client,
    async arrange() {
      const simulator = await simulate({ tickets: 1 });
      const options = clientOptions(simulator);
      const { clientId } = simulator;
      return {
        options,
        refused: {
          ...options,
          authentication: { clientCredentials: { clientId, clientSecret: CANARY, scopes: ['all'] } },
        },
        unreachable: {
          ...options,
          baseUri: await unusedUrl(),
          authentication: { clientCredentials: { clientId, clientSecret: CANARY, scopes: ['all'] } },
        },
      };
    },
  });

  subscriberSuite({
    component: subscriber,
    client,
    async arrange() {
      const simulator = await simulate({ tickets: 25, pageCap: 10 });
      const options = { entity: 'Tickets', parameters: { query: { idonly: true } } };
      const clientSecret = CANARY;
      const unreachable = {
        baseUri: await unusedUrl(),
        authentication: { clientCredentials: { clientId: 'c', clientSecret, scopes: ['all'] } },
      };
      // The first page, then from the last one towards it.
      const ids = (from: number, to: number) =>
        Array.from({ length: to - from + 1 }, (_, index) => ({ id: from + index }));
      const expected = [...ids(1, 10), ...ids(21, 25), ...ids(11, 20)];
      return { options, clientOptions: clientOptions(simulator), expected, unreachable };
    },
  });

  publisherSuite({
    component: publisher,
    client,
    async arrange() {
      const simulator = await simulate({ tickets: 1 });
      const data = [1, 2, 3].map((number) => ({
        payload: { inventory_number: `P-${number}`, client_id: 1 },
      }));
      const faults = { refuse: '400', unavailable: '503', disconnect: 'reset' } as const;
      return {
        options: { method: 'post', entity: 'Asset' },
        clientOptions: clientOptions(simulator),
        data,
        received: () =>
          simulator
            .journal()
            .filter((entry) => entry.method === 'POST' && entry.path === '/api/Asset')
            // Those of one call go out as one array, where the operation takes one.
            .flatMap((entry) => (Array.isArray(entry.body) ? entry.body : [entry.body ?? null])),
        expected: data.map(({ payload }) => payload),
        failNext: (how) =>
          simulator.failNext({ fault: faults[how], method: 'POST', afterwards: how === 'disconnect' }),
      };
    },
  });

  it('requests /Actions/AC12 for the path {id: AC12}', async () => {
    const { seen, options } = await recorder({ id: 'AC12', note: 'hello' });
    const halo = open(options);
    expect(
      await read(halo, {
        entity: 'Returns a single action object',
        parameters: { path: { id: 'AC12' }, query: { ticket_id: 7 } },
      }),
    ).toEqual([{ id: 'AC12', note: 'hello' }]);
    expect(seen).toEqual([
      { method: 'GET', path: '/api/Actions/AC12', query: { ticket_id: '7' }, body: undefined },
    ]);
    await halo.close?.();
  });

  it('posts a payload to the assets operation as the one element of an array, and keeps the answer', async () => {
    const { seen, options } = await recorder({ id: 9 });
    const halo = open(options);
    const outcome = await publish(
      halo,
      { method: 'post', entity: 'Adds or updates one or more Assets.......' },
      { payload: { inventory_number: 'A1' } },
    );
    expect(outcome).toMatchObject({ status: 'delivered', response: { id: 9 } });
    expect(seen).toEqual([
      { method: 'POST', path: '/api/Asset', query: {}, body: [{ inventory_number: 'A1' }] },
    ]);
    await halo.close?.();
  });

  it('merges path and query of the record over the options, key by key, and encodes the path', async () => {
    const { seen, options } = await recorder({});
    const halo = open(options);
    const config = {
      method: 'delete',
      entity: 'Tickets/{id}',
      parameters: { path: { id: 1 }, query: { reason: 'old', a: 1 } },
      strict: false,
    };
    await publish(halo, config, {
      path: { id: 'x/y' },
      query: { reason: 'new', a: null },
      payload: { ignored: true },
    });
    expect(seen).toEqual([
      { method: 'DELETE', path: '/api/Tickets/x%2Fy', query: { reason: 'new' }, body: undefined },
    ]);
    await halo.close?.();
  });

  it('runs the request transformers on path, query and payload', async () => {
    const { seen, options } = await recorder({});
    const halo = open(options);
    const request = [
      { set: { 'payload.name': '&{payload.first} &{payload.last}' } },
      { remove: ['payload.first', 'payload.last'] },
      { set: { 'query.returnall': true } },
    ];
    await publish(
      halo,
      { method: 'post', entity: 'Users', payload: '&{user}', request },
      { user: { first: 'Ann', last: 'Lee' } },
    );
    expect(seen).toMatchObject([{ query: { returnall: 'true' }, body: [{ name: 'Ann Lee' }] }]);
    expect(
      await publish(halo, { method: 'post', entity: 'Users', request: [{ filter: false }] }, { payload: {} }),
    ).toEqual({ status: 'skipped' });
    await halo.close?.();
  });

  it('rejects what cannot be requested, and sends nothing', async () => {
    const { seen, options } = await recorder({});
    const halo = open(options);
    expect(await publish(halo, { method: 'delete', entity: 'Tickets/{id}' }, {})).toMatchObject({
      status: 'rejected',
      error: { code: 'request.missing_parameter' },
    });
    expect(
      await publish(halo, { method: 'delete', entity: 'Tickets/{id}' }, { path: { id: null } }),
    ).toMatchObject({ status: 'rejected' });
    expect(await publish(halo, { method: 'post', entity: 'Asset' }, {})).toMatchObject({
      status: 'rejected',
      error: { code: 'request.missing_payload' },
    });
    expect(seen).toEqual([]);
    await halo.close?.();
  });

  it('runs the input transformers on path and query, one request for each of their results', async () => {
    const { seen, options } = await recorder([{ id: 1 }]);
    const halo = open(options);
    const input = [
      { set: { list: [{ kind: 'T' }, { kind: 'A' }] } },
      { branch: { at: 'list.*' } },
      { map: { path: {}, query: { kind: '&{kind}' } } },
    ];
    expect(await read(halo, { entity: 'Field', input })).toEqual([{ id: 1 }, { id: 1 }]);
    expect(seen.map(({ query }) => query)).toEqual([{ kind: 'T' }, { kind: 'A' }]);
    await halo.close?.();
  });

  it('asks for pages as the API really pages, in a stable order', async () => {
    const simulator = await simulate({ tickets: 120 });
    const halo = open(clientOptions(simulator));
    await read(halo, { entity: 'Tickets', pageSize: 1000 });
    expect(
      simulator
        .journal()
        .filter(({ path }) => path === '/api/Tickets')
        .map(({ query }) => query),
    ).toEqual([
      { order: 'id', orderdesc: 'false', pageinate: 'true', page_size: '1000', page_no: '1' },
      { order: 'id', orderdesc: 'false', pageinate: 'true', page_size: '1000', page_no: '2' },
    ]);
    await halo.close?.();
  });

  it.each([
    ['Status', 7],
    ['Agent', 12],
    ['Site', undefined],
    ['TicketType', 4],
    ['KBArticle', 25],
    ['Actions', undefined],
  ])('reads every record of %s, whatever the shape of its list', async (entity, count) => {
    const simulator = await simulate({ tickets: 120 });
    const halo = open(clientOptions(simulator));
    const rows = await read(halo, { entity });
    expect(rows).toHaveLength(count ?? simulator.records(entity).length);
    await halo.close?.();
  });

  it.each<[unknown, string]>([
    [{ nothing: [] }, 'object without the list'],
    [{ record_count: 3, a: [], b: [] }, 'record_count with 2 lists'],
    ['text', 'a string'],
    [{ record_count: 1, tickets: [null] }, 'null among'],
  ])('never takes %j for an empty list', async (answer, sentence) => {
    const { options } = await recorder(answer);
    const halo = open(options);
    await expect(read(halo, { entity: 'Tickets' })).rejects.toMatchObject({
      code: 'client.protocol',
      message: expect.stringContaining(sentence),
    });
    await halo.close?.();
  });

  it('stops where a page is the same as the one before', async () => {
    const { options } = await recorder({ record_count: 10, tickets: [{ id: 1 }] });
    const halo = open(options);
    await expect(read(halo, { entity: 'Tickets' })).rejects.toMatchObject({ code: 'source.no_progress' });
    await halo.close?.();
  });

  it('takes the address with and without /api, signs in by user name and password, one flight for many requests', async () => {
    const simulator = await simulate({ tickets: 1 });
    const { url, tenant, clientId, username, password } = simulator;
    for (const baseUri of [url, `${url}/`, `${url}/api`, `${url}/api/`]) {
      simulator.clearJournal();
      const halo = open({
        baseUri,
        tenant,
        authentication: { usernamePassword: { clientId, username, password, scopes: ['all'] } },
      });
      await Promise.all(Array.from({ length: 12 }, () => halo.ping(AbortSignal.timeout(5000))));
      const tokens = simulator.journal().filter(({ path }) => path === '/auth/token');
      expect(tokens).toMatchObject([{ query: { tenant }, body: { grant_type: 'password', username } }]);
      await halo.close?.();
    }
  });

  it('renews the token before it ends', async () => {
    const simulator = await simulate({ tickets: 1, tokenLifetime: 1 });
    const halo = open(clientOptions(simulator));
    await halo.ping(AbortSignal.timeout(5000));
    await new Promise((resolve) => setTimeout(resolve, 950));
    await halo.ping(AbortSignal.timeout(5000));
    expect(simulator.journal().filter(({ status }) => status === 401)).toEqual([]);
    expect(simulator.journal().filter(({ path }) => path === '/auth/token')).toHaveLength(2);
    await halo.close?.();
  });

  it('says that a scope or permission is missing where a good token is refused', async () => {
    const simulator = await simulate({ tickets: 1 });
    const { clientId, clientSecret } = simulator;
    const halo = open({
      ...clientOptions(simulator),
      authentication: { clientCredentials: { clientId, clientSecret, scopes: ['offline_access'] } },
    });
    await expect(read(halo, { entity: 'Tickets' })).rejects.toMatchObject({ code: 'client.forbidden' });
    await halo.close?.();
  });

  it('checks operations, parameters and their types before anything runs', () => {
    const options = (entity: string, more: object = {}) => ({ entity, input: [], strict: true, ...more });
    expect(findings(subscriber, options('Tickts'))).toMatchObject([
      { code: 'config.unknown_operation', hint: expect.stringContaining('"Tickets"') },
    ]);
    expect(findings(subscriber, options('Actions/{id}'))).toMatchObject([
      { code: 'config.missing_parameter' },
    ]);
    expect(findings(subscriber, options('Actions/{id}', { input: [{ set: {} }] }))).toEqual([]);
    expect(findings(subscriber, options('Tickets', { parameters: { path: { id: 1 } } }))).toMatchObject([
      { code: 'config.unknown_parameter' },
    ]);
    expect(
      findings(
        subscriber,
        options('Tickets', { parameters: { query: { open_only: 'maybe', agent_id: '7', agnt_id: 1 } } }),
      ),
    ).toMatchObject([
      { code: 'config.wrong_type', path: ['parameters', 'query', 'open_only'] },
      { code: 'config.unknown_parameter', severity: 'warning', hint: expect.stringContaining('agent_id') },
    ]);
    expect(
      findings(subscriber, options('My/Own/{id}', { strict: false, parameters: { path: { id: 1 } } })),
    ).toEqual([]);
    expect(findings(publisher, { method: 'delete', ...options('Tickets') })).toMatchObject([
      { code: 'config.unknown_operation' },
    ]);
  });
});
