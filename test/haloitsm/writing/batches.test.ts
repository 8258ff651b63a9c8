import { describe, expect, it } from 'vitest';
import { openHalo, publishAll, writerTo, written } from '../../support/halo-writing.ts';
import { simulate } from '../../support/simulator.ts';

const asset = (number: string, more = {}) => ({
  payload: { inventory_number: number, client_id: 1, ...more },
});
const numbers = (records: readonly { readonly [name: string]: unknown }[]) =>
  records.map((record) => record['inventory_number']).filter((one) => String(one).startsWith('B-'));

describe('records that go out as one array', () => {
  it('have one outcome each, in their order, with what Halo answered for each', async () => {
    const simulator = await simulate({ tickets: 1 });
    const writer = writerTo(openHalo(simulator), { method: 'post', entity: 'Asset' });
    const outcomes = await publishAll(writer, [asset('B-1'), asset('B-2'), asset('B-3')]);
    expect(outcomes).toMatchObject([
      { status: 'delivered', response: { inventory_number: 'B-1' } },
      { status: 'delivered', response: { inventory_number: 'B-2' } },
      { status: 'delivered', response: { inventory_number: 'B-3' } },
    ]);
    expect(written(simulator)).toMatchObject([{ path: '/api/Asset', query: { returnall: 'true' } }]);
  });

  it('are delivered too where only the last is answered', async () => {
    const simulator = await simulate({ tickets: 1 });
    const parameters = { query: { returnall: false } };
    const writer = writerTo(openHalo(simulator), {
      method: 'post',
      entity: 'Asset',
      parameters,
      strict: false,
    });
    const [first, last] = await publishAll(writer, [asset('B-1'), asset('B-2')]);
    expect(first).toMatchObject({ status: 'delivered' });
    expect(first).not.toHaveProperty('response');
    expect(last).toMatchObject({ status: 'delivered', response: { inventory_number: 'B-2' } });
  });

  it('lose the elements that the answer names, and the others go out at once', async () => {
    const simulator = await simulate({ tickets: 1 });
    const writer = writerTo(openHalo(simulator), { method: 'post', entity: 'Asset' });
    const bad = { client_id: 'twelve', status_id: '1.0' };
    const outcomes = await publishAll(writer, [asset('B-1'), asset('B-2', bad), asset('B-3'), asset('B-4')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['delivered', 'rejected', 'delivered', 'delivered']);
    expect(outcomes[1]).toMatchObject({
      error: {
        code: 'entity.rejected',
        status: 400,
        message:
          'HaloITSM refuses client_id: Could not convert string to integer: twelve.; status_id: Could not convert string to integer: 1.0.',
        data: {
          paths: [
            { path: 'client_id', message: 'Could not convert string to integer: twelve.' },
            { path: 'status_id', message: 'Could not convert string to integer: 1.0.' },
          ],
        },
      },
    });
    expect(written(simulator).map(({ body, status }) => [(body as []).length, status])).toEqual([
      [4, 400],
      [3, 201],
    ]);
    expect(numbers(simulator.records('Asset'))).toEqual(['B-1', 'B-3', 'B-4']);
  });

  it('are halved where the answer is a sentence, until the one is found that it is about', async () => {
    const simulator = await simulate({ tickets: 1 });
    const writer = writerTo(openHalo(simulator), { method: 'post', entity: 'Asset' });
    const all = [asset('B-1'), asset('B-2'), asset('B-3', { client_id: 99_999 }), asset('B-4')];
    const outcomes = await publishAll(writer, all);
    expect(outcomes.map(({ status }) => status)).toEqual(['delivered', 'delivered', 'rejected', 'delivered']);
    expect(outcomes[2]).toMatchObject({
      error: { message: 'HaloITSM refuses the record: The Client with id 99999 does not exist.' },
    });
    expect(numbers(simulator.records('Asset')).sort()).toEqual(['B-1', 'B-2', 'B-4']);
  });

  it('are all unknown where the answer is lost, and retried where the system is away', async () => {
    const simulator = await simulate({ tickets: 1 });
    const writer = writerTo(openHalo(simulator), { method: 'post', entity: 'Asset' });
    simulator.failNext({ fault: 'lost', method: 'POST' });
    const lost = await publishAll(writer, [asset('B-1'), asset('B-2')]);
    expect(lost.map(({ status }) => status)).toEqual(['unknown', 'unknown']);
    simulator.failNext({ fault: '503', method: 'POST' });
    const away = await publishAll(writer, [asset('B-3'), asset('B-4')]);
    expect(away.map(({ status }) => status)).toEqual(['retry', 'retry']);
  });

  it('of different queries, or of an operation that takes one object, go out by themselves', async () => {
    const simulator = await simulate({ tickets: 1 });
    const halo = openHalo(simulator);
    const writer = writerTo(halo, { method: 'post', entity: 'Asset', strict: false });
    await publishAll(writer, [asset('B-1'), { ...asset('B-2'), query: { a: 1 } }, asset('B-3')]);
    expect(
      written(simulator, 'Asset')
        .map(({ body }) => (body as []).length)
        .sort(),
    ).toEqual([1, 2]);
  });
});

describe('operations beside creating', () => {
  it('are posted to the record that the path names', async () => {
    const simulator = await simulate({ tickets: 1 });
    const { id } = simulator.save('Invoice', { client_id: 1 }) as { id: number };
    const writer = writerTo(openHalo(simulator), { method: 'post', entity: 'Invoice/{id}/void' });
    const outcomes = await publishAll(writer, [{ path: { id } }, { path: { id: id + 1 } }, { payload: {} }]);
    expect(outcomes).toMatchObject([
      { status: 'delivered' },
      { status: 'failed', error: { code: 'client.not_found' } },
      { status: 'rejected', error: { code: 'request.missing_parameter' } },
    ]);
    expect(
      written(simulator)
        .map(({ path }) => path)
        .sort(),
    ).toEqual([`/api/Invoice/${id}/void`, `/api/Invoice/${id + 1}/void`]);
  });

  it('delete, and what is not there any more is deleted', async () => {
    const simulator = await simulate({ tickets: 3 });
    const writer = writerTo(openHalo(simulator), {
      method: 'delete',
      entity: 'Tickets/{id}',
      parameters: { query: { reason: 'moved' } },
    });
    const ids = [{ path: { id: 2 } }, { path: { id: 2 } }, { path: { id: 77 } }];
    for (const one of ids) expect(await publishAll(writer, [one])).toMatchObject([{ status: 'delivered' }]);
    expect(simulator.records('Tickets').filter((ticket) => ticket['deleted'])).toMatchObject([
      { id: 2, delete_reason: 'moved' },
    ]);
  });
});
