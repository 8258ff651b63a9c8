import type { JsonObject } from '@millrace/core';
import type { Simulator } from '@millrace/haloitsm-simulator';
import { describe, expect, it } from 'vitest';
import { findings, reader } from '../support/halo.ts';
import { simulate } from '../support/simulator.ts';

const ACTIONS: JsonObject = {
  entity: 'Actions',
  parameters: { query: { ticket_id: '&{id}' } },
  forEach: { entity: 'Tickets' },
};

const keyOf = (row: JsonObject) => `${row['ticket_id']}:${row['id']}`;

const actions = (simulator: Simulator) => simulator.records('Actions').map(keyOf).sort();

function withFiles(simulator: Simulator): void {
  for (const [ticket_id, action_id] of [
    [2, 1],
    [2, 1],
    [9, 2],
  ] as const) {
    const file = { filename: 'a.txt', data_base64: 'YQ==', ticket_id, action_id };
    simulator.save('Attachment', file);
  }
}

describe('children of records', () => {
  it('are read of every parent', async () => {
    const simulator = await simulate({ tickets: 120, pageCap: 50 });
    const { rows, batches } = await reader(simulator, ACTIONS).read();
    expect(rows.map(keyOf).sort()).toEqual(actions(simulator));
    expect(batches.at(-1)?.total).toBe(rows.length);
  });

  it('have several parents asked for in flight, and no more than allowed', async () => {
    const simulator = await simulate({ tickets: 60, latency: 40 });
    const forEach = { entity: 'Tickets', concurrency: 8 };
    const started = performance.now();
    await reader(simulator, { ...ACTIONS, forEach }).read();
    const took = performance.now() - started;
    // One after the other sixty answers of 40 ms take 2.4 s; eight at a time they take eight rounds at least.
    expect(took).toBeLessThan(2000);
    expect(took).toBeGreaterThan(8 * 40);
  });

  it('are given what is kept of their parent', async () => {
    const simulator = await simulate({ tickets: 5 });
    const forEach = { entity: 'Tickets', keep: { client: '&{client_name}', phone: '?{no_such_field}' } };
    const { rows } = await reader(simulator, { ...ACTIONS, forEach }).read();
    const client = new Map(simulator.records('Tickets').map(({ id, client_name }) => [id, client_name]));
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) expect(row['client']).toBe(client.get(row['ticket_id'] as number));
    expect(rows.some((row) => 'phone' in row)).toBe(false);
  });

  it('are read of the parents that a rule lets through', async () => {
    const simulator = await simulate({ tickets: 20 });
    const forEach = { entity: 'Tickets', when: { '<': [{ var: 'id' }, 4] } };
    const { rows } = await reader(simulator, { ...ACTIONS, forEach }).read();
    expect(new Set(rows.map(({ ticket_id }) => ticket_id))).toEqual(new Set([1, 2, 3]));
  });

  it('are read again of parents that changed, and of no others', async () => {
    const simulator = await simulate({ tickets: 40 });
    const forEach = { entity: 'Tickets', incremental: { field: 'lastactiondate' } };
    const halo = reader(simulator, { ...ACTIONS, forEach });
    const first = await halo.read();
    expect(first.rows.map(keyOf).sort()).toEqual(actions(simulator));
    simulator.save('Actions', { ticket_id: 7, note: 'called back', outcome: 'Call' });
    simulator.clearJournal();
    const second = await halo.read({ cursor: first.cursor });
    expect(new Set(second.rows.map(({ ticket_id }) => ticket_id))).toEqual(new Set([7]));
    expect(second.rows.some(({ note }) => note === 'called back')).toBe(true);
    const third = await halo.read({ cursor: second.cursor });
    expect(third.rows).toEqual([]);
    const asked = simulator.journal({ method: 'GET', path: 'Actions' });
    expect(asked.map(({ query }) => query['ticket_id'])).toEqual(['7']);
  });

  it('can have children themselves', async () => {
    const simulator = await simulate({ tickets: 12 });
    withFiles(simulator);
    const options = {
      entity: 'Attachment',
      parameters: { query: { ticket_id: '&{ticket_id}', action_id: '&{id}' } },
      forEach: {
        ...ACTIONS,
        when: { '>': [{ var: 'attachment_count' }, 0] },
        keep: { action: '&{id}', ticket: '&{ticket_id}', summary: '&{summary}' },
        forEach: { entity: 'Tickets', keep: { summary: '&{summary}' } },
      },
    };
    const { rows } = await reader(simulator, options).read();
    expect(rows.map(({ ticket, action }) => `${ticket}:${action}`).sort()).toEqual(['2:1', '2:1', '9:2']);
    const ticket = simulator.records('Tickets').find(({ id }) => id === 9);
    expect(rows.find((row) => row['ticket'] === 9)?.['summary']).toBe(ticket?.['summary']);
  });

  it('go on where they were interrupted, at every batch, and ask again for nothing that is stored', async () => {
    const simulator = await simulate({ tickets: 90, pageCap: 40 });
    const whole = await reader(simulator, ACTIONS).read();
    for (const [index] of whole.batches.entries()) {
      simulator.clearJournal();
      const before = await reader(simulator, ACTIONS).read({ after: (_, at) => at < index });
      const rest = await reader(simulator, ACTIONS).read({ position: before.batches.at(-1)?.position });
      const rows = [...before.rows, ...rest.rows].map(keyOf);
      expect(rows.sort()).toEqual(actions(simulator));
      const pages = simulator
        .journal({ method: 'GET', path: 'Tickets' })
        .map(({ query }) => query['page_no']);
      expect(pages).toEqual(['1', '3', '2']);
    }
    expect(whole.batches.length).toBeGreaterThan(3);
  });

  it('of a parent that is gone meanwhile are none', async () => {
    const simulator = await simulate({ tickets: 10 });
    simulator.failNext({ fault: '404', method: 'GET', path: 'Actions', after: 4 });
    const { rows } = await reader(simulator, ACTIONS).read();
    expect(new Set(rows.map(({ ticket_id }) => ticket_id)).size).toBe(9);
  });

  it('that nobody finds are an error', async () => {
    const simulator = await simulate({ tickets: 10 });
    simulator.failNext({ fault: '404', method: 'GET', path: 'Actions', times: 20 });
    await expect(reader(simulator, ACTIONS).read()).rejects.toMatchObject({ code: 'client.not_found' });
  });

  it('are never asked for without their parent', async () => {
    const simulator = await simulate({ tickets: 3 });
    const parameters = { query: { ticket_id: '&{no_such_field}' } };
    await expect(reader(simulator, { ...ACTIONS, parameters }).read()).rejects.toMatchObject({
      code: 'request.missing_parameter',
      message: 'The query parameter "ticket_id" of Actions has no value for one of Tickets',
    });
    expect(simulator.journal({ method: 'GET', path: 'Actions' })).toEqual([]);
  });

  it('have their options checked on every level', () => {
    const codes = (options: JsonObject) => findings(options).map(({ code, path }) => [code, path.join('.')]);
    expect(codes(ACTIONS)).toEqual([]);
    expect(codes({ ...ACTIONS, forEach: { entity: 'Tikets' } })).toEqual([
      ['config.unknown_operation', 'forEach.entity'],
    ]);
    const forEach = { entity: 'Tickets', parameters: { query: { open_only: 'maybe' } } };
    expect(codes({ ...ACTIONS, forEach })).toEqual([
      ['config.wrong_type', 'forEach.parameters.query.open_only'],
    ]);
    expect(codes({ entity: 'Client/{id}', forEach: { entity: 'Client' } })).toEqual([
      ['config.missing_parameter', 'entity'],
    ]);
  });
});
