import { describe, expect, it } from 'vitest';
import { parseFaults } from '../src/index.ts';
import { clientCredentials, signIn, simulate } from './support.ts';

const ASSET = [{ inventory_number: 'A', client_id: 1 }];

describe('a planned fault', () => {
  it('meets the next matching calls, so often, after so many', async () => {
    const { get, post, simulator } = await simulate();
    simulator.failNext({ fault: '503', method: 'post', path: 'asset', times: 2, after: 1 });
    const statuses = [];
    for (let call = 0; call < 5; call++) {
      expect((await get('Status')).status).toBe(200);
      statuses.push((await post('Asset', ASSET)).status);
    }
    expect(statuses).toEqual([201, 503, 503, 201, 201]);
    expect(simulator.records('Asset')).toHaveLength(63);
  });

  it('leaves the work undone, or done with its answer lost', async () => {
    const { post, simulator } = await simulate();
    const made = () => simulator.records('Asset').length - 60;
    simulator.failNext({ fault: '500' });
    expect(await post('Asset', ASSET)).toMatchObject({ status: 500, text: '' });
    expect(made()).toBe(0);
    simulator.failNext({ fault: '500', afterwards: true });
    expect((await post('Asset', ASSET)).status).toBe(500);
    expect(made()).toBe(1);
    simulator.failNext({ fault: 'reset', afterwards: true });
    await expect(post('Asset', ASSET)).rejects.toThrow();
    expect(made()).toBe(2);
    simulator.failNext({ fault: 'reset' });
    await expect(post('Asset', ASSET)).rejects.toThrow();
    expect(made()).toBe(2);
    expect(simulator.journal({ method: 'POST' }).map(({ fault }) => fault)).toEqual([
      '500',
      '500 afterwards',
      'reset afterwards',
      'reset',
    ]);
  });

  it('can break an answer off half way', async () => {
    const { get, simulator } = await simulate();
    simulator.failNext({ fault: 'truncate' });
    const headers = { authorization: `Bearer ${simulator.token()}` };
    const response = await fetch(`${simulator.url}/api/Status`, { headers });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect((await get('Status')).status).toBe(200);
  });

  it('can be a pause', async () => {
    const { get, simulator } = await simulate();
    simulator.failNext({ fault: 'slow', delayMs: 80 });
    const start = performance.now();
    expect((await get('Status')).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(70);
  });

  it('can say how long to wait, as 429 does, and 502 and 504 come from the gateway as HTML', async () => {
    const { get, simulator } = await simulate();
    simulator.failNext({ fault: '429' });
    const { status, text, headers } = await get('Status');
    expect([status, text, headers.get('retry-after')]).toEqual([
      429,
      'Rate Limit Reached - 500 Requests per rolling 3 minute window',
      '1',
    ]);
    simulator.failNext({ fault: '503', retryAfter: 7 });
    expect((await get('Status')).headers.get('retry-after')).toBe('7');
    simulator.failNext({ fault: '504' });
    expect((await get('Status')).text).toContain('<html>');
  });

  it('can meet the token endpoint', async () => {
    const { simulator } = await simulate();
    simulator.failNext({ fault: '503', path: '/auth/token' });
    expect((await signIn(simulator, clientCredentials(simulator))).status).toBe(503);
    expect((await signIn(simulator, clientCredentials(simulator))).status).toBe(200);
  });
});

describe('faults by chance', () => {
  it('come as often as they should, the same for the same seed', async () => {
    const run = async () => {
      const { post, simulator } = await simulate({ faults: parseFaults('500=0.2,429=0.1') });
      for (let call = 0; call < 400; call++) await post('Asset', ASSET);
      return {
        faults: simulator.journal().map(({ fault }) => fault),
        made: simulator.records('Asset').length - 60,
      };
    };
    const [first, second] = [await run(), await run()];
    expect(second).toEqual(first);
    const count = (wanted: string | undefined) => first.faults.filter((fault) => fault === wanted).length;
    for (const fault of ['500', '500 afterwards', '429']) expect(count(fault)).toBeGreaterThan(20);
    // Half of the 500s come after the work was done; a 429 never does.
    expect(first.made).toBe(count(undefined) + count('500 afterwards'));
    expect(count('429 afterwards')).toBe(0);
  });

  it('are not drawn where none are asked for', async () => {
    const { get, simulator } = await simulate({ faults: { '500': 1 } });
    expect((await get('Status')).status).toBe(500);
    simulator.setFaults({});
    expect((await get('Status')).status).toBe(200);
  });

  it.each(['504=2', 'fire=0.1', '500', '500=x', '500=0.1:20'])('cannot be read from %s', (text) => {
    expect(() => parseFaults(text)).toThrow(RangeError);
  });
});

describe('the rate limit', () => {
  it('answers 429 in text after so many requests, and says when to come back; signing in does not count', async () => {
    const { get, simulator } = await simulate({ rateLimit: { requests: 3, windowMs: 300_000 } });
    await signIn(simulator, clientCredentials(simulator));
    for (let call = 0; call < 3; call++) expect((await get('Status')).status).toBe(200);
    const { status, text, headers } = await get('Status');
    expect([status, text]).toEqual([429, 'Rate Limit Reached - 3 Requests per rolling 5 minute window']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(290);
    expect((await signIn(simulator, clientCredentials(simulator))).status).toBe(200);
    simulator.setRateLimit('off');
    expect((await get('Status')).status).toBe(200);
  });

  it('rolls', async () => {
    const { get } = await simulate({ rateLimit: { requests: 2, windowMs: 150 }, retryAfter: false });
    expect([(await get('Status')).status, (await get('Status')).status]).toEqual([200, 200]);
    const refused = await get('Status');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, null]);
    await expect.poll(async () => (await get('Status')).status).toBe(200);
  });
});
