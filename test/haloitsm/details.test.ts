import type { JsonObject } from '@millrace/core';
import type { Simulator } from '@millrace/haloitsm-simulator';
import { describe, expect, it } from 'vitest';
import { findings, reader } from '../support/halo.ts';
import { simulate } from '../support/simulator.ts';

const single = (simulator: Simulator, resource = 'Tickets') =>
  simulator.journal({ method: 'GET', path: `${resource}/` });

describe('details of records', () => {
  it('are fetched of each, so many at a time, and complete what the list says', async () => {
    const simulator = await simulate({ tickets: 45, pageCap: 20, latency: 5 });
    const { rows } = await reader(simulator, { entity: 'Tickets', hydrate: { concurrency: 3 } }).read();
    expect(rows).toHaveLength(45);
    expect(rows.every((row) => Array.isArray(row['customfields']) && row['details_html'] !== undefined)).toBe(
      true,
    );
    expect(single(simulator)).toHaveLength(45);
    expect(single(simulator)[0]?.query).toEqual({ includedetails: 'true' });
  });

  it('of what changed only, where the read is incremental', async () => {
    const simulator = await simulate({ tickets: 30 });
    const options = { entity: 'Tickets', hydrate: true, incremental: { field: 'last_update' } };
    const halo = reader(simulator, options);
    const { cursor } = await halo.read();
    simulator.save('Tickets', { id: 3, summary: 'changed' });
    simulator.clearJournal();
    const second = await halo.read({ cursor });
    expect(second.rows.map(({ id }) => id)).toEqual([3]);
    const third = await halo.read({ cursor: second.cursor });
    expect([third.rows.length, third.dropped, single(simulator).length]).toEqual([0, 1, 1]);
  });

  it('of what changed only, where a storage remembers the versions; what is as it was is dropped', async () => {
    const simulator = await simulate({ tickets: 30, pageCap: 10 });
    const halo = reader(simulator, { entity: 'Tickets', hydrate: { remember: 'versions' } });
    const { run } = await halo.read();
    simulator.save('Tickets', { id: 3, summary: 'changed' });
    simulator.save('Tickets', { summary: 'new', client_id: 1 });
    simulator.clearJournal();
    const second = await halo.read({ run });
    expect(new Set(second.rows.map(({ id }) => id))).toEqual(new Set([3, 31]));
    expect([second.dropped, single(simulator).length]).toEqual([29, 2]);
  });

  it('of a record that is gone meanwhile: it is accounted for, and no error', async () => {
    const simulator = await simulate({ tickets: 25, pageCap: 10 });
    const halo = reader(simulator, { entity: 'Tickets', hydrate: true });
    // Deleted at the desk between the list and the details: the single record is not found any more.
    simulator.failNext({ fault: '404', method: 'GET', path: 'Tickets/7' });
    const { rows, dropped, batches } = await halo.read();
    expect([rows.length, dropped]).toEqual([24, 1]);
    expect(batches.at(-1)?.total).toBe(25);
  });

  it('that are all not found are an error: the way to ask for them is wrong', async () => {
    const simulator = await simulate({ tickets: 25 });
    const hydrate = { operation: 'Site/{id}', parameters: { path: { id: 99999 } } };
    await expect(reader(simulator, { entity: 'Tickets', hydrate }).read()).rejects.toMatchObject({
      code: 'client.not_found',
      message: expect.stringContaining('none of the first'),
    });
  });

  it('of actions are asked for with the ticket that their ids count within', async () => {
    const simulator = await simulate({ tickets: 6 });
    const { rows } = await reader(simulator, { entity: 'Actions', hydrate: true }).read();
    expect(rows.length).toBe(simulator.records('Actions').length);
    expect(rows.every((row) => typeof row['note_html'] === 'string')).toBe(true);
    expect(single(simulator, 'Actions').every(({ query }) => query['ticket_id'] !== undefined)).toBe(true);
  });

  it('are not fetched again of records that were handed on before an interruption', async () => {
    const simulator = await simulate({ tickets: 90, pageCap: 45 });
    const options: JsonObject = { entity: 'Tickets', hydrate: { concurrency: 2 } };
    const before = await reader(simulator, options).read({ after: (_, index) => index < 1 });
    const position = before.batches.at(-1)?.position;
    const rest = await reader(simulator, options).read({ position });
    const ids = [...before.rows, ...rest.rows].map(({ id }) => id);
    expect(new Set(ids).size).toBe(90);
    expect(ids).toHaveLength(90);
    expect(single(simulator)).toHaveLength(90);
    expect(rest.batches.at(-1)?.total).toBe(90);
  });

  it('need an operation that gives one record', () => {
    const codes = (options: JsonObject) => findings(options).map(({ code, path }) => [code, path.join('.')]);
    expect(codes({ entity: 'Tickets', hydrate: true })).toEqual([]);
    expect(codes({ entity: 'ToDo', hydrate: true })).toEqual([['config.unknown_operation', 'hydrate']]);
    expect(codes({ entity: 'Tickets', hydrate: { operation: 'Tikets/{id}' } })).toEqual([
      ['config.unknown_operation', 'hydrate'],
    ]);
    expect(codes({ entity: 'Tickets', hydrate: { parameters: { query: { nonsense: 1 } } } })).toEqual([
      ['config.unknown_parameter', 'hydrate.parameters.query.nonsense'],
    ]);
    expect(codes({ entity: 'Tickets', hydrate: { concurency: 3 } })).toEqual([
      ['config.unknown_option', 'hydrate.concurency'],
    ]);
    expect(codes({ entity: 'Tickets', hydrate: 'yes' })).toEqual([['config.wrong_type', 'hydrate']]);
  });
});
