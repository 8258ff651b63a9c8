import { describe, expect, it, onTestFinished } from 'vitest';
import { startSimulator } from '../src/index.ts';
import { ask, callerOf, simulate } from './support.ts';

const press = (url: string, call: string, value: string, headers: Record<string, string> = {}) =>
  ask(`${url}/__simulator/${call}`, {
    method: 'POST',
    body: new URLSearchParams({ back: '/', value }),
    headers,
  });

describe('the page at /', () => {
  it('shows records, requests with their status, and what goes wrong', async () => {
    const { get, post, simulator } = await simulate();
    simulator.failNext({ fault: '503', path: 'Asset' });
    await get('Asset?count=1');
    await post('Tickets', [{ summary: 'The newest one' }]);
    simulator.setFaults({ '429': 0.25 });
    const { status, text, headers } = await ask(`${simulator.url}/`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text).toMatch(/<title>acme · HaloITSM simulator<\/title>/);
    expect(text).toMatch(/<a href="\/\?show=Tickets">Tickets <b>121<\/b><\/a>/);
    expect(text).toContain('The newest one');
    expect(text).toMatch(
      /class="number bad">503<\/td><td class="warn">503<\/td><td>GET<\/td>\s*<td class="text mono">\/api\/Asset/,
    );
    expect(text).toMatch(/class="number good">201/);
    expect(text).toContain('429=0.25');
    // Looking at it is no call of the API.
    expect(simulator.journal()).toHaveLength(2);
  });

  it('shows the records of a resource, and one record whole', async () => {
    const { simulator } = await simulate();
    const list = (await ask(`${simulator.url}/?show=Actions`)).text;
    expect(list).toContain('<a href="/?show=Actions&id=120%2F1">1</a>');
    const one = (await ask(`${simulator.url}/?show=Actions&id=120%2F1`)).text;
    expect(one).toContain('&#34;ticket_id&#34;: 120');
    expect((await ask(`${simulator.url}/?show=Tickets&id=4711`)).text).toContain('There is no such record');
  });

  it('takes whatever it shows for text, loads nothing from elsewhere and runs no script', async () => {
    const { get, post, simulator } = await simulate();
    const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>`;
    await post('Tickets', [{ summary: evil }]);
    await get(`Tickets?search=${encodeURIComponent(evil)}`);
    await ask(`${simulator.url}/${encodeURIComponent(evil)}`);
    simulator.failNext({ fault: '500', path: evil });
    for (const path of [
      '/',
      '/?show=Tickets',
      '/?show=Tickets&id=121',
      `/?show=${encodeURIComponent(evil)}`,
    ]) {
      const { text, headers } = await ask(`${simulator.url}${path}`);
      expect(text).toContain('&#60;script&#62;');
      expect(text).not.toMatch(/<script|<img|<link|https?:\/\/(?!127)/i);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  it('is light or dark as the reader likes it, and reloads itself only where asked', async () => {
    const { simulator } = await simulate();
    const { text } = await ask(`${simulator.url}/`);
    expect(text).toContain('prefers-color-scheme: dark');
    expect(text).not.toContain('http-equiv="refresh"');
    expect((await ask(`${simulator.url}/?refresh=2`)).text).toContain(
      '<meta http-equiv="refresh" content="2">',
    );
  });

  it('has buttons that tell the simulator, and come back', async () => {
    const { get, simulator } = await simulate();
    const { url } = simulator;
    const { text } = await ask(`${url}/`);
    const forms = [...text.matchAll(/action="\/__simulator\/([a-z-]+)"/g)].map(([, call]) => call);
    expect(new Set(forms)).toEqual(
      new Set(['faults', 'page-cap', 'rate-limit', 'churn', 'expire-tokens', 'reset', 'quirks']),
    );
    const pressed = await press(url, 'faults', '{"fault":"500"}');
    expect([pressed.status, pressed.headers.get('location')]).toEqual([303, '/']);
    expect((await get('Status')).status).toBe(500);
    await press(url, 'page-cap', '3');
    await press(url, 'quirks', 'thin-rows=off');
    expect(simulator.pageCap).toBe(3);
    expect(simulator.quirks['thin-rows']).toBe(false);
    await press(url, 'expire-tokens', '');
    expect((await get('Status')).status).toBe(401);
    await press(url, 'reset', '');
    expect(simulator.quirks['thin-rows']).toBe(true);
  });

  it('can be told nothing by pages of other sites, and sends nobody elsewhere', async () => {
    const { simulator } = await simulate();
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      expect((await press(simulator.url, 'page-cap', '3', headers)).status).toBe(403);
    }
    expect((await press(simulator.url, 'page-cap', '3', { origin: simulator.url })).status).toBe(303);
    const body = new URLSearchParams({ back: '//evil.example', value: '4' });
    const told = await ask(`${simulator.url}/__simulator/page-cap`, { method: 'POST', body });
    expect(told.headers.get('location')).toBeNull();
  });

  it('is one for each tenant, with links to the others', async () => {
    const acme = await startSimulator({ tickets: 3, tenants: 2 });
    onTestFinished(() => acme.stop());
    const [, globex] = acme.tenants;
    await callerOf(acme, ['all']).post('Tickets', [{ summary: 'Only at acme' }]);
    const [first, second] = await Promise.all([acme, globex].map((one) => ask(`${one?.url}/`)));
    expect(first?.text).toContain('Only at acme');
    expect(first?.text).toContain(`<a href="${globex?.url}/">globex</a>`);
    expect(second?.text).not.toContain('Only at acme');
  });
});
