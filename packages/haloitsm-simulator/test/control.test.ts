import { describe, expect, it } from 'vitest';
import { ask, clientCredentials, signIn, simulate } from './support.ts';

const tell = (url: string, path: string, body = '') =>
  ask(`${url}/__simulator/${path}`, { method: 'POST', body });

describe('the journal', () => {
  it('holds every request in order, with secrets masked', async () => {
    const { get, post, simulator } = await simulate();
    await signIn(simulator, clientCredentials(simulator));
    await get('Tickets?pageinate=true&page_no=1');
    await post('Asset', [{ inventory_number: 'T-1', client_id: 1 }]);
    await post('Asset', [{ client_id: 'x' }]);
    const { body } = await ask(`${simulator.url}/__simulator/journal`);
    expect(body.requests).toMatchObject([
      { sequence: 1, method: 'POST', path: '/auth/token', query: { tenant: 'acme' }, status: 200 },
      {
        sequence: 2,
        method: 'GET',
        path: '/api/Tickets',
        query: { pageinate: 'true', page_no: '1' },
        status: 200,
      },
      { sequence: 3, method: 'POST', path: '/api/Asset', status: 201 },
      { sequence: 4, method: 'POST', path: '/api/Asset', body: [{ client_id: 'x' }], status: 400 },
    ]);
    expect(body.requests[0].body).toMatchObject({ grant_type: 'client_credentials', client_secret: '***' });
    expect(body.requests[2].body).toEqual([{ inventory_number: 'T-1', client_id: 1 }]);
    expect(JSON.stringify(body)).not.toContain(simulator.clientSecret);
    expect(new Date(body.requests[0].time).toISOString()).toBe(body.requests[0].time);
  });

  it('can be narrowed and emptied', async () => {
    const { get, post, simulator } = await simulate();
    await get('Status');
    await post('Asset', [{ inventory_number: 'T-1', client_id: 1 }]);
    expect(simulator.journal({ method: 'post', path: 'asset' })).toHaveLength(1);
    expect(simulator.journal({ after: 1 })).toHaveLength(1);
    expect((await ask(`${simulator.url}/__simulator/journal?method=GET`)).body.requests).toHaveLength(1);
    await ask(`${simulator.url}/__simulator/journal`, { method: 'DELETE' });
    expect(simulator.journal()).toEqual([]);
    await get('Status');
    expect(simulator.journal()).toMatchObject([{ sequence: 3 }]);
  });

  it('keeps the beginning of a body that is huge', async () => {
    const { post, simulator } = await simulate();
    await post('Tickets', [{ summary: 'x'.repeat(100_000) }]);
    const [entry] = simulator.journal();
    expect(entry?.body).toMatch(/^\[\{"summary":"x+…$/);
    expect(String(entry?.body).length).toBeLessThan(5000);
  });
});

describe('the simulator can be told', () => {
  it('to fail, to cap pages, to limit, to expire tokens', async () => {
    const { get, simulator } = await simulate();
    const { url } = simulator;
    await tell(url, 'faults', '{"fault":"500","path":"Status"}');
    expect([(await get('Status')).status, (await get('Status')).status]).toEqual([500, 200]);
    await tell(url, 'faults', '503=1');
    expect((await get('Status')).status).toBe(503);
    await tell(url, 'faults', '');
    await tell(url, 'page-cap', '2');
    expect((await get('Tickets?pageinate=true&page_no=1&page_size=9')).body.tickets).toHaveLength(2);
    await tell(url, 'rate-limit', '1/60s');
    expect([(await get('Status')).status, (await get('Status')).status]).toEqual([200, 429]);
    await tell(url, 'rate-limit', 'off');
    await tell(url, 'expire-tokens');
    expect((await get('Status')).status).toBe(401);
  });

  it('what it cannot do, and says why', async () => {
    const { simulator } = await simulate();
    const refused = await tell(simulator.url, 'faults', 'fire=1');
    expect(refused).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('"fire" is no fault') },
    });
    expect((await tell(simulator.url, 'page-cap', '0')).status).toBe(400);
    expect((await tell(simulator.url, 'no-such-thing')).status).toBe(404);
    expect((await ask(`${simulator.url}/__simulator`)).body).toHaveProperty('POST reset');
  });

  it('to show and to change records behind the back of the API', async () => {
    const { get, simulator } = await simulate();
    const saved = await tell(simulator.url, 'records/Tickets', '{"id":3,"summary":"By an agent"}');
    expect(saved).toMatchObject({ status: 201, body: { id: 3, summary: 'By an agent' } });
    expect((await get('Tickets/3')).body.summary).toBe('By an agent');
    expect((await ask(`${simulator.url}/__simulator/records/tickets`)).body).toHaveLength(120);
    expect(simulator.journal()).toHaveLength(1);
  });

  it('to begin again', async () => {
    const { post, simulator } = await simulate();
    const before = JSON.stringify(simulator.records('Tickets'));
    await post('Tickets', [{ summary: 'x' }]);
    simulator.failNext({ fault: '500' });
    await tell(simulator.url, 'reset');
    expect(JSON.stringify(simulator.records('Tickets'))).toBe(before);
    expect(simulator.journal()).toEqual([]);
    expect((await post('Tickets', [{ summary: 'x' }])).body.id).toBe(121);
  });
});

describe('the seeded desk', () => {
  it('is the same to the byte for the same seed, and another for another', async () => {
    const dump = async (seed: number) => {
      const { get } = await simulate({ seed });
      const paths = [
        'Tickets',
        'Users',
        'Client',
        'Site',
        'Asset',
        'Actions',
        'Agent',
        'Priority',
        'KBArticle',
      ];
      const texts = [];
      for (const path of paths)
        texts.push((await get(`${path}?pageinate=true&page_no=1&page_size=100`)).text);
      return texts.join('\n');
    };
    const [first, second, other] = [await dump(1), await dump(1), await dump(2)];
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  it('names only what is there', async () => {
    const { simulator } = await simulate();
    const has = (resource: string) => new Set(simulator.records(resource).map(({ id }) => id));
    const [clients, sites, users, agents] = ['Client', 'Site', 'Users', 'Agent'].map(has);
    for (const ticket of simulator.records('Tickets')) {
      expect(clients?.has(ticket['client_id'] ?? 0)).toBe(true);
      expect(sites?.has(ticket['site_id'] ?? 0)).toBe(true);
      expect(users?.has(ticket['user_id'] ?? 0)).toBe(true);
      expect(agents?.has(ticket['agent_id'] ?? 0)).toBe(true);
    }
  });

  it('keeps the time of a clock that is ahead', async () => {
    const { post } = await simulate({ clockSkew: 3_600_000 });
    const { body, headers } = await post('Tickets', [{ summary: 'x' }]);
    for (const time of [`${body.last_update}Z`, headers.get('date') ?? '']) {
      expect(Date.parse(time) - Date.now()).toBeGreaterThan(3_500_000);
    }
  });
});
