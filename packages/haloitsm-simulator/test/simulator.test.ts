import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseFaults } from '../src/faults.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../src/index.ts';
import { parseRateLimit } from '../src/rate-limit.ts';

async function start(options: SimulatorOptions = {}) {
  const simulator = await startSimulator({ tickets: 130, ...options });
  onTestFinished(() => simulator.stop());
  return simulator;
}

async function token(simulator: Simulator, more: Record<string, string> = {}) {
  const { url, tenant, clientId, clientSecret } = simulator;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: 'all',
    ...more,
  });
  const answer = await fetch(`${url}/auth/token?tenant=${tenant}`, { method: 'POST', body });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

async function signedIn(options: SimulatorOptions = {}, scope = 'all') {
  const simulator = await start(options);
  const { body } = await token(simulator, { scope });
  const call = async (method: string, path: string, json?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${simulator.url}/api/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${body['access_token']}`,
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json !== undefined && { body: typeof json === 'string' ? json : JSON.stringify(json) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      text,
      body: text === '' ? undefined : JSON.parse(text),
      headers: answer.headers,
    };
  };
  return { simulator, call };
}

describe('the token endpoint', () => {
  it('gives tokens for both grants, for the form and for Basic', async () => {
    const simulator = await start();
    expect(await token(simulator)).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', expires_in: 3600, scope: 'all' },
    });
    const { username, password, clientId, clientSecret, url } = simulator;
    expect(
      await token(simulator, { grant_type: 'password', username, password, client_secret: '' }),
    ).toMatchObject({ status: 200 });
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    const answer = await fetch(`${url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'all' }),
    });
    expect(answer.status).toBe(200);
  });

  it.each<[Record<string, string>, number, string]>([
    [{ client_secret: 'wrong' }, 401, 'invalid_client'],
    [{ client_id: 'wrong' }, 401, 'invalid_client'],
    [{ scope: 'read:actions' }, 400, 'invalid_scope'],
    [{ grant_type: 'password', username: 'x', password: 'y' }, 400, 'invalid_grant'],
    [{ grant_type: 'magic' }, 400, 'unsupported_grant_type'],
  ])('answers %j with %i %s', async (more, status, error) => {
    expect(await token(await start(), more)).toEqual({ status, body: { error } });
  });

  it('issues a token without a scope, that every call then refuses with an empty 401', async () => {
    const { call } = await signedIn({}, '');
    expect(await call('GET', 'Tickets')).toMatchObject({ status: 401, text: '' });
  });

  it('lets a token die', async () => {
    const { simulator, call } = await signedIn();
    expect((await call('GET', 'Status')).status).toBe(200);
    simulator.expireTokens();
    expect((await call('GET', 'Status')).status).toBe(401);
  });

  it('refuses with an empty 403 what the scope does not allow', async () => {
    const { call } = await signedIn({}, 'read:tickets');
    expect((await call('GET', 'Tickets?pageinate=true&page_no=1')).status).toBe(200);
    expect(await call('POST', 'Tickets', [{ summary: 'x' }])).toMatchObject({ status: 403, text: '' });
    expect((await call('GET', 'Asset')).status).toBe(403);
    expect((await call('GET', 'Users')).status).toBe(200);
  });
});

