import type { ClientDefinition, JsonObject, PublisherDefinition } from '@millrace/core';
import { publisherSuite, testRun } from '@millrace/core/testing';
import haloitsm from '@millrace/haloitsm';
import { describe, expect, it } from 'vitest';
import { command, haloEnv, run } from '../../support/command.ts';
import {
  findingsOf,
  messagesOf,
  openHalo,
  publishAll,
  writerTo,
  written,
} from '../../support/halo-writing.ts';
import { HALO_PROJECT, makeProject } from '../../support/project.ts';
import { simulate } from '../../support/simulator.ts';
import { testProject } from '../../support/tests.ts';

const ASSET = {
  method: 'post',
  entity: 'Asset',
  match: { query: { inventory_number: '&{payload.inventory_number}' }, on: 'inventory_number', lag: '0s' },
};
const asset = (number: string, more: JsonObject = {}) => ({
  payload: { inventory_number: number, client_id: 1, ...more },
});
const ours = (records: readonly JsonObject[]) =>
  records.filter((record) => String(record['inventory_number']).startsWith('M-'));

describe('a publisher with a natural key', () => {
  const components = haloitsm.components as unknown as {
    client: ClientDefinition<never>;
    publisher: PublisherDefinition<never>;
  };

  publisherSuite({
    component: components.publisher,
    client: components.client,
    async arrange() {
      const simulator = await simulate({ tickets: 1 });
      const { url, tenant, clientId, clientSecret } = simulator;
      const data = ['M-1', 'M-2', 'M-3'].map((number) => asset(number));
      const faults = { refuse: '400', unavailable: '503', disconnect: 'reset' } as const;
      return {
        options: ASSET,
        clientOptions: {
          baseUri: url,
          tenant,
          authentication: { clientCredentials: { clientId, clientSecret, scopes: ['all'] } },
        },
        data,
        received: () => written(simulator, 'Asset').flatMap(({ body }) => body as JsonObject[]),
        expected: data.map(({ payload }) => payload),
        failNext: (how) =>
          simulator.failNext({ fault: faults[how], method: 'POST', afterwards: how === 'disconnect' }),
      };
    },
  });

  it('creates what is not there, and updates what is, in one array', async () => {
    const simulator = await simulate({ tickets: 1 });
    const there = simulator.save('Asset', { inventory_number: 'M-2', client_id: 1, key_field: 'old' });
    const writer = writerTo(openHalo(simulator), ASSET);
    const outcomes = await publishAll(writer, [asset('M-1'), asset('M-2', { key_field: 'new' })]);
    expect(outcomes.map(({ status }) => status)).toEqual(['delivered', 'delivered']);
    expect(written(simulator)).toMatchObject([
      { body: [{ inventory_number: 'M-1' }, { inventory_number: 'M-2', id: there['id'], key_field: 'new' }] },
    ]);
    expect(ours(simulator.records('Asset'))).toHaveLength(2);
  });

  it('takes none but the record that has exactly the key, whatever the search finds beside', async () => {
    const simulator = await simulate({ tickets: 1 });
    simulator.save('Asset', { inventory_number: 'M-10', client_id: 1 });
    const writer = writerTo(openHalo(simulator), {
      ...ASSET,
      match: { query: { search: '&{payload.inventory_number}' }, on: 'inventory_number' },
    });
    await publishAll(writer, [asset('M-1')]);
    expect(ours(simulator.records('Asset')).map((one) => one['inventory_number'])).toEqual(['M-10', 'M-1']);
  });

  it('finds by a custom field, which rows do not show', async () => {
    const simulator = await simulate({ tickets: 30 });
    const customfields = [{ id: 102, name: 'CFthirdPartyRef', value: 'X-7' }];
    simulator.save('Tickets', { id: 7, customfields });
    const writer = writerTo(openHalo(simulator), {
      method: 'post',
      entity: 'Tickets',
      match: {
        query: { search: '&{payload.customfields.CFthirdPartyRef}' },
        on: 'customfields.CFthirdPartyRef',
      },
    });
    const payload = (reference: string) => ({
      payload: { summary: `From ${reference}`, customfields: { CFthirdPartyRef: reference } },
    });
    await publishAll(writer, [payload('X-7'), payload('X-8')]);
    await publishAll(writer, [payload('X-8')]);
    const made = simulator.records('Tickets').filter((one) => String(one['summary']).startsWith('From X'));
    expect(made.map(({ id }) => id)).toEqual([7, 31]);
  });

  it('fails with all ids where several records have the key, and writes nothing', async () => {
    const simulator = await simulate({ tickets: 1 });
    const ids = [1, 2].map(() => simulator.save('Asset', { inventory_number: 'M-1', client_id: 1 })['id']);
    const writer = writerTo(openHalo(simulator), ASSET);
    expect(await publishAll(writer, [asset('M-1'), asset('M-2')])).toMatchObject([
      {
        status: 'failed',
        error: {
          code: 'match.several',
          message: `2 records of Asset have inventory_number "M-1": ${ids.join(', ')}`,
        },
      },
      { status: 'delivered' },
    ]);
    expect(written(simulator)).toHaveLength(1);
  });

  it('rejects a record without a key, rather than look through everything', async () => {
    const simulator = await simulate({ tickets: 1 });
    const writer = writerTo(openHalo(simulator), ASSET);
    const other = writerTo(openHalo(simulator), {
      ...ASSET,
      match: { query: { inventory_number: '&{nothing}' }, on: 'inventory_number' },
    });
    for (const outcomes of [
      await publishAll(writer, [{ payload: { client_id: 1 } }, { payload: [{ inventory_number: 'M-1' }] }]),
      await publishAll(other, [asset('M-1')]),
    ])
      for (const outcome of outcomes)
        expect(outcome).toMatchObject({ status: 'rejected', error: { code: 'request.invalid' } });
    expect(simulator.journal({ path: 'Asset' })).toEqual([]);
  });

  it('makes one record of two with the same key, in one call and in two at a time', async () => {
    const simulator = await simulate({ tickets: 1, latency: 20 });
    const halo = openHalo(simulator);
    const writer = writerTo(halo, ASSET);
    const another = writerTo(halo, ASSET);
    await Promise.all([
      publishAll(writer, [asset('M-1', { key_field: 'a' }), asset('M-2'), asset('M-1', { key_field: 'b' })]),
      publishAll(another, [asset('M-2'), asset('M-1', { key_field: 'c' })]),
    ]);
    expect(
      ours(simulator.records('Asset'))
        .map((one) => one['inventory_number'])
        .sort(),
    ).toEqual(['M-1', 'M-2']);
  });

  it('leaves what is there, or what is not, as it is told', async () => {
    const simulator = await simulate({ tickets: 1 });
    const halo = openHalo(simulator);
    simulator.save('Asset', { inventory_number: 'M-1', client_id: 1 });
    const writer = (more: JsonObject) => writerTo(halo, { ...ASSET, match: { ...ASSET.match, ...more } });
    expect(await publishAll(writer({ found: 'skip' }), [asset('M-1')])).toEqual([{ status: 'skipped' }]);
    expect(await publishAll(writer({ missing: 'skip' }), [asset('M-2')])).toEqual([{ status: 'skipped' }]);
    expect(await publishAll(writer({ missing: 'fail' }), [asset('M-2')])).toMatchObject([
      { status: 'failed', error: { code: 'match.missing' } },
    ]);
    expect(written(simulator)).toEqual([]);
  });

  it('deletes, and posts to the record, that has the key', async () => {
    const simulator = await simulate({ tickets: 1 });
    const halo = openHalo(simulator);
    const { id } = simulator.save('Asset', { inventory_number: 'M-1', client_id: 1 });
    const remove = writerTo(halo, { ...ASSET, method: 'delete', entity: 'Asset/{id}' });
    expect(await publishAll(remove, [asset('M-1'), asset('M-1')])).toMatchObject([
      { status: 'delivered' },
      { status: 'delivered' },
    ]);
    expect(written(simulator).map(({ path }) => path)).toEqual([`/api/Asset/${String(id)}`]);
    expect(ours(simulator.records('Asset'))).toEqual([]);
    simulator.save('Invoice', { id: 5, thirdpartyinvoicenumber: 'I-5' });
    const revoke = writerTo(halo, {
      method: 'post',
      entity: 'Invoice/{id}/void',
      match: { query: { search: '&{payload.number}' }, on: 'thirdpartyinvoicenumber' },
      payload: '&{payload}',
    });
    expect(await publishAll(revoke, [{ payload: { number: 'I-5' } }])).toMatchObject([
      { status: 'rejected' },
    ]);
  });

  it('asks Halo again before it halves an array of which a part may have been saved', async () => {
    const simulator = await simulate({ tickets: 1, quirks: { 'whole-arrays': false } });
    const writer = writerTo(openHalo(simulator), ASSET);
    const outcomes = await publishAll(writer, [
      asset('M-1'),
      asset('M-2'),
      asset('M-3', { client_id: 99_999 }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['delivered', 'delivered', 'rejected']);
    expect(
      ours(simulator.records('Asset'))
        .map((one) => one['inventory_number'])
        .sort(),
    ).toEqual(['M-1', 'M-2']);
  });
});

describe('after an attempt of which nobody knows the end', () => {
  it.each(['lost', 'truncate', 'html'] as const)('by %s, the record that it made is found', async (fault) => {
    const simulator = await simulate({ tickets: 1 });
    const writer = writerTo(openHalo(simulator), ASSET);
    simulator.failNext({ fault, method: 'POST', ...(fault === 'html' && { afterwards: true }) });
    const [message] = messagesOf([asset('M-1')]);
    if (!message) throw new Error('no message');
    expect(await writer.publish([message], testRun())).toMatchObject([{ status: 'unknown' }]);
    expect(await writer.verify?.(message, testRun())).toMatchObject({ status: 'delivered' });
    const [other] = messagesOf([asset('M-1', { key_field: 'changed' })]);
    // It is there, and does not say what was to be said: it is to be updated.
    if (other) expect(await writer.verify?.(other, testRun())).toBe('absent');
    const [never] = messagesOf([asset('M-9')]);
    if (never) expect(await writer.verify?.(never, testRun())).toBe('absent');
  });

  it('waits until a search can find what is new', async () => {
    const simulator = await simulate({ tickets: 1, quirks: { 'search-lag': true } });
    const writer = writerTo(openHalo(simulator), {
      ...ASSET,
      match: { query: { search: '&{payload.inventory_number}' }, on: 'inventory_number', lag: '2100ms' },
    });
    simulator.failNext({ fault: 'lost', method: 'POST' });
    const [message] = messagesOf([asset('M-1')]);
    if (!message) throw new Error('no message');
    await writer.publish([message], testRun());
    expect(await writer.verify?.(message, testRun())).toMatchObject({ status: 'delivered' });
  });

  it('a run makes no second record, whatever is lost on the way', async () => {
    const simulator = await simulate({ tickets: 30, faults: { lost: 0.2, truncate: 0.1 } });
    const project = await makeProject({
      ...HALO_PROJECT,
      'outgoing/assets.yaml': `
publisher:
  haloitsm:
    client: halo
    method: post
    entity: Asset
    match: { query: { inventory_number: "&{payload.inventory_number}" }, on: inventory_number, lag: 0s }
batch: { size: 4, wait: 20ms }
retry: { attempts: 30, initial: 10ms, max: 50ms }
`,
    });
    const { json } = await run(project, haloEnv(simulator));
    expect(json.result.tasks).toEqual({ 'to-assets': { finished: 30 } });
    const made = simulator.records('Asset').filter((one) => String(one['inventory_number']).startsWith('T-'));
    expect(new Set(made.map((one) => one['inventory_number'])).size).toBe(30);
    expect(made).toHaveLength(30);
    expect(
      simulator.journal({ path: 'Asset' }).filter(({ fault }) => fault === 'lost').length,
    ).toBeGreaterThan(3);
  });
});

describe('the checks of a natural key', () => {
  it('miss it where records are linked: a lost answer would make a second one', () => {
    const link = { storage: 'links', from: 'left', to: 'right' };
    expect(findingsOf({ ...ASSET, link })).toEqual([]);
    expect(findingsOf({ method: 'post', entity: 'Asset', link })).toMatchObject([
      { severity: 'warning', code: 'config.missing_option', path: ['link'] },
    ]);
    expect(findingsOf({ ...ASSET, link: { ...link, to: 'left' } })).toMatchObject([
      { code: 'config.invalid_value', path: ['link', 'to'] },
    ]);
  });

  const codes = (options: JsonObject) =>
    findingsOf(options).map(({ code, path }) => `${code} ${path?.join('.')}`);

  it('find a query that the list does not know, and a list that there is not', () => {
    const match = { query: { inventry_number: 'x', open: true }, on: 'inventory_number' };
    expect(codes({ ...ASSET, match })).toEqual([
      'config.unknown_parameter match.query.inventry_number',
      'config.unknown_parameter match.query.open',
    ]);
    expect(codes({ ...ASSET, match: { ...match, query: {}, entity: 'Assets/of' } })).toEqual([
      'config.unknown_operation match.entity',
    ]);
    expect(codes({ ...ASSET, match: { ...ASSET.match, on: 'inventory_number' } })).toEqual([]);
  });

  it('are those of a file', async () => {
    const project = await makeProject({
      ...HALO_PROJECT,
      'outgoing/assets.yaml': `
publisher:
  haloitsm:
    client: halo
    method: post
    entity: Asset
    match: { query: { inventory_numbr: "&{payload.inventory_number}" }, on: "inventory_number[", fond: update }
`,
    });
    const { stdout } = await command(['validate', '--json', '--config', project], {
      HALO_BASE_URI: 'http://x',
    });
    const found = JSON.parse(stdout).findings.map(
      ({ code, path }: Record<string, string>) => `${code} ${path}`,
    );
    expect(found).toContain('config.unknown_option publisher.haloitsm.match.fond');
  });
});

describe('a test beside the files', () => {
  it('is answered by what is recorded for the search, and sees what would be sent', async () => {
    const { failures, results, findings } = await testProject({
      ...HALO_PROJECT,
      'outgoing/assets.yaml': `
publisher:
  haloitsm:
    client: halo
    method: post
    entity: Asset
    match: { query: { inventory_number: "&{payload.inventory_number}" }, on: inventory_number }
`,
      'outgoing/assets.test.yaml': `
target: outgoing/assets
cases:
  - name: what is there is updated
    http:
      - request: { method: GET, path: /api/Asset, query: { inventory_number: A-1 } }
        response: { body: { record_count: 1, assets: [{ id: 7, inventory_number: A-1 }] } }
    given: { payload: { inventory_number: A-1 } }
    expectRequests:
      - { method: GET, path: /api/Asset }
      - { method: POST, path: /api/Asset, body: [{ id: 7, inventory_number: A-1 }] }
`,
    });
    expect([failures, results.length, findings]).toEqual([{}, 1, []]);
  });
});
