import type { JsonObject } from '@millrace/core';
import type { Simulator } from '@millrace/haloitsm-simulator';
import { describe, expect, it } from 'vitest';
import { findings, reader } from '../support/halo.ts';
import { simulate } from '../support/simulator.ts';

const HOUR = 3_600_000;

const byUpdate = (more: JsonObject = {}): JsonObject => ({
  entity: 'Tickets',
  incremental: { field: 'last_update', ...more },
});

const ids = (rows: readonly JsonObject[]) => rows.map(({ id }) => id);

const lists = (simulator: Simulator, path = 'Tickets') => simulator.journal({ method: 'GET', path });

/** The time of the simulated desk, as it writes it. */
const now = (skew = 0) => new Date(Date.now() + skew).toISOString().replace('Z', '');

describe('an incremental read', () => {
  it('hands on what changed, and no record again that it handed on as it is', async () => {
    const simulator = await simulate({ tickets: 120 });
    for (const id of [5, 6, 7]) simulator.save('Tickets', { id, summary: 'just now' });
    const halo = reader(simulator, byUpdate());
    const first = await halo.read();
    expect(first.rows).toHaveLength(120);

    const idle = await halo.read({ cursor: first.cursor });
    expect([idle.rows.length, idle.dropped]).toEqual([0, 3]);
    simulator.save('Tickets', { id: 6, summary: 'again' });
    const news = await halo.read({ cursor: idle.cursor });
    expect([ids(news.rows), news.dropped]).toEqual([[6], 2]);
    expect(news.batches[0]?.total).toBe(3);
  });

  it('asks by the filter that fits the field', async () => {
    const simulator = await simulate({ tickets: 3 });
    const cursor = { at: '2026-03-01T12:00:00.000Z' };
    await reader(simulator, byUpdate()).read({ cursor });
    await reader(simulator, byUpdate({ field: 'lastactiondate' })).read({ cursor });
    await reader(simulator, byUpdate({ field: 'dateoccurred', overlap: '1h' })).read({ cursor });
    await reader(simulator, byUpdate({ filter: 'datesearch' })).read({ cursor });
    const asked = lists(simulator).map(
      ({ query: { order, orderdesc, order2, orderdesc2, pageinate, page_size, page_no, ...query } }) => query,
    );
    expect(asked).toEqual([
      { lastupdatefromdate: '2026-03-01T11:55:00.000' },
      { datesearch: 'lastactiondate', startdate: '2026-03-01T11:55:00.000' },
      { datesearch: 'dateoccured', startdate: '2026-03-01T11:00:00.000' },
      { datesearch: 'last_update', startdate: '2026-03-01T11:55:00.000' },
    ]);
  });

  it.each([HOUR, -HOUR])('loses nothing where the clock of the desk is off by %i ms', async (skew) => {
    const simulator = await simulate({ tickets: 60, pageCap: 10, clockSkew: skew });
    const halo = reader(simulator, byUpdate());
    // Each page of the first read finds a desk at work: behind it, where it was already, and before it.
    const first = await halo.read({
      after: (_, index) => {
        simulator.save('Tickets', { id: 1 + index, summary: 'changed meanwhile' });
        simulator.save('Tickets', { summary: 'created meanwhile', client_id: 1 });
      },
    });
    const second = await halo.read({ cursor: first.cursor });
    const got = new Map([...first.rows, ...second.rows].map((row) => [row['id'], row['summary']]));
    const wanted = new Map(simulator.records('Tickets').map((row) => [row['id'], row['summary']]));
    expect(got).toEqual(wanted);
    expect(first.run.lines.join('\n')).toContain(skew > 0 ? 'ahead of ours' : 'behind ours');
  });

  it('goes by the clock of the desk where rows do not show the date that it filters by', async () => {
    const simulator = await simulate({ tickets: 1 });
    const halo = reader(simulator, { entity: 'Client', incremental: { field: 'last_modified' } });
    const first = await halo.read();
    expect(first.rows.length).toBe(simulator.records('Client').length);
    simulator.save('Client', { id: 2, name: 'Renamed' });
    const second = await halo.read({ cursor: first.cursor });
    expect(ids(second.rows)).toEqual([2]);
  });

  it('in the order of ids asks for nothing that changes from now on', async () => {
    const simulator = await simulate({ tickets: 1, pageCap: 5 });
    const users = simulator.records('Users').filter(({ inactive }) => inactive !== true);
    for (const { id = 0 } of users) simulator.save('Users', { id, phonenumber: '1' });
    simulator.setClockSkew(5_000);
    const [one] = users.map(({ id }) => id ?? 0);
    const halo = reader(simulator, { entity: 'Users', incremental: { field: 'last_modified' } });
    const { rows, run } = await halo.read({
      cursor: { at: new Date(Date.now() - HOUR).toISOString() },
      after: () => void simulator.save('Users', { id: one ?? 0, phonenumber: '2' }),
    });
    expect(new Set(ids(rows)).size).toBe(users.length);
    expect(lists(simulator, 'Users').at(-1)?.query).toMatchObject({
      order: 'id',
      lastupdatefromdate: expect.any(String),
      lastupdatetodate: expect.any(String),
    });
    expect(run.lines.join('\n')).toContain('order');
  });

  it('takes the order of ids where the desk refuses to sort by the date', async () => {
    const simulator = await simulate({ tickets: 25, pageCap: 10 });
    simulator.failNext({ fault: '400', method: 'GET', path: 'Tickets' });
    const { rows } = await reader(simulator, byUpdate()).read();
    expect(new Set(ids(rows)).size).toBe(25);
    expect(lists(simulator).map(({ query }) => query['order'])).toEqual([
      'last_update',
      'id',
      'id',
      'id',
      'id',
    ]);
  });

  it('reads the newest first where there is no filter, and undated records all the same', async () => {
    const simulator = await simulate({ tickets: 1, pageCap: 4 });
    const articles = simulator.records('KBArticle').length;
    const halo = reader(simulator, { entity: 'KBArticle', incremental: { field: 'date_edited' } });
    const first = await halo.read();
    expect(first.rows.length).toBe(articles);
    simulator.save('KBArticle', { id: 3, name: 'edited', date_edited: now() });
    simulator.save('KBArticle', { name: 'new and undated' });
    simulator.clearJournal();
    const second = await halo.read({ cursor: first.cursor });
    expect(new Set(ids(second.rows))).toEqual(new Set([3, articles + 1]));
    expect(lists(simulator, 'KBArticle').length).toBeLessThanOrEqual(3);
    expect(second.batches.every(({ total }) => total === undefined)).toBe(true);
  });

  it('reads records without a date, or with one that means "not set"', async () => {
    const simulator = await simulate({ tickets: 30, pageCap: 10 });
    simulator.save('Tickets', { id: 4, lastactiondate: '1900-01-01T00:00:00' });
    const halo = reader(simulator, byUpdate({ field: 'lastactiondate' }));
    const first = await halo.read();
    expect(new Set(ids(first.rows)).size).toBe(30);
    expect(first.cursor).toMatchObject({ at: expect.stringMatching(/^20/) });
  });

  it('is not led astray by a date in the future', async () => {
    const simulator = await simulate({ tickets: 10 });
    simulator.save('Tickets', { id: 4, fixbydate: '2099-01-01T00:00:00' });
    const { cursor } = await reader(simulator, byUpdate({ field: 'fixbydate' })).read();
    expect(Date.parse((cursor as { at: string }).at)).toBeLessThanOrEqual(Date.now());
  });

  it('reads everything from time to time where that is asked for', async () => {
    const simulator = await simulate({ tickets: 20 });
    const halo = reader(simulator, byUpdate({ full: '7d' }));
    const first = await halo.read();
    const second = await halo.read({ cursor: first.cursor });
    expect(second.rows).toHaveLength(0);
    const week = new Date(Date.now() - 8 * 24 * HOUR).toISOString();
    const third = await halo.read({ cursor: { ...(second.cursor as JsonObject), full: week } });
    expect(third.rows.length + third.dropped).toBe(20);
    expect(third.cursor).toMatchObject({ full: expect.stringMatching(new RegExp(now().slice(0, 10))) });
  });

  it('keeps its cursor where nothing changed, and refuses one that says no time', async () => {
    const simulator = await simulate({ tickets: 5 });
    const cursor = { at: '2027-01-01T00:00:00.000Z' };
    expect((await reader(simulator, byUpdate()).read({ cursor })).cursor).toMatchObject(cursor);
    await expect(reader(simulator, byUpdate()).read({ cursor: 'yesterday' })).rejects.toMatchObject({
      code: 'config.invalid_value',
      hint: expect.stringContaining('millrace cursors'),
    });
  });

  it('remembers no more records than a cursor can hold, and then hands on again what it read', async () => {
    const simulator = await simulate({ tickets: 1 });
    for (let index = 0; index < 700; index++) simulator.save('Tickets', { summary: `imported ${index}` });
    const halo = reader(simulator, byUpdate());
    const first = await halo.read();
    const second = await halo.read({ cursor: first.cursor });
    expect([second.rows.length, second.dropped]).toEqual([200, 500]);
  });

  it('is refused where it cannot be', () => {
    const all = (options: JsonObject) => findings(options).map(({ code, path }) => [code, path.join('.')]);
    const incremental = { field: 'x' };
    expect(all({ entity: 'Status', incremental })).toEqual([['config.invalid_value', 'incremental']]);
    expect(all({ entity: 'Tickets', incremental })).toEqual([]);
    expect(all({ entity: 'Invoice', incremental: { field: 'x', filter: 'datesearch' } })).toEqual([
      ['config.invalid_value', 'incremental.filter'],
    ]);
    expect(all({ entity: 'Invoice', incremental, parameters: { query: { order: 'id' } } })).toEqual([
      ['config.invalid_value', 'incremental'],
    ]);
    const forEach = { entity: 'Tickets' };
    expect(all({ entity: 'Actions', incremental, forEach })).toEqual([
      ['config.invalid_value', 'incremental'],
    ]);
    expect(all({ entity: 'Actions', forEach: { ...forEach, incremental } })).toEqual([]);
  });
});
