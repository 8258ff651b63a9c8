import { describe, expect, it } from 'vitest';
import { parseFaults } from '../src/index.ts';
import { ask, type Caller, simulate } from './support.ts';

const PAGES = [1, 2, 3, 4];

async function page(caller: Caller, number: number, more = '&order=id') {
  const query = `pageinate=true&page_size=30&page_no=${number}${more}`;
  return (await caller.get(`Tickets?${query}`)).body as {
    record_count: number;
    tickets: readonly { id: number }[];
  };
}

async function ids(caller: Caller, more?: string): Promise<number[]> {
  const all: number[] = [];
  for (const number of PAGES) all.push(...(await page(caller, number, more)).tickets.map(({ id }) => id));
  return all;
}

const WHOLE = Array.from({ length: 120 }, (_, index) => index + 1);

describe('a fault in a page', () => {
  it('duplicate shows the last row of the page before once more', async () => {
    const caller = await simulate();
    caller.simulator.failNext({ fault: 'duplicate', query: { page_no: '2' } });
    const seen = await ids(caller);
    expect(seen.filter((id) => id === 30)).toHaveLength(2);
    expect(seen.slice(0, 32)).toEqual([...WHOLE.slice(0, 30), 30, 31]);
    expect(seen).not.toContain(60);
  });

  it('skip leaves a row out', async () => {
    const caller = await simulate();
    caller.simulator.failNext({ fault: 'skip', query: { page_no: '2' } });
    const seen = await ids(caller);
    expect(WHOLE.filter((id) => !seen.includes(id))).toEqual([31]);
  });

  it('move gives another order, but only where none is asked for', async () => {
    const caller = await simulate();
    caller.simulator.failNext({ fault: 'move', times: 'always' });
    expect(await ids(caller, '&order=id')).toEqual(WHOLE);
    expect(await ids(caller, '')).not.toEqual(WHOLE);
  });

  it('drift tells another number of rows than there are', async () => {
    const caller = await simulate();
    caller.simulator.setFaults({ drift: 1 });
    const counts = new Set<number>();
    for (let call = 0; call < 60; call++) counts.add((await page(caller, 1)).record_count - 120);
    expect([...counts].sort((a, b) => a - b)).toEqual([-3, -2, -1, 1, 2, 3]);
    expect(await ids(caller)).toEqual(WHOLE);
  });

  it('empty shows nothing, and tells all the same that there is more', async () => {
    const caller = await simulate();
    caller.simulator.failNext({ fault: 'empty' });
    expect(await page(caller, 1)).toMatchObject({ record_count: 120, tickets: [] });
    expect((await page(caller, 1)).tickets).toHaveLength(30);
  });

  it('by chance meets pages only, and the same ones for the same seed', async () => {
    const run = async () => {
      const caller = await simulate({ faults: parseFaults('empty=0.3,duplicate=0.2') });
      for (let call = 0; call < 40; call++) {
        await page(caller, 2);
        await caller.get('Status');
        await caller.post('Tickets', [{ summary: 'x' }]);
      }
      return caller.simulator.journal();
    };
    const [first, second] = [await run(), await run()];
    const faults = first.map(({ fault }) => fault);
    expect(second.map(({ fault }) => fault)).toEqual(faults);
    expect(faults.filter((fault) => fault === 'empty').length).toBeGreaterThan(4);
    const struck = first.filter(({ fault }) => fault !== undefined);
    expect(struck.every(({ method, query }) => method === 'GET' && query['pageinate'] === 'true')).toBe(true);
  });
});

describe('a fault of the connection or of the token', () => {
  it('lost does the work, and cuts the connection', async () => {
    const { post, simulator } = await simulate();
    simulator.failNext({ fault: 'lost', method: 'POST' });
    await expect(post('Tickets', [{ summary: 'Made all the same' }])).rejects.toThrow();
    expect(simulator.records('Tickets').at(-1)).toMatchObject({ id: 121, summary: 'Made all the same' });
    expect(simulator.journal().at(-1)).toMatchObject({ fault: 'lost' });
  });

  it.each([
    [false, 120],
    [true, 121],
  ])('hang never answers, with the work done or not (%s)', async (afterwards, count) => {
    const { simulator } = await simulate();
    simulator.failNext({ fault: 'hang', afterwards });
    const headers = { authorization: `Bearer ${simulator.token()}`, 'content-type': 'application/json' };
    const body = JSON.stringify([{ summary: 'x' }]);
    const signal = AbortSignal.timeout(300);
    const call = fetch(`${simulator.url}/api/Tickets`, { method: 'POST', headers, body, signal });
    await expect(call).rejects.toThrow('timeout');
    expect(simulator.records('Tickets')).toHaveLength(count);
  });

  it('expire ends the life of the token that was sent, and of no other', async () => {
    const { get, simulator } = await simulate();
    simulator.failNext({ fault: 'expire' });
    expect(await get('Status')).toMatchObject({ status: 401, text: '' });
    expect((await get('Status')).status).toBe(401);
    const headers = { authorization: `Bearer ${simulator.token()}` };
    expect((await ask(`${simulator.url}/api/Status`, { headers })).status).toBe(200);
  });

  it('html is a page for people with HTTP 200', async () => {
    const { get, simulator } = await simulate();
    simulator.failNext({ fault: 'html' });
    const { status, text, headers } = await get('Status');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html']);
    expect(text).toContain('<html>');
  });
});

describe('a plan', () => {
  it('can hold the very answer, for the calls with these parameters', async () => {
    const { get, simulator } = await simulate();
    const plan = {
      fault: 'answer',
      path: 'Tickets',
      query: { page_no: '2' },
      times: 2,
      answer: { status: 418, body: { hint: 'tea' }, headers: { 'x-pot': 'yes' } },
    };
    const told = await ask(`${simulator.url}/__simulator/faults`, {
      method: 'POST',
      body: JSON.stringify(plan),
    });
    expect(told.body.planned).toEqual([plan]);
    const call = (page: number) => get(`Tickets?pageinate=true&page_no=${page}`);
    expect((await call(1)).status).toBe(200);
    const { status, body, headers } = await call(2);
    expect([status, body, headers.get('x-pot')]).toEqual([418, { hint: 'tea' }, 'yes']);
    expect([(await call(2)).status, (await call(2)).status]).toEqual([418, 200]);
    simulator.failNext({ fault: 'answer', answer: { status: 200, body: 'not JSON' } });
    expect((await get('Status')).text).toBe('not JSON');
    expect(() => simulator.failNext({ fault: 'answer' })).toThrow('needs a status');
  });

  it('can last for a while: a storm of 429', async () => {
    const { get, simulator } = await simulate();
    simulator.failNext({ fault: '429', forMs: 400 });
    const statuses = [];
    for (let call = 0; call < 5; call++) statuses.push((await get('Status')).status);
    expect(statuses).toEqual([429, 429, 429, 429, 429]);
    await expect.poll(async () => (await get('Status')).status).toBe(200);
    expect(simulator.faults.planned).toEqual([]);
  });

  it('can be asked for, and taken back', async () => {
    const { get, simulator } = await simulate({ faults: parseFaults('slow=0.5:5') });
    const control = (method: string) => ask(`${simulator.url}/__simulator/faults`, { method });
    simulator.failNext({ fault: '500', times: 'always' });
    expect((await control('GET')).body).toEqual({
      rates: 'slow=0.5:5',
      planned: [{ fault: '500', times: 'always' }],
    });
    expect((await get('Status')).status).toBe(500);
    expect((await control('DELETE')).body).toEqual({ rates: '', planned: [] });
    expect((await get('Status')).status).toBe(200);
  });
});
