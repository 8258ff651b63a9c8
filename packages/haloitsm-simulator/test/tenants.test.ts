import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../src/index.ts';
import { ask, callerOf, clientCredentials, signIn } from './support.ts';

async function two(options: SimulatorOptions = {}): Promise<[Simulator, Simulator]> {
  const acme = await startSimulator({ tickets: 20, tenants: 2, ...options });
  onTestFinished(() => acme.stop());
  const [, globex] = acme.tenants;
  if (!globex) throw new Error('there is no second tenant');
  return [acme, globex];
}

/** GET with a host name of one's own choice, which fetch does not let one make. */
function getAt(url: string, host: string, authorization: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers: { host, authorization } }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    call.on('error', reject);
    call.end();
  });
}

describe('two tenants', () => {
  it('have addresses, names, credentials and records of their own', async () => {
    const [acme, globex] = await two();
    expect([acme.tenant, globex.tenant]).toEqual(['acme', 'globex']);
    for (const name of ['url', 'clientId', 'clientSecret', 'password', 'apiKey'] as const)
      expect(acme[name]).not.toBe(globex[name]);
    expect(JSON.stringify(acme.records('Tickets'))).not.toBe(JSON.stringify(globex.records('Tickets')));
    await callerOf(acme, ['all']).post('Tickets', [{ summary: 'Only here' }]);
    expect([acme.records('Tickets').length, globex.records('Tickets').length]).toEqual([21, 20]);
    expect([acme.journal().length, globex.journal().length]).toEqual([1, 0]);
  });

  it('sign in at either address by the name of the tenant, each with its own secret only', async () => {
    const [acme, globex] = await two();
    const form = clientCredentials(globex);
    const { status, body } = await signIn(acme, form, '/auth/token?tenant=Globex');
    expect(status).toBe(200);
    const headers = { authorization: `Bearer ${body.access_token}` };
    expect((await ask(`${globex.url}/api/Status`, { headers })).status).toBe(200);
    expect(await ask(`${acme.url}/api/Status`, { headers })).toMatchObject({ status: 401, text: '' });
    expect(await signIn(acme, form, '/auth/token?tenant=acme')).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    expect((await signIn(globex, form, '/auth/token')).status).toBe(200);
    expect((await signIn(acme, form, '/auth/token')).status).toBe(401);
    expect((await signIn(acme, form, '/auth/token?tenant=nobody')).status).toBe(400);
    expect(globex.journal({ path: '/auth' })).toHaveLength(2);
  });

  it('are told apart by the host name of the request, as hosted instances are', async () => {
    const [acme, globex] = await two();
    const ask = (host: string) => getAt(`${acme.url}/api/InstanceInfo`, host, `Bearer ${globex.token()}`);
    expect(JSON.parse(await ask('globex.haloitsm.test'))).toMatchObject({ tenant_id: 'globex' });
    expect(await ask('acme.haloitsm.test')).toBe('');
    const info = await getAt(`${globex.url}/api/authinfo`, 'acme.haloitsm.test:443', '');
    expect(JSON.parse(info).tenant_id).toBe('acme');
  });

  it('have limits, faults, quirks and people of their own', async () => {
    const [acme, globex] = await two({ rateLimit: { requests: 2, windowMs: 60_000 } });
    const [first, second] = [callerOf(acme, ['all']), callerOf(globex, ['all'])];
    for (const _ of [1, 2]) await first.get('Status');
    expect([(await first.get('Status')).status, (await second.get('Status')).status]).toEqual([429, 200]);
    acme.setRateLimit('off');
    globex.setRateLimit('off');
    globex.failNext({ fault: '503' });
    expect([(await first.get('Status')).status, (await second.get('Status')).status]).toEqual([200, 503]);
    acme.setQuirks({ 'created-201': false });
    const make = async (caller: typeof first) => (await caller.post('Tickets', [{ summary: 'x' }])).status;
    expect([await make(first), await make(second)]).toEqual([200, 201]);
    globex.expireTokens();
    expect([(await first.get('Status')).status, (await second.get('Status')).status]).toEqual([200, 401]);
  });

  it('are controlled at their own address, or at any by name', async () => {
    const [acme, globex] = await two();
    await ask(`${acme.url}/__simulator/page-cap?tenant=globex`, { method: 'POST', body: '7' });
    expect([acme.pageCap, globex.pageCap]).toEqual([100, 7]);
    await ask(`${globex.url}/__simulator/page-cap`, { method: 'POST', body: '8' });
    expect([acme.pageCap, globex.pageCap]).toEqual([100, 8]);
    const { body } = await ask(`${acme.url}/__simulator/tenants`);
    expect(body).toMatchObject([
      { tenant: 'acme', clientId: acme.clientId, url: acme.url },
      { tenant: 'globex', clientSecret: globex.clientSecret, url: globex.url },
    ]);
  });

  it('keep a state file each', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const state = join(folder, 'desk.json');
    const [acme, globex] = await two({ state });
    globex.save('Tickets', { summary: 'Kept at globex' });
    await acme.stop();
    expect((await readdir(folder)).sort()).toEqual(['desk.globex.json', 'desk.json']);
    const [, again] = await two({ state });
    expect(again.records('Tickets').at(-1)).toMatchObject({ id: 21, summary: 'Kept at globex' });
  });

  it('cannot be none, nor a crowd', async () => {
    for (const tenants of [0, 11, 1.5]) await expect(startSimulator({ tenants })).rejects.toThrow('tenants');
  });
});

describe('an API key', () => {
  it('takes the place of a token', async () => {
    const [acme, globex] = await two();
    const call = (key: string) => ask(`${acme.url}/api/Status`, { headers: { 'x-halo-api-key': key } });
    expect([(await call(acme.apiKey)).status, (await call(globex.apiKey)).status]).toEqual([200, 401]);
  });
});

describe('a person who signs in', () => {
  it('gets a token that says who it is, where openid is asked for', async () => {
    const [acme] = await two();
    const { clientId, username, password } = acme;
    const form = { grant_type: 'password', client_id: clientId, username, password, scope: 'all openid' };
    const { body } = await signIn(acme, form);
    const [, claims = ''] = body.id_token.split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      name: username,
      tenant: 'acme',
    });
    expect((await signIn(acme, clientCredentials(acme, 'all openid'))).body).not.toHaveProperty('id_token');
  });
});