describe('a list', () => {
  it('ignores paging without pageinate: 50 rows, and no word of the rest', async () => {
    const { call } = await signedIn();
    const { body } = await call('GET', 'Tickets?page_size=100&page_no=2');
    expect([body.tickets.length, body.record_count, body.page_no]).toEqual([50, 50, undefined]);
  });

  it('caps the page silently, and says how many there are', async () => {
    const { call } = await signedIn();
    const { body } = await call('GET', 'tickets?pageinate=true&page_size=1000&page_no=1');
    expect([body.tickets.length, body.record_count]).toEqual([100, 130]);
    expect((await call('GET', 'Tickets?pageinate=true&page_size=1000&page_no=2')).body.tickets).toHaveLength(
      30,
    );
    expect((await call('GET', 'Tickets?pageinate=true&page_size=1000&page_no=3')).body).toMatchObject({
      record_count: 130,
      tickets: [],
    });
  });

  it('has the shape of its resource: envelope, bare list, or either', async () => {
    const { call } = await signedIn();
    expect((await call('GET', 'Status')).body[0]).toMatchObject({ id: 1, name: 'New' });
    expect(Array.isArray((await call('GET', 'Agent')).body)).toBe(true);
    expect(Object.keys((await call('GET', 'Agent?pageinate=true&page_no=1')).body)).toContain('results');
    expect((await call('GET', 'Actions?ticket_id=3')).body).toMatchObject({
      ticket_id: 3,
      actions: expect.arrayContaining([expect.objectContaining({ id: 1, ticket_id: 3 })]),
    });
    expect((await call('GET', 'Site?pageinate=true&page_no=1')).text).toMatch(/"client_id":\d+\.0/);
    expect((await call('GET', 'Priority')).body[0]).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      priorityid: 1,
    });
  });

  it('filters, orders and searches', async () => {
    const { simulator, call } = await signedIn();
    const list = async (query: string) =>
      (await call('GET', `Tickets?pageinate=true&page_no=1&page_size=100&${query}`)).body;
    const open = await list('open_only=true');
    const closed = await list('closed_only=true');
    expect(open.record_count + closed.record_count).toBe(130);
    expect((await list('order=id&orderdesc=true')).tickets[0].id).toBe(130);
    expect(
      (await list('client_id=3')).tickets.every((ticket: { client_id: number }) => ticket.client_id === 3),
    ).toBe(true);
    const since = '2026-06-01T00:00:00';
    const changed = simulator.records('Tickets').filter((ticket) => String(ticket['last_update']) >= since);
    expect((await list(`lastupdatefromdate=${since}`)).record_count).toBe(changed.length);
    const opened = simulator.records('Tickets').filter((ticket) => String(ticket['dateoccurred']) >= since);
    expect((await list(`datesearch=dateoccured&startdate=${since}`)).record_count).toBe(opened.length);
    expect((await list('idonly=true')).tickets[0]).toEqual({ id: 1 });
  });

  it('has rows of a realistic size, thinner than the record itself, and the same for the same seed', async () => {
    const [one, two] = [await signedIn({ seed: 7 }), await signedIn({ seed: 7 })];
    const path = 'Tickets?pageinate=true&page_no=1&page_size=100';
    const { body, text } = await one.call('GET', path);
    expect((await two.call('GET', path)).text).toBe(text);
    const sizes = body.tickets.map((ticket: object) => JSON.stringify(ticket).length);
    const mean = sizes.reduce((sum: number, size: number) => sum + size, 0) / sizes.length;
    expect([mean > 1500, mean < 3000]).toEqual([true, true]);
    expect(body.tickets[0].customfields).toBeUndefined();
    expect((await one.call('GET', 'Tickets/1')).body.customfields).toHaveLength(4);
  });
});

describe('a write', () => {
  it('creates without an id, updates with one, and answers with the last of several', async () => {
    const { simulator, call } = await signedIn();
    const created = await call('POST', 'Tickets', [{ summary: 'one', client_id: 2 }, { summary: 'two' }]);
    expect(created).toMatchObject({ status: 201, body: { summary: 'two', id: 132, status_id: 1 } });
    const all = await call('POST', 'Tickets?returnall=true', [
      { id: 131, summary: 'changed' },
      { id: 132, priority_id: 1 },
    ]);
    expect(all.body).toMatchObject([
      { id: 131, summary: 'changed', client_id: 2 },
      { id: 132, summary: 'two', priority_id: 1 },
    ]);
    expect(simulator.records('Tickets')).toHaveLength(132);
  });

  it('counts the ids of actions anew in each ticket', async () => {
    const { call } = await signedIn();
    const before = (await call('GET', 'Actions?ticket_id=5')).body.actions.length;
    const { body } = await call('POST', 'Actions', [{ ticket_id: 5, outcome: 'Note', note: 'hi' }]);
    expect(body).toMatchObject({ id: before + 1, ticket_id: 5 });
    expect((await call('GET', `Actions/${before + 1}?ticket_id=5`)).body).toMatchObject({ note: 'hi' });
  });

  it.each<[string, unknown, number, unknown]>([
    ['Tickets', { summary: 'no list' }, 400, { '': [expect.stringContaining('JSON array')] }],
    [
      'Asset',
      [{ client_id: 'x' }],
      400,
      {
        '[0].client_id': [
          expect.stringMatching(
            /^Could not convert string to integer: x\. Path '\[0\]\.client_id', line 1, position \d+\.$/,
          ),
        ],
      },
    ],
    ['Asset', [{ client_id: '95.0' }], 400, { '[0].client_id': [expect.anything()] }],
    [
      'Asset',
      [{ client_id: 999 }],
      400,
      { ClassName: 'System.Exception', Message: expect.stringContaining('999') },
    ],
    ['Tickets', [{}], 400, { ClassName: 'System.Exception' }],
    ['SLA', [{}], 400, 'Priority Description must not be blank'],
    ['Tickets', [{ id: 99999, summary: 'x' }], 404, undefined],
    ['Nonsense', [{}], 404, undefined],
  ])('refuses POST %s %j with %i', async (path, body, status, answer) => {
    const { call } = await signedIn();
    const result = await call('POST', path, body);
    expect(result.status).toBe(status);
    if (answer === undefined) expect(result.text).toBe('');
    else if (typeof answer === 'string') expect(result.body).toBe(answer);
    else expect(result.body).toMatchObject(answer as object);
  });

  it('wants JSON', async () => {
    const { call } = await signedIn();
    expect((await call('POST', 'Tickets', '[]', { 'content-type': 'text/plain' })).status).toBe(415);
  });

  it('deletes once; tickets softly; what is referred to not at all; some things with a parameter only', async () => {
    const { call } = await signedIn();
    expect((await call('DELETE', 'Tickets/4?reason=spam')).body).toMatchObject({ id: 4 });
    expect((await call('DELETE', 'Tickets/4')).status).toBe(404);
    expect((await call('GET', 'Tickets/4')).status).toBe(404);
    expect((await call('GET', 'Tickets?pageinate=true&page_no=1&deleted=true')).body.tickets).toMatchObject([
      { id: 4 },
    ]);
    expect((await call('POST', 'Tickets', [{ id: 4, _recover: true }])).status).toBe(201);
    expect((await call('GET', 'Tickets/4')).status).toBe(200);
    expect(await call('DELETE', 'Status/1')).toMatchObject({
      status: 400,
      body: expect.stringContaining('linked'),
    });
    expect(await call('DELETE', 'Field/1')).toMatchObject({
      status: 400,
      body: 'Field kind must be specified',
    });
    expect(await call('GET', 'Tickets/probe')).toMatchObject({
      status: 400,
      body: { id: ["The value 'probe' is not valid."] },
    });
  });

  it('serves the rest of the catalogue as resources of its own', async () => {
    const { call } = await signedIn();
    const { body } = await call('POST', 'Supplier', [{ name: 'Parts & Co' }]);
    expect((await call('GET', `Supplier/${body.id}`)).body).toMatchObject({ name: 'Parts & Co' });
    expect((await call('GET', 'Supplier?pageinate=true&page_no=1')).body.suppliers).toHaveLength(1);
    expect((await call('DELETE', `Supplier/${body.id}`)).status).toBe(200);
  });
});

