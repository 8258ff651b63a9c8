import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProject } from '../../packages/runner/src/config/load.ts';
import { SecretMask } from '../../packages/runner/src/execution/secrets.ts';
import { planRoute } from '../../packages/runner/src/preview/plan.ts';
import type { PlanOptions, PlanReport } from '../../packages/runner/src/preview/plan-report.ts';
import { systemClock } from '../../packages/runner/src/store/clock.ts';
import { openExistingStore } from '../../packages/runner/src/store/open-store.ts';
import { command, haloEnv, run } from '../support/command.ts';
import { receiver } from '../support/http.ts';
import { FILE_ROUTE, HALO_PROJECT, makeProject, type ProjectFiles, writeFiles } from '../support/project.ts';
import { simulate } from '../support/simulator.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function plan(
  folder: string,
  env: Readonly<Record<string, string>>,
  route: string,
  more: Partial<PlanOptions> = {},
): Promise<PlanReport> {
  const { project, findings } = await loadProject(folder, { environment: 'required', env, cwd: folder });
  const resource = project?.routes.get(route);
  if (!project || !resource) throw new Error(JSON.stringify(findings));
  const store = await openExistingStore(project.settings.store, project.directory);
  const options = { project, route: resource, signal: new AbortController().signal, clock: systemClock, log };
  try {
    return await planRoute({
      ...options,
      mask: new SecretMask(project.secrets),
      ...(store && { store }),
      ...more,
    });
  } finally {
    await store?.close();
  }
}

const TICKETS = 12;

async function project(files: ProjectFiles = {}) {
  const simulator = await simulate({ tickets: TICKETS, seed: 1 });
  const folder = await makeProject({ ...HALO_PROJECT, ...files });
  return { simulator, folder, env: haloEnv(simulator) };
}

