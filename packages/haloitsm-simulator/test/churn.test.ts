import { describe, expect, it } from 'vitest';
import type { Simulator } from '../src/index.ts';
import { ask, simulate } from './support.ts';

const summaries = (simulator: Simulator) =>
  simulator.records('Tickets').map(({ id, summary, status_id }) => `${id} ${summary} ${status_id}`);

describe('people at work', () => {
  it('create and change tickets as calls come, the same for the same seed', async () => {
    const run = async (seed?: number) => {
      const { get, simulator } = await simulate();
      simulator.churn({
        create: 1,
        change: 2,
        act: 0.5,
        remove: 0.2,
        per: 'call',
        ...(seed !== undefined && { seed }),
      });
      for (let call = 0; call < 20; call++) await get('Status');
      return { state: simulator.churned, tickets: summaries(simulator) };
    };
    const [first, second, other] = [await run(), await run(), await run(7)];
    expect(first.state).toEqual({ running: true, create: 20, change: 40, act: 10, remove: 4 });
    expect(first.tickets).toHaveLength(140);
    expect(second).toEqual(first);
    expect(other.tickets).not.toEqual(first.tickets);
    expect(first.tickets.filter((ticket) => ticket.includes('(new '))).not.toHaveLength(0);
    expect(first.tickets.filter((ticket) => ticket.includes('(change '))).not.toHaveLength(0);
  });

  it('move the rows of a list that is being read, and its total', async () => {
    const { get, simulator } = await simulate();
    simulator.churn({ create: 1, change: 3, per: 'call' });
    const seen: number[] = [];
    const totals = new Set<number>();
    for (let page = 1; page <= 6; page++) {
      const query = `pageinate=true&page_size=30&page_no=${page}&order=last_update&orderdesc=true`;
      const { body } = await get(`Tickets?${query}`);
      totals.add(body.record_count);
      seen.push(...body.tickets.map(({ id }: { id: number }) => id));
    }
    expect(totals.size).toBe(6);
    expect(seen.length).toBeGreaterThan(new Set(seen).size);
  });

  it('write dates of now, so that an incremental read finds what they did', async () => {
    const { get, simulator } = await simulate();
    const since = new Date(Date.now() - 1000).toISOString();
    simulator.churn({ create: 3, change: 4, per: 'call' });
    await get('Status');
    simulator.stopChurn();
    const { body } = await get(`Tickets?lastupdatefromdate=${since}`);
    const changed = new Set(
      body.tickets.map(({ summary }: { summary: string }) => /\((\w+) \d+\)$/.exec(summary)?.[1]),
    );
    expect(changed).toEqual(new Set(['new', 'change']));
  });

  it('work by the clock until their limit, and stop when they are told', async () => {
    const { simulator } = await simulate();
    const tell = (method: string, body?: string) =>
      ask(`${simulator.url}/__simulator/churn`, { method, ...(body !== undefined && { body }) });
    await tell('POST', '{"create": 400, "change": 200, "limit": 10}');
    await expect
      .poll(() => simulator.churned)
      .toEqual({ running: false, create: 10, change: 10, act: 0, remove: 0 });
    expect(simulator.records('Tickets')).toHaveLength(130);
    await tell('POST', '{"create": 50}');
    await expect.poll(() => simulator.churned.create).toBeGreaterThan(0);
    const { create } = (await tell('DELETE')).body;
    expect((await tell('GET')).body).toMatchObject({ running: false, create });
    expect(simulator.records('Tickets')).toHaveLength(130 + create);
    expect(simulator.journal()).toEqual([]);
  });

  it('refuse numbers that are none', async () => {
    const { simulator } = await simulate();
    expect(() => simulator.churn({ create: -1 })).toThrow(RangeError);
    expect(() => simulator.churn({ change: Number.NaN })).toThrow('change must be a number');
    const { status, body } = await ask(`${simulator.url}/__simulator/churn`, {
      method: 'POST',
      body: '{"per": "day"}',
    });
    expect([status, body.error]).toEqual([400, expect.stringContaining('per must be')]);
  });
});
