import { describe, expect, it } from 'vitest';
import { ask, callerOf, clientCredentials, signIn, simulate } from './support.ts';

describe('the token endpoint', () => {
  it('signs in by client credentials at /auth/token and /token, with the secret in the form or in a header', async () => {
    const { simulator } = await simulate();
    const form = clientCredentials(simulator);
    const posted = await signIn(simulator, form);
    expect(posted).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', expires_in: 3600, scope: 'all', access_token: expect.any(String) },
    });
    expect(posted.body).not.toHaveProperty('refresh_token');
    expect((await signIn(simulator, form, '/token')).status).toBe(200);
    const basic = Buffer.from(`${simulator.clientId}:${simulator.clientSecret}`).toString('base64');
    const header = { authorization: `Basic ${basic}` };
    const byHeader = await signIn(
      simulator,
      { grant_type: 'client_credentials', scope: 'all' },
      '/token',
      header,
    );
    expect(byHeader.status).toBe(200);
    const authorization = `Bearer ${byHeader.body.access_token}`;
    expect((await ask(`${simulator.url}/api/Status`, { headers: { authorization } })).status).toBe(200);
  });

  it('signs in by user name and password, and once more by each refresh token', async () => {
    const { simulator } = await simulate();
    const { clientId, username, password } = simulator;
    const form = { grant_type: 'password', client_id: clientId, username, password };
    const first = await signIn(simulator, { ...form, scope: 'all offline_access' });
    expect(first.status).toBe(200);
    const again = {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: first.body.refresh_token,
    };
    expect((await signIn(simulator, again)).body.access_token).not.toBe(first.body.access_token);
    expect(await signIn(simulator, again)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await signIn(simulator, { ...form, password: 'wrong', scope: 'all' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
  });

  it.each([
    [401, 'invalid_client', { client_id: 'somebody' }],
    [401, 'invalid_client', { client_secret: 'wrong' }],
    [400, 'invalid_scope', { scope: 'read:actions' }],
    [400, 'unsupported_grant_type', { grant_type: 'magic' }],
  ])('answers %i %s to a request that is wrong in %o', async (status, error, change) => {
    const { simulator } = await simulate();
    const form = { ...clientCredentials(simulator), ...change };
    expect(await signIn(simulator, form)).toMatchObject({ status, body: { error } });
  });

  it('refuses an unknown tenant, and a missing one only where it is told to', async () => {
    const { simulator } = await simulate();
    expect((await signIn(simulator, clientCredentials(simulator), '/auth/token?tenant=nobody')).status).toBe(
      400,
    );
    expect((await signIn(simulator, clientCredentials(simulator), '/auth/token')).status).toBe(200);
    const { simulator: strict } = await simulate({ requireTenant: true });
    expect((await signIn(strict, clientCredentials(strict), '/auth/token')).status).toBe(400);
  });

  it('tells where to sign in without a token', async () => {
    const { simulator } = await simulate({ tenant: 'contoso' });
    expect((await ask(`${simulator.url}/api/authinfo`)).body).toEqual({
      auth_url: `${simulator.url}/auth`,
      tenant_id: 'contoso',
    });
    const discovery = await ask(`${simulator.url}/auth/.well-known/openid-configuration`);
    expect(discovery.body.token_endpoint).toBe(`${simulator.url}/auth/token`);
  });
});

describe('a token', () => {
  it('without a scope is issued, and every call then answers 401 with no body', async () => {
    const { simulator } = await simulate();
    const { scope: _, ...form } = clientCredentials(simulator);
    const token = (await signIn(simulator, form)).body.access_token;
    const headers = { authorization: `Bearer ${token}` };
    expect(await ask(`${simulator.url}/api/Status`, { headers })).toMatchObject({ status: 401, text: '' });
    expect(await ask(`${simulator.url}/api/Status`)).toMatchObject({ status: 401, text: '' });
  });

  it('expires by time and by command', async () => {
    const short = await simulate({ tokenLifetime: 0 });
    expect((await short.get('Status')).status).toBe(401);
    const { simulator, get } = await simulate();
    expect((await get('Status')).status).toBe(200);
    simulator.expireTokens();
    expect(await get('Status')).toMatchObject({ status: 401, text: '' });
  });

  it('may do what its scopes allow: edit:X reads too, and users, agents and lookups need none', async () => {
    const { simulator } = await simulate();
    const reader = callerOf(simulator, ['read:tickets']);
    expect((await reader.get('Tickets?count=1')).status).toBe(200);
    expect((await reader.get('Users?count=1')).status).toBe(200);
    expect(await reader.post('Tickets', [{ summary: 'x' }])).toMatchObject({ status: 403, text: '' });
    expect(await reader.get('Asset')).toMatchObject({ status: 403, text: '' });
    const editor = callerOf(simulator, ['edit:assets']);
    expect((await editor.get('Asset')).status).toBe(200);
    expect((await editor.post('Asset', [{ inventory_number: 'A', client_id: 1 }])).status).toBe(201);
  });
});
