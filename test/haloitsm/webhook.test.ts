import type { JsonObject } from '@millrace/core';
import { CANARY, hookRequest, receiverSuite } from '@millrace/core/testing';
import halo from '@millrace/haloitsm';
import type { Simulator } from '@millrace/haloitsm-simulator';
import { describe, expect, it } from 'vitest';
import { HookRig } from '../../packages/runner/test/service/hook-rig.ts';
import { simulate } from '../support/simulator.ts';

const component = halo.components['haloitsm.webhook'] as NonNullable<(typeof halo.components)[string]>;
const authorization = `Basic ${Buffer.from(`halo:${CANARY}`).toString('base64')}`;
const call = (body: unknown, headers: Record<string, string> = { authorization }) =>
  hookRequest({ headers, body });
const event = (id: string, more: object) => ({
  id,
  webhook_id: 'w',
  event: 'ticket updated',
  object_id: 7,
  agent_id: 1,
  timestamp: '2026-01-02T03:04:05.0000000Z',
  ...more,
});

describe('haloitsm.webhook', () => {
  receiverSuite({
    component,
    async arrange() {
      return {
        options: { entity: 'Tickets', authentication: { basic: { username: 'halo', password: CANARY } } },
        unprotected: { entity: 'Tickets' },
        requests: [
          call(event('a', { ticket: { id: 7, summary: 'x' }, action: { id: 1, ticket_id: 7 } })),
          call([event('b', { ticket: { id: 7 } }), event('c', { ticket: { id: 8 } })]),
          call(event('d', {})),
          call(event('e', { event: 'ticket deleted', ticket: { id: 7 } })),
          call(event('f', { event: 'asset updated', asset: { id: 7 } })),
          call({ id: 9, summary: 'by a template' }),
        ],
        expected: [
          [{ id: 7, summary: 'x' }],
          [{ id: 7 }, { id: 8 }],
          [{ id: 7 }],
          [],
          [],
          [{ id: 9, summary: 'by a template' }],
        ],
        forged: [call(event('a', {}), {}), call(event('a', {}), { authorization: 'Basic aGFsbzp4' })],
        unreadable: call('[]'),
      };
    },
  });
});

/** A project that takes tickets of a simulator by webhooks, and may read them, too. */
function project(simulator: Simulator, incoming: string, transformers = ''): Record<string, string> {
  const { url, tenant, clientId, clientSecret } = simulator;
  return {
    'clients/halo.yaml': `
haloitsm:
  baseUri: ${url}
  tenant: ${tenant}
  authentication: { clientCredentials: { clientId: ${clientId}, clientSecret: ${clientSecret}, scopes: [all] } }
`,
    'incoming/tickets.yaml': `${incoming}\nentity: { type: ticket, identifier: id, version: last_update }\n`,
    'routes/to-file.yaml': `
incoming: tickets
outgoing: file
transformers:
${transformers}
  - map: { id: "&{id}", summary: "&{summary}" }
`,
    'outgoing/file.yaml': 'publisher: { file: { path: out/tickets.ndjson } }\nenabled: false\n',
  };
}

const RECEIVER =
  'receiver: { haloitsm.webhook: { entity: Tickets, authentication: { basic: { username: halo, password: s3cret-key } } } }';
const SUBSCRIBER =
  'subscriber: { haloitsm: { client: halo, entity: Tickets, incremental: { field: last_update } } }';

/** Lets a simulator send what happens to tickets to the runner. */
function hook(simulator: Simulator, rig: HookRig, more: JsonObject = {}): void {
  simulator.save('Webhook', {
    name: 'Millrace',
    type: 0,
    url: `${rig.url}/hooks/tickets`,
    authentication_type: 1,
    basic_username: 'halo',
    basic_password: 's3cret-key',
    events: [{ name: 'New Ticket Logged' }, { name: 'Ticket Updated' }, { name: 'Ticket Deleted' }],
    ...more,
  });
}

const summaries = async (rig: HookRig) =>
  ((await rig.sent()) as { summary: string }[]).map(({ summary }) => summary);

