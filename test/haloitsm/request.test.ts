import {
  type ClientDefinition,
  checkOptions,
  createCompiler,
  createRegistry,
  type JsonObject,
  type OptionFinding,
} from '@millrace/core';
import { testRun, transformerSuite } from '@millrace/core/testing';
import haloitsm from '@millrace/haloitsm';
import type { Simulator } from '@millrace/haloitsm-simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { simulate } from '../support/simulator.ts';

const registry = createRegistry([haloitsm]);
const request = registry.transformer('haloitsm.request');
if (!request) throw new Error('haloitsm.request is not there');

function clientOf({ url, tenant, clientId, clientSecret }: Simulator) {
  const { options, create } = registry.component('client', 'haloitsm') as unknown as ClientDefinition;
  const given = {
    baseUri: url,
    tenant,
    authentication: { clientCredentials: { clientId, clientSecret, scopes: ['all'] } },
  };
  const client = create(checkOptions(options, given, () => {}) as never, { log: testRun().log });
  onTestFinished(() => client.close?.());
  return client;
}

/** Takes a record through steps that may ask the client "halo". */
async function apply(simulator: Simulator, step: JsonObject, data: JsonObject) {
  const client = clientOf(simulator);
  const run = testRun();
  const compiler = createCompiler({
    registry,
    place: 'route',
    saved: () => undefined,
    clientOf: () => client,
    log: run.log,
    resolvePath: (path) => path,
  });
  return compiler.chain([{ 'haloitsm.request': { client: 'halo', ...step } }])(data, run);
}

describe('haloitsm.request', () => {
  transformerSuite({
    component: request as never,
    options: {
      client: 'halo',
      entity: 'Tickets/{id}',
      parameters: { path: { id: '&{n}' } },
      to: 'found',
      expect: [404],
    },
    clients: async () => {
      const simulator = await simulate({ tickets: 1 });
      simulator.save('Tickets', { id: 1, summary: 'One' });
      return { halo: clientOf(simulator) };
    },
    cases: [],
    failures: [{ given: {}, code: 'request.missing_parameter' }],
  });

  it('places one object, and null-like answers that are expected', async () => {
    const simulator = await simulate({ tickets: 1 });
    const step = {
      entity: 'Tickets/{id}',
      parameters: { path: { id: '&{n}' } },
      to: 'ticket',
      statusTo: 'status',
      expect: [404],
    };
    const [one] = await apply(simulator, step, { n: 1 });
    expect(one).toMatchObject({ n: 1, status: 200, ticket: { id: 1 } });
    const [none] = await apply(simulator, step, { n: 4711 });
    expect(none).toMatchObject({ n: 4711, status: 404 });
  });

  it('reads a list to its end, and a short one as the list that it is', async () => {
    const simulator = await simulate({ tickets: 25, pageCap: 10 });
    const [paged] = await apply(
      simulator,
      { entity: 'Tickets', parameters: { query: { idonly: true } }, to: 'all' },
      {},
    );
    expect(paged?.['all']).toHaveLength(25);
    const [bare] = await apply(simulator, { entity: 'Status', to: 'all' }, {});
    expect(bare?.['all']).toContainEqual(expect.objectContaining({ id: 1, name: expect.any(String) }));
  });

  it('posts, an array where the operation takes one', async () => {
    const simulator = await simulate({ tickets: 1 });
    const step = {
      method: 'post',
      entity: 'Asset',
      payload: { inventory_number: 'R-&{n}', client_id: 1 },
      to: 'made',
    };
    const [record] = await apply(simulator, step, { n: 5 });
    expect(record).toMatchObject({ n: 5, made: { inventory_number: 'R-5' } });
    const posted = simulator
      .journal()
      .find((entry) => entry.method === 'POST' && entry.path === '/api/Asset');
    expect(posted?.body).toEqual([{ inventory_number: 'R-5', client_id: 1 }]);
  });

  it.each<[string, JsonObject, string[]]>([
    ['an operation that is', { entity: 'Status' }, []],
    ['an operation that is not', { entity: 'Tickts' }, ['config.unknown_operation entity']],
    ['one of another method', { method: 'delete', entity: 'Tickets' }, ['config.unknown_operation entity']],
    ['a path parameter that is not given', { entity: 'Tickets/{id}' }, ['config.missing_parameter entity']],
    [
      'one that there is not',
      { entity: 'Status', parameters: { path: { id: 1 } } },
      ['config.unknown_parameter parameters.path.id'],
    ],
    ['no payload', { method: 'post', entity: 'Asset' }, ['config.missing_option entity']],
    ['a payload for nothing', { entity: 'Status', payload: {} }, ['config.invalid_value payload']],
  ])('is checked: %s', (_, options, expected) => {
    const found: OptionFinding[] = [];
    const report = (finding: OptionFinding) => void found.push(finding);
    const checked = checkOptions(request.options, { client: 'halo', ...options }, report);
    if (checked !== undefined) request.check?.(checked as never, report);
    expect(found.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual(expected);
  });
});
