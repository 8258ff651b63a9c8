import type { JsonObject } from '@millrace/core';
import { testRun } from '@millrace/core/testing';
import { describe, expect, it } from 'vitest';
import { messagesOf, openHalo, writerTo, written } from '../../support/halo-writing.ts';
import { simulate } from '../../support/simulator.ts';

const LINK = { storage: 'links', from: 'crm', to: 'halo', fields: ['key_field', 'status_id'] };

/** A publisher with links, and what it remembers from one call to the next, as the runner would. */
async function linked(more: JsonObject = {}) {
  const simulator = await simulate({ tickets: 1 });
  const run = testRun();
  const halo = openHalo(simulator);
  const send = async (all: readonly JsonObject[], options: JsonObject = {}) => {
    const writer = writerTo(halo, { method: 'post', entity: 'Asset', link: LINK, ...more, ...options });
    const outcomes = await writer.publish(messagesOf(all), run);
    for (const outcome of outcomes) {
      if (!('remember' in outcome)) continue;
      for (const { storage, key, value } of outcome.remember ?? []) {
        if (value === undefined) await run.storages.get(storage).delete(key);
        else await run.storages.get(storage).set(key, value);
      }
    }
    return outcomes;
  };
  const links = async () =>
    Object.fromEntries(
      (await run.storages.get('links').entries({ limit: 100 })).map(({ key, value }) => [key, value]),
    );
  return { simulator, send, links };
}

const asset = (number: string, more: JsonObject = {}) => ({
  payload: { inventory_number: number, client_id: 1, ...more },
});

describe('a link', () => {
  it('is remembered for each element of an array, and found for the next', async () => {
    const { simulator, send, links } = await linked();
    await send([asset('L-1'), asset('L-2', { key_field: 'two' })]);
    const made = simulator.records('Asset').filter((one) => String(one['inventory_number']).startsWith('L-'));
    const [first, second] = made.map(({ id }) => String(id));
    expect(await links()).toMatchObject({
      'crm:1': { ids: { halo: first } },
      'crm:2': { ids: { halo: second } },
      [`halo:${second}`]: { ids: { crm: '2' }, fields: { key_field: 'two', status_id: 1 } },
    });
    await send([asset('L-1', { key_field: 'one' }), asset('L-2')]);
    expect(written(simulator).at(-1)?.body).toMatchObject([{ id: Number(first) }, { id: Number(second) }]);
    expect(
      simulator.records('Asset').filter((one) => String(one['inventory_number']).startsWith('L-')),
    ).toHaveLength(2);
  });

  it('remembers of an update what was sent, and nothing that somebody else may have changed', async () => {
    const { simulator, send, links } = await linked();
    await send([asset('L-1', { key_field: 'one' })]);
    const id = simulator.records('Asset').find((one) => one['inventory_number'] === 'L-1')?.['id'] as number;
    simulator.save('Asset', { id, status_id: 3 });
    await send([asset('L-1', { key_field: 'changed' })]);
    expect((await links())[`halo:${id}`]).toEqual({
      ids: { crm: '1' },
      fields: { key_field: 'changed', status_id: 1 },
    });
  });

  it('goes with the record that is deleted; what was never made is not deleted', async () => {
    const { simulator, send, links } = await linked();
    await send([asset('L-1')]);
    const remove = { method: 'delete', entity: 'Asset/{id}' };
    expect(await send([asset('L-1'), asset('L-2')], remove)).toMatchObject([
      { status: 'delivered' },
      { status: 'skipped' },
    ]);
    expect(await links()).toEqual({});
    expect(simulator.records('Asset').filter((one) => one['inventory_number'] === 'L-1')).toEqual([]);
  });

  it('that leads nowhere says how to make the record anew', async () => {
    const { simulator, send } = await linked();
    await send([asset('L-1')]);
    const id = simulator.records('Asset').find((one) => one['inventory_number'] === 'L-1')?.['id'] as number;
    simulator.remove('Asset', id);
    expect(await send([asset('L-1')])).toMatchObject([
      {
        status: 'failed',
        error: {
          code: 'client.not_found',
          hint: expect.stringContaining('millrace storage delete links crm:1'),
        },
      },
    ]);
  });

  it('needs an id, and takes another one than the identifier where it is told', async () => {
    const { send, links } = await linked({ link: { ...LINK, id: '&{key}' } });
    expect(await send([asset('L-1'), { key: 'K-2', ...asset('L-2') }])).toMatchObject([
      { status: 'rejected', error: { code: 'request.invalid' } },
      { status: 'delivered' },
    ]);
    expect(Object.keys(await links())).toContain('crm:K-2');
  });
});