describe('the webhooks of Halo', () => {
  it('bring tickets at once, and a read closes the hole of those that were lost; each comes once', async () => {
    const simulator = await simulate({ tickets: 0 });
    const rig = await HookRig.start(project(simulator, `${RECEIVER}\n${SUBSCRIBER}`));
    hook(simulator, rig);
    simulator.save('Tickets', { summary: 'one' });
    await simulator.hooksSent();
    expect(await summaries(rig)).toEqual(['one']);
    simulator.setFaults({ 'hook-lost': 1 });
    simulator.save('Tickets', { summary: 'two' });
    await simulator.hooksSent();
    expect(await summaries(rig)).toEqual(['one']);
    await rig.process.run('tickets');
    expect(await summaries(rig)).toEqual(['one', 'two']);
    expect(simulator.records('WebhookEvent')).toMatchObject([{ status: 200 }]);
  });

  it('and a read at the same time make one task of each version', async () => {
    const simulator = await simulate({ tickets: 0 });
    const rig = await HookRig.start(project(simulator, `${RECEIVER}\n${SUBSCRIBER}`));
    hook(simulator, rig);
    const wanted = Array.from({ length: 60 }, (_, index) => `t${index}`);
    const reading: Promise<unknown>[] = [];
    for (const [index, summary] of wanted.entries()) {
      simulator.save('Tickets', { summary });
      if (index % 20 === 10) reading.push(rig.process.run('tickets'));
    }
    await Promise.all([simulator.hooksSent(), ...reading]);
    expect((await summaries(rig)).sort()).toEqual([...wanted].sort());
    expect(simulator.records('WebhookEvent').map(({ status }) => status)).toEqual(wanted.map(() => 200));
  });

  it('that are sent twice, and late, bring each version once, and the newest last', async () => {
    const simulator = await simulate({ tickets: 0 });
    const rig = await HookRig.start(project(simulator, RECEIVER));
    hook(simulator, rig);
    simulator.setFaults({ 'hook-double': 1 });
    const ticket = simulator.save('Tickets', { summary: 'v1' });
    await simulator.hooksSent();
    expect(await summaries(rig)).toEqual(['v1']);
    simulator.setFaults({ 'hook-late': 1, hookLateMs: 100 });
    // Halo knows milliseconds; what happens within one is one version.
    simulator.setClockSkew(1000);
    simulator.save('Tickets', { id: Number(ticket['id']), summary: 'v2' });
    simulator.setFaults({});
    simulator.setClockSkew(2000);
    simulator.save('Tickets', { id: Number(ticket['id']), summary: 'v3' });
    await simulator.hooksSent();
    expect(await summaries(rig)).toEqual(['v1', 'v3']);
  });

  it('that carry the id alone let the chain fetch the record', async () => {
    const simulator = await simulate({ tickets: 0 });
    const fetching = `  - haloitsm.request: { client: halo, entity: "Tickets/{id}", parameters: { path: { id: "&{id}" } } }`;
    const rig = await HookRig.start(project(simulator, RECEIVER, fetching));
    hook(simulator, rig, { payload_type: 4 });
    simulator.save('Tickets', { summary: 'fetched' });
    await simulator.hooksSent();
    expect(await summaries(rig)).toEqual(['fetched']);
    const [run] = await rig.runs();
    expect(run?.counts.requests).toBe(1);
  });

  it('come in batches; of records that were deleted they tell only who asks for it', async () => {
    const simulator = await simulate({ tickets: 0 });
    const rig = await HookRig.start(project(simulator, RECEIVER));
    hook(simulator, rig, { batch_method: 3, batch_delay_seconds: 60, batch_limit: 100 });
    const ticket = simulator.save('Tickets', { summary: 'a' });
    simulator.save('Tickets', { summary: 'b' });
    simulator.remove('Tickets', String(ticket['id']));
    await simulator.hooksSent();
    expect(await summaries(rig)).toEqual(['a', 'b']);
    const [delivery] = simulator.records('WebhookEvent');
    expect(delivery).toMatchObject({ status: 200, responsebody: '{"received":2}' });
  });

  it('with a wrong secret are refused, and Halo sees why in its log of deliveries', async () => {
    const simulator = await simulate({ tickets: 0 });
    const rig = await HookRig.start(project(simulator, RECEIVER));
    hook(simulator, rig, { basic_password: 'guess' });
    simulator.save('Tickets', { summary: 'a' });
    await simulator.hooksSent();
    expect(await summaries(rig)).toEqual([]);
    expect(simulator.records('WebhookEvent')).toMatchObject([
      { status: 401, responsebody: expect.stringContaining('hook.unauthorized') },
    ]);
  });
});