describe('trouble', () => {
  it('limits the rate with a sentence and a time to wait', async () => {
    const { simulator, call } = await signedIn({ rateLimit: { requests: 3, windowMs: 180_000 } });
    for (let n = 0; n < 3; n++) expect((await call('GET', 'Status')).status).toBe(200);
    const refused = await fetch(`${simulator.url}/api/Status`);
    expect([refused.status, Number(refused.headers.get('retry-after')) > 170]).toEqual([429, true]);
    expect(await refused.text()).toBe('Rate Limit Reached - 3 Requests per rolling 3 minute window');
  });

  it('comes on demand, before the work or after it', async () => {
    const { simulator, call } = await signedIn();
    simulator.failNext({ fault: '500', method: 'POST' });
    simulator.failNext({ fault: '500', method: 'POST', afterwards: true });
    expect([
      (await call('POST', 'Supplier', [{ name: 'a' }])).status,
      (await call('POST', 'Supplier', [{ name: 'b' }])).status,
    ]).toEqual([500, 500]);
    expect(simulator.records('Supplier').map((one) => one['name'])).toEqual(['b']);
    simulator.failNext({ fault: 'truncate' });
    await expect(call('GET', 'Status')).rejects.toThrow();
    expect(
      simulator
        .journal()
        .map((entry) => entry.fault)
        .filter(Boolean),
    ).toEqual(['500', '500 afterwards', 'truncate']);
  });

  it('comes at the rates asked for, the same for the same seed', async () => {
    const statuses = async () => {
      const { call } = await signedIn({ faults: parseFaults('503=0.3'), seed: 5 });
      const all: number[] = [];
      for (let n = 0; n < 40; n++) all.push((await call('GET', 'Status')).status);
      return all;
    };
    const [one, two] = [await statuses(), await statuses()];
    expect(one).toEqual(two);
    expect(one.filter((status) => status === 503).length).toBeGreaterThan(4);
    expect(() => parseFaults('600=0.1')).toThrow(RangeError);
    expect(() => parseRateLimit('fast')).toThrow(RangeError);
  });

  it('keeps its records in a file, for the next start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const state = join(folder, 'deep/state.json');
    const first = await startSimulator({ tickets: 3, state });
    const { body } = await token(first);
    await fetch(`${first.url}/api/Supplier`, {
      method: 'POST',
      headers: { authorization: `Bearer ${body['access_token']}`, 'content-type': 'application/json' },
      body: '[{"name":"kept"}]',
    });
    await first.stop();
    const second = await start({ tickets: 99, state });
    expect(second.records('Supplier')).toMatchObject([{ name: 'kept', id: 1 }]);
    expect(second.records('Tickets')).toHaveLength(3);
  });
});
