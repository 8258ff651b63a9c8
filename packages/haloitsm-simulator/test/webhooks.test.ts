import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isLoopback } from '../src/webhooks/delivery.ts';
import { ask, type Caller, simulate } from './support.ts';

// Payloads are looked at by the tests, member by member.
type Payload = ReturnType<typeof JSON.parse>;

interface Received {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Payload;
}

/** Somebody who receives webhooks, and answers with these statuses in turn, then with 200. */
async function receiver(statuses: number[] = []) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const { method = '', headers } = request;
      received.push({ method, headers, text, body: text === '' ? undefined : JSON.parse(text) });
      response.writeHead(statuses.shift() ?? 200, { 'x-receiver': 'yes' }).end('thanks');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/halo` };
}

async function subscribe({ post }: Caller, fields: object): Promise<string> {
  const { status, body } = await post('Webhook', [{ name: 'Ours', type: 0, method: 0, ...fields }]);
  expect(status).toBe(201);
  return body.id;
}

const ALL = ['New Ticket Logged', 'Ticket Updated', 'Ticket Status Changed', 'Action Added'].map((name) => ({
  name,
}));

describe('a webhook', () => {
  it('tells of a new ticket, as a live instance does', async () => {
    const caller = await simulate();
    const { received, url } = await receiver();
    const id = await subscribe(caller, { url, events: [{ id: 41, eventno: 3 }] });
    const { body: ticket } = await caller.post('Tickets', [{ summary: 'Broken', client_id: 3 }]);
    await caller.simulator.hooksSent();
    expect(received).toHaveLength(1);
    const [{ method, headers, body }] = received as [Received];
    expect([method, headers['content-type']]).toEqual(['POST', 'application/json']);
    expect(headers.authorization).toBeUndefined();
    expect(body).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      webhook_id: id,
      notification_id: 41,
      escmsg_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      event: 'new ticket logged',
      message: expect.stringContaining('Ticket ID: 0000121.'),
      object_id: 121,
      agent_id: 1,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/),
    });
    expect(body.ticket).toEqual({ ...ticket, hasbeenclosed: false });
  });

  it('wants its events only: by number, by name, or by a notification that names it', async () => {
    const caller = await simulate();
    const { received, url } = await receiver();
    await subscribe(caller, { url, events: [{ name: 'ticket reassigned' }, { eventno: 76 }] });
    const id = await subscribe(caller, { url: `${url}?notified`, events: [] });
    await caller.post('Notification', [{ webhook_id: id, eventno: '39', type: -2, delivery_method: 6 }]);
    caller.simulator.save('Tickets', { id: 1, status_id: 1, agent_id: 3 });
    await caller.simulator.hooksSent();
    received.length = 0;
    await caller.post('Tickets', [{ id: 1, summary: 'Only the summary' }]);
    await caller.post('Tickets', [{ id: 1, agent_id: 4 }]);
    await caller.post('Tickets', [{ id: 1, status_id: 9 }]);
    await caller.delete('Tickets/1');
    await caller.simulator.hooksSent();
    expect(received.map(({ body }) => body.event).sort()).toEqual([
      'closed',
      'ticket reassigned',
      'ticket status changed',
    ]);
    expect(received.find(({ body }) => body.event === 'closed')?.body).toMatchObject({
      webhook_id: id,
      ticket: { status_id: 9, hasbeenclosed: true },
    });
  });

  it('tells of actions with their ticket, of what users do, and of other records', async () => {
    const caller = await simulate();
    const { received, url } = await receiver();
    const names = [
      'Action Added',
      'Ticket Updated by User',
      'Asset Created',
      'User Updated',
      'Ticket Deleted',
    ];
    await subscribe(caller, { url, events: names.map((name) => ({ name })) });
    const action = { ticket_id: 2, outcome: 'Note', note: 'From the user', who_type: 0, who: 'Ann' };
    await caller.post('Actions', [action]);
    await caller.post('Asset', [{ inventory_number: 'T-1', client_id: 1 }]);
    await caller.post('Users', [{ id: 1, jobtitle: 'Boss' }]);
    await caller.delete('Tickets/7');
    await caller.simulator.hooksSent();
    expect(received.map(({ body }) => [body.event, body.object_id])).toEqual([
      ['action added', 2],
      ['ticket updated by user', 2],
      ['asset created', 61],
      ['user updated', 1],
      ['ticket deleted', 7],
    ]);
    expect(received[0]?.body).toMatchObject({ ticket: { id: 2 }, action: { note: 'From the user' } });
    expect(received[2]?.body.asset).toMatchObject({ inventory_number: 'T-1' });
    expect(received[3]?.body.user).toMatchObject({ jobtitle: 'Boss' });
  });

  it('tells of what people at the desk do, too', async () => {
    const caller = await simulate();
    const { received, url } = await receiver();
    await subscribe(caller, { url, events: ALL });
    caller.simulator.save('Tickets', { summary: 'By an agent' });
    caller.simulator.churn({ create: 1, change: 1, per: 'call', limit: 3 });
    for (let call = 0; call < 4; call++) await caller.get('Status');
    await caller.simulator.hooksSent();
    const events = received.map(({ body }) => body.event);
    expect(events.filter((event) => event === 'new ticket logged')).toHaveLength(4);
    expect(events.filter((event) => event === 'ticket updated')).toHaveLength(3);
  });

  it.each([
    [
      { authentication_type: 1, basic_username: 'halo', basic_password: 's3cret' },
      'authorization',
      'Basic aGFsbzpzM2NyZXQ=',
    ],
    [{ authentication_type: 2, basic_password: 's3cret' }, 'authorization', 'Bearer s3cret'],
    [
      { authentication_type: 3, authentication_header: 'X-Ours', basic_password: 's3cret' },
      'x-ours',
      's3cret',
    ],
  ])('signs in with %o', async (authentication, header, value) => {
    const caller = await simulate();
    const { received, url } = await receiver();
    const id = await subscribe(caller, { url, ...authentication, events: [{ eventno: 3 }] });
    await caller.post('Tickets', [{ summary: 'x' }]);
    await caller.simulator.hooksSent();
    expect(received[0]?.headers[header]).toBe(value);
    // The secret is told to nobody else.
    const seen = [await caller.get(`Webhook/${id}`), await caller.get('Webhook')];
    const log = caller.simulator.records('WebhookEvent');
    expect(JSON.stringify([seen, log])).not.toContain('s3cret');
    expect(log[0]?.['requestheaders']).toContain(`${header}: ***`);
  });

  it('sends a small object, the event alone, or what a template makes of them', async () => {
    const caller = await simulate();
    const { received, url } = await receiver();
    const events = [{ eventno: 3 }];
    const template = '{"title": "New: {{ticket.summary}}", "id": {{object_id}}, "none": {{ticket.nothing}}}';
    await subscribe(caller, { url, events, payload_type: 3 });
    await subscribe(caller, { url, events, payload_type: 4 });
    await subscribe(caller, { url, events, custom_payload: true, payload: template });
    await caller.post('Tickets', [{ summary: 'A "quoted" \\ word', details: 'long' }]);
    await caller.simulator.hooksSent();
    const bodies = received.map(({ body }) => body);
    const small = bodies.find((body) => body.ticket);
    expect(small.ticket).toMatchObject({ id: 121, summary: 'A "quoted" \\ word', status_id: 1 });
    expect(small.ticket).not.toHaveProperty('details');
    expect(bodies.find((body) => body.event && !body.ticket)).toMatchObject({ object_id: 121 });
    expect(bodies.find((body) => body.title)).toEqual({
      title: 'New: A "quoted" \\ word',
      id: 121,
      none: null,
    });
  });

  it('sends several events at once where it batches', async () => {
    const caller = await simulate();
    const { received, url } = await receiver();
    const batch = { batch_method: 3, batch_delay_seconds: 60, batch_limit: 3 };
    await subscribe(caller, { url, events: [{ eventno: 3 }], ...batch });
    for (const summary of ['a', 'b', 'c', 'd']) await caller.post('Tickets', [{ summary }]);
    await caller.simulator.hooksSent();
    expect(received.map(({ body }) => body.map((one: Payload) => one.ticket.summary))).toEqual([
      ['a', 'b', 'c'],
      ['d'],
    ]);
  });

  it('keeps the order of what happened', async () => {
    const caller = await simulate();
    const { received, url } = await receiver();
    await subscribe(caller, { url, events: [{ name: 'Ticket Updated' }] });
    for (let change = 0; change < 20; change++)
      await caller.post('Tickets', [{ id: 1, summary: `${change}` }]);
    await caller.simulator.hooksSent();
    expect(received.map(({ body }) => body.ticket.summary)).toEqual(
      Array.from({ length: 20 }, (_, n) => `${n}`),
    );
  });

  it('is silent where it is not active, and sends nowhere but to this machine', async () => {
    const caller = await simulate();
    const { received, url } = await receiver();
    const events = [{ eventno: 3 }];
    await subscribe(caller, { url, events, active: false });
    await subscribe(caller, { url, events, type: 1 });
    await subscribe(caller, { url: 'http://192.0.2.1/hooks', events });
    await caller.post('Tickets', [{ summary: 'x' }]);
    await caller.simulator.hooksSent();
    expect(received).toEqual([]);
    expect(caller.simulator.records('WebhookEvent')).toMatchObject([
      { status: 0, error: true, responsebody: expect.stringContaining('not on this machine') },
    ]);
    for (const good of [
      'http://127.0.0.1:1/a',
      'https://localhost/a',
      'http://[::1]:8/a',
      'http://127.9.9.9/',
    ])
      expect(isLoopback(good)).toBe(true);
    for (const bad of [
      'http://127.0.0.1.evil.example/',
      'ftp://127.0.0.1/',
      'http://10.0.0.1/',
      'no address',
    ])
      expect(isLoopback(bad)).toBe(false);
  });
});

describe('the log of deliveries', () => {
  it('lists them thin, and tells everything of one', async () => {
    const caller = await simulate();
    const { received, url } = await receiver([500]);
    const id = await subscribe(caller, { url, events: [{ id: 5, eventno: 3 }] });
    await caller.post('Tickets', [{ summary: 'x' }]);
    await caller.simulator.hooksSent();
    const { body: list } = await caller.get(`WebhookEvent?pageinate=true&page_no=1&webhook_id=${id}`);
    expect(list).toMatchObject({ record_count: 1, page_no: 1 });
    expect(Object.keys(list.events[0]).sort()).toEqual([
      'id',
      'integation_method_name',
      'notification_id',
      'status',
      'timestamp',
      'webhook_id',
    ]);
    const { body } = await caller.get(`WebhookEvent/${list.events[0].id}`);
    expect(body).toMatchObject({
      id: received[0]?.body.id,
      status: 500,
      responsestatus: 500,
      requestbody: received[0]?.text,
      responseheaders: expect.stringContaining('x-receiver: yes'),
      responsebody: 'thanks',
      entity_id: 121,
      error: true,
    });
    expect((await caller.get(`Webhook/${id}`)).body.last_status).toBe(500);
  });

  it('can send one again: the same payload with the same id', async () => {
    const caller = await simulate();
    const { simulator } = caller;
    const { received, url } = await receiver([503]);
    await subscribe(caller, { url, events: [{ eventno: 3 }] });
    await caller.post('Tickets', [{ summary: 'x' }]);
    await simulator.hooksSent();
    const id = simulator.records('WebhookEvent')[0]?.['id'];
    const resend = (name: unknown) => ask(`${simulator.url}/__simulator/resend/${name}`, { method: 'POST' });
    expect((await resend(id)).status).toBe(200);
    await simulator.hooksSent();
    expect(received[1]?.text).toBe(received[0]?.text);
    expect(simulator.records('WebhookEvent').map(({ status }) => status)).toEqual([503, 200]);
    expect((await resend('nothing')).status).toBe(400);
  });

  it('ends in a webhook that is switched off after so many failures in a row', async () => {
    const caller = await simulate();
    const { received, url } = await receiver([500, 200, 500, 500, 500, 500]);
    const id = await subscribe(caller, { url, events: [{ eventno: 3 }], auto_disable_attempts: 3 });
    for (let ticket = 0; ticket < 7; ticket++) {
      await caller.post('Tickets', [{ summary: 'x' }]);
      await caller.simulator.hooksSent();
    }
    expect(received).toHaveLength(5);
    expect((await caller.get(`Webhook/${id}`)).body.active).toBe(false);
  });
});

describe('a webhook on purpose', () => {
  it('can be lost, doubled or late', async () => {
    const caller = await simulate();
    const { simulator } = caller;
    const { received, url } = await receiver();
    await subscribe(caller, { url, events: [{ eventno: 3 }] });
    simulator.failNext({ fault: 'hook-lost' });
    simulator.failNext({ fault: 'hook-double', after: 1 });
    simulator.failNext({ fault: 'hook-late', after: 2, delayMs: 150 });
    for (const summary of ['lost', 'double', 'late', 'last']) await caller.post('Tickets', [{ summary }]);
    await simulator.hooksSent();
    expect(received.map(({ body }) => body.ticket.summary)).toEqual(['double', 'double', 'last', 'late']);
    expect(received[0]?.body.id).toBe(received[1]?.body.id);
    expect(simulator.records('WebhookEvent')).toHaveLength(4);
  });

  it('goes wrong by chance, the same for the same seed, and changes nothing that calls meet', async () => {
    const run = async (hooks: boolean) => {
      const caller = await simulate({
        faults: { 'hook-lost': 0.3, 'hook-double': 0.2, '500': 0.2 },
      });
      const { received, url } = await receiver();
      if (hooks)
        await caller.simulator.save('Webhook', { url, type: 0, active: true, events: [{ eventno: 3 }] });
      for (let call = 0; call < 30; call++) await caller.post('Tickets', [{ summary: `${call}` }]);
      await caller.simulator.hooksSent();
      const calls = caller.simulator.journal().map(({ fault }) => fault);
      return { sent: received.map(({ body }) => body.ticket.summary), calls };
    };
    const [first, second, without] = [await run(true), await run(true), await run(false)];
    expect(second).toEqual(first);
    expect(without.calls).toEqual(first.calls);
    expect(new Set(first.sent).size).toBeLessThan(25);
    expect(first.sent.length).toBeGreaterThan(new Set(first.sent).size);
  });
});