describe('a plan', () => {
  it('shows the exact requests of a first run, sends none of them, and leaves no trace', async () => {
    const { simulator, folder, env } = await project();
    const assets = simulator.records('Asset').length;
    const before = await readdir(folder);
    const report = await plan(folder, env, 'to-assets');
    const tickets = simulator.records('Tickets');
    expect(report.counts).toEqual({
      created: TICKETS,
      changed: 0,
      unchanged: 0,
      held: 0,
      dropped: 0,
      failed: 0,
      rejected: 0,
    });
    expect(report.entities.map(({ identifier, requests }) => [identifier, requests])).toEqual(
      tickets.map((ticket) => [
        String(ticket['id']),
        [
          {
            method: 'POST',
            url: `${simulator.url}/api/Asset`,
            body: [{ inventory_number: `T-${ticket['id']}`, client_id: ticket['client_id'] }],
          },
        ],
      ]),
    );
    expect(simulator.records('Asset')).toHaveLength(assets);
    expect(await readdir(folder)).toEqual(before);
  });

  it('compares with what was delivered and with what failed', async () => {
    const { simulator, folder, env } = await project({
      'incoming/tickets.yaml': `${HALO_PROJECT['incoming/tickets.yaml']}transformers:\n  - filter: { "!=": [{ var: id }, 5] }\n`,
    });
    // One fails on its way out, and is held until something changes.
    const fourth = '{ "==": [{ var: payload.inventory_number }, T-4] }';
    await writeFiles(folder, {
      'outgoing/assets.yaml': `
publisher: { haloitsm: { client: halo, method: post, entity: Asset } }
transformers: [{ if: { when: ${fourth}, then: [{ set: { label: "No. &{no_such_field}" } }] } }]
`,
    });
    expect((await run(folder, env)).code).toBe(3);
    const unchanged = await plan(folder, env, 'to-assets');
    expect(unchanged.counts).toMatchObject({ created: 0, unchanged: TICKETS - 2, held: 1, dropped: 1 });
    expect(unchanged.entities.every(({ requests }) => requests === undefined)).toBe(true);

    await writeFiles(folder, {
      'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
transformers:
  - if:
      when: { "==": [{ var: id }, 2] }
      then: [{ set: { label: "No. &{no_such_field}" } }]
  - map:
      payload: { inventory_number: "T-&{id}", client_id: { logic: { if: [{ "==": [{ var: id }, 3] }, 99, { var: client_id }] } } }
`,
    });
    const stored = JSON.stringify((await command(['tasks', 'list', '--json', '--config', folder])).stdout);
    const changed = await plan(folder, env, 'to-assets');
    expect(changed.counts).toMatchObject({
      changed: 2,
      unchanged: TICKETS - 4,
      held: 0,
      failed: 1,
      dropped: 1,
    });
    const of = (id: string) => changed.entities.find(({ identifier }) => identifier === id);
    const ticket = simulator.records('Tickets').find(({ id }) => id === 3);
    expect(of('3')).toMatchObject({
      status: 'changed',
      before: { status: 'finished' },
      outcome: 'sent',
      requests: [{ method: 'POST', body: [{ inventory_number: 'T-3', client_id: 99 }] }],
    });
    expect(of('3')?.diff).toContain(`-    "client_id": ${ticket?.['client_id']}`);
    expect(of('3')?.diff).toContain('+    "client_id": 99');
    expect(of('2')).toMatchObject({ status: 'failed', error: { code: 'value.missing' } });
    expect(of('4')).toMatchObject({
      before: { status: 'failed' },
      diff: [],
      outcome: 'failed',
      requests: [],
    });
    expect(JSON.stringify((await command(['tasks', 'list', '--json', '--config', folder])).stdout)).toBe(
      stored,
    );
  });

  it('compares a record with an earlier one of its key in the same read', async () => {
    const folder = await makeProject({
      'rows.ndjson': '{"id":1,"a":1}\n{"id":1,"a":1}\n{"id":1,"a":2}\n',
      'incoming/rows.yaml':
        'subscriber: { file: { path: rows.ndjson } }\nentity: { type: row, identifier: id }\n',
      'routes/r.yaml': 'incoming: rows\noutgoing: lines\n',
      'outgoing/lines.yaml': 'publisher: { file: { path: lines.ndjson } }\n',
    });
    const { entities } = await plan(folder, {}, 'r');
    expect(
      entities.map(({ status, before, diff }) => [
        status,
        before?.task,
        diff?.filter((line) => /^[-+]/.test(line)),
      ]),
    ).toEqual([
      ['created', undefined, undefined],
      ['unchanged', 'this plan', undefined],
      ['changed', 'this plan', ['-  "a": 1', '+  "a": 2']],
    ]);
  });

  it('reads no further than its limit, from where it is told to, and puts a batch into one call', async () => {
    const { folder, env } = await project({
      'outgoing/assets.yaml':
        'publisher: { haloitsm: { client: halo, method: post, entity: Asset } }\nbatch: { size: 3 }\n',
      'incoming/tickets.yaml':
        HALO_PROJECT['incoming/tickets.yaml']?.replace(
          'entity: Tickets }',
          'entity: Tickets, pageSize: 2, incremental: { field: lastactiondate } }',
        ) ?? '',
    });
    const limited = await plan(folder, env, 'to-assets', { limit: 3 });
    expect([limited.read, limited.announced, limited.limited, limited.from]).toEqual([
      3,
      TICKETS,
      true,
      null,
    ]);
    // Pages of two: the third row comes with the next page.
    const shape = limited.entities.map(({ together, requests }) => [
      together,
      requests?.map(({ body }) => body),
    ]);
    expect(shape.map(([together, bodies]) => [together, (bodies as unknown[][])[0]?.length])).toEqual([
      [2, 2],
      [2, 2],
      [undefined, 1],
    ]);
    expect(limited.costs).toEqual([
      {
        client: 'halo',
        perRun: 6,
        scaled: true,
        publishing: 2,
        runsPerHour: null,
        perHour: null,
        allowedPerHour: null,
      },
    ]);
    const later = await plan(folder, env, 'to-assets', { from: { at: '2999-01-01T00:00:00.000Z' } });
    expect([later.read, later.from]).toEqual([0, { at: '2999-01-01T00:00:00.000Z' }]);
  });

  it('shows messages instead of requests where the publisher is no client, and writes no file', async () => {
    const { folder, env, simulator } = await project(FILE_ROUTE);
    const report = await plan(folder, env, 'to-file', { limit: 2 });
    const [ticket] = simulator.records('Tickets');
    expect(report.entities[0]).toMatchObject({
      outcome: 'sent',
      message: { id: ticket?.['id'], summary: ticket?.['summary'] },
      requests: [],
    });
    expect(report.notes).toEqual([
      'The publisher "file" sends no requests by a client: its messages are shown instead',
    ]);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  it('tells what the publisher would refuse, and hides secrets', async () => {
    const { folder, env } = await project({
      'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
transformers:
  - map: { payload: { logic: { if: [{ "==": [{ var: id }, 1] }, null, { cat: ["x-", "${'$'}{HALO_CLIENT_SECRET}"] }] } } }
`,
    });
    const report = await plan(folder, env, 'to-assets', { limit: 2 });
    expect(report.entities[0]).toMatchObject({
      outcome: 'rejected',
      error: { code: 'request.missing_payload' },
      requests: [],
    });
    expect(report.entities[1]?.requests).toMatchObject([{ body: ['x-•••'] }]);
    expect(JSON.stringify(report)).not.toContain(env['HALO_CLIENT_SECRET']);
  });
});

describe('millrace plan', () => {
  it('warns when a schedule costs more calls than the limit allows', async () => {
    const { folder, env } = await project({
      'clients/halo.yaml': `${HALO_PROJECT['clients/halo.yaml']}  limit: 10/1h\n`,
      'incoming/tickets.yaml': `schedule: { cron: "*/5 * * * *" }${HALO_PROJECT['incoming/tickets.yaml']}`,
    });
    const { code, stdout } = await command(
      ['plan', 'routes/to-assets', '--json', '--limit', '2', '--config', folder],
      env,
    );
    const { result, findings } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(result.costs).toMatchObject([
      { client: 'halo', perRun: 1, runsPerHour: 12, perHour: 12, allowedPerHour: 10, publishing: 2 },
    ]);
    expect(findings).toMatchObject([{ severity: 'warning', code: 'config.over_limit' }]);
    const text = await command(['plan', 'to-assets', '--show', '1', '--limit', '2', '--config', folder], env);
    expect(text.stdout).toContain(`POST ${env['HALO_BASE_URI']}/api/Asset`);
    expect(text.stdout).toContain('routes/to-assets: 2 read, 2 created');
    const unknown = await command(['plan', 'tickets', '--json', '--config', folder], env);
    expect([unknown.code, JSON.parse(unknown.stdout).findings[0].code]).toEqual([2, 'call.unknown_id']);
  });

  it('sends nothing for a plugin that forgets its transport, and nothing that a chain would send', async () => {
    const { url, received } = await receiver();
    const folder = await makeProject({
      'plugins/desk.ts': PLUGIN,
      'clients/desk.yaml': `desk: { url: "${url}" }\n`,
      'clients/good.yaml': `desk.good: { url: "${url}" }\n`,
      'rows.ndjson': '{"id":1}\n{"id":2,"ask":true}\n',
      'incoming/rows.yaml':
        'subscriber: { file: { path: rows.ndjson } }\nentity: { type: row, identifier: id }\n',
      'routes/r.yaml':
        'incoming: rows\noutgoing: notes\ntransformers: [{ if: { when: { var: ask }, then: [{ desk: { client: good } }] } }]\n',
      'outgoing/notes.yaml': 'publisher: { desk: { client: desk } }\n',
    });
    const { code, stdout } = await command(['plan', 'r', '--json', '--config', folder]);
    const { result } = JSON.parse(stdout);
    expect([code, result.counts.created, result.counts.failed]).toEqual([0, 1, 1]);
    expect(result.notes).toEqual([
      expect.stringContaining('Client "desk" does not hand `transport` to createHttp'),
    ]);
    expect(result.entities[0]).toMatchObject({ message: { id: 1 }, requests: [] });
    expect(result.entities[1].error).toMatchObject({ code: 'client.withheld' });
    expect(received).toEqual([]);
  });
});

const PLUGIN = `
import { ClientName, defineClient, definePlugin, definePublisher, defineTransformer, Options } from '@millrace/core';
import { createHttp, publishEach } from '@millrace/core/http';
import { Type } from 'typebox';
const options = Options({ url: Type.String({ description: 'Address' }) });
const make = (url, more) => {
  const http = createHttp({ baseUrl: url, ...more });
  return { ping: async () => {}, request: (r) => http.request(r), close: async () => http.close() };
};
const desk = defineClient({ description: 'Forgets.', requests: true, options, create: ({ url }) => make(url, {}) });
const good = defineClient({ description: 'Does not.', requests: true, options, create: ({ url }, { transport }) => make(url, transport ? { transport } : {}) });
const ask = defineTransformer({
  description: 'Posts.',
  options: Options({ client: ClientName({ description: 'Client' }) }),
  create: ({ client }, { clientOf }) => ({
    async transform(data, { signal }) {
      await clientOf(client).request({ method: 'POST', path: 'search', json: data, signal });
      return data;
    },
  }),
});
const publisher = definePublisher({
  client: desk,
  description: 'Posts.',
  options: Options({}),
  create: (_, { client }) => publishEach('POST', ({ data }, { signal }) => client.request({ method: 'POST', path: 'notes', json: data, signal })),
});
export default definePlugin({ name: 'desk', components: { desk, good, ask, publisher } });
`;
