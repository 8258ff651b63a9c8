import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compileProject } from '../../packages/runner/src/compile/compile.ts';
import { loadProject } from '../../packages/runner/src/config/load.ts';
import { openEngine } from '../../packages/runner/src/engine.ts';
import { noProgress } from '../../packages/runner/src/execution/progress.ts';
import { Health } from '../../packages/runner/src/service/health.ts';
import { Service } from '../../packages/runner/src/service/service.ts';
import { unitsOf } from '../../packages/runner/src/service/units.ts';
import { makeProject, type ProjectFiles, writeFiles } from '../support/project.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const client = (path: string, more = '') => `${more}http: { baseUrl: "http://127.0.0.1:9/${path}" }\n`;

/** One incoming, one route, one outgoing; each client is named at another place. */
const PROJECT: ProjectFiles = {
  'clients/of-incoming.yaml': client('a'),
  'clients/of-route.yaml': client('b'),
  'clients/of-outgoing.yaml': client('c'),
  'clients/of-saved.yaml': client('d'),
  'clients/source.yaml': client('e'),
  'incoming/things.yaml': `
subscriber: { http: { client: source, path: things } }
entity: { type: thing, identifier: id }
transformers: [{ request: { client: of-incoming, path: "x/&{id}", to: x } }]
schedule: { cron: "0 0 1 1 *" }
`,
  'routes/out.yaml': `
incoming: things
outgoing: out
transformers:
  - if: { when: { var: id }, then: [{ request: { client: of-route, path: y, to: y } }] }
  - use: { transformer: found }
`,
  'outgoing/out.yaml': `
transformers: [{ request: { client: of-outgoing, path: z, to: z } }]
publisher: { file: { path: out.ndjson } }
`,
  'transformers/found.yaml': 'transformers: [{ request: { client: of-saved, path: w, to: w } }]\n',
};

async function load(files: ProjectFiles) {
  const folder = await makeProject(files);
  const reload = async (changes: ProjectFiles = {}) => {
    await writeFiles(folder, changes);
    const { project, findings } = await loadProject(folder, {
      environment: 'required',
      env: {},
      cwd: folder,
    });
    const told = findings.map(({ code, file, line, path }) => `${code} ${file}:${line} ${path ?? ''}`.trim());
    return { project, told };
  };
  return { folder, reload, ...(await reload()) };
}

function compile(project: Awaited<ReturnType<typeof load>>['project']) {
  if (!project) throw new Error('the project has mistakes');
  const traffic = { take: async () => ({ publish: 1, poll: 1, grant: 1, waitMs: 0 }) };
  return compileProject(project, { log: quiet, traffic: () => traffic });
}

describe('a client that only a step names', () => {
  it('is used', async () => {
    expect((await load(PROJECT)).told).toEqual([]);
    const { told } = await load({ ...PROJECT, 'clients/lonely.yaml': client('f') });
    expect(told).toEqual(['config.unused_client clients/lonely.yaml:1']);
  });

  it('must be there, and be one that can be asked by HTTP', async () => {
    const step = (name: string, options: string) => ({
      [`transformers/${name}.yaml`]: `transformers:\n  - ${options}\n`,
    });
    const { told } = await load({
      ...PROJECT,
      ...step('a', 'request: { client: of-rout, path: x }'),
      ...step('b', 'request: { client: silent, path: x }'),
      ...step('c', 'haloitsm.request: { client: source, entity: Status }'),
      'clients/silent.yaml': 'silent: {}\n',
      'plugins/silent.ts': `
import { defineClient, definePlugin, Options } from '@millrace/core';
const client = defineClient({ description: 'Has no HTTP.', options: Options({}), create: () => ({ ping: async () => {} }) });
export default definePlugin({ name: 'silent', components: { client } });
`,
    });
    expect(told).toEqual([
      'config.unknown_reference transformers/a.yaml:2 transformers[0].request.client',
      'config.wrong_client transformers/b.yaml:2 transformers[0].request.client',
      'config.wrong_client transformers/c.yaml:2 transformers[0]."haloitsm.request".client',
    ]);
  });

  it.each([
    ['of-incoming', 0, true],
    ['of-route', 0, true],
    ['of-saved', 0, true],
    ['of-outgoing', 1, false],
  ])('switches off what needs it: %s', async (id, incomings, delivers) => {
    const name = `clients/${id}.yaml`;
    const { incoming, outgoing } = compile(
      (await load({ ...PROJECT, [name]: `enabled: false\n${PROJECT[name]}` })).project,
    );
    expect([incoming.size, outgoing.get('out')?.enabled]).toEqual([incomings, delivers]);
  });

  it.each([
    ['of-incoming', ['incoming/things', 'outgoing/out']],
    ['of-route', ['incoming/things', 'outgoing/out']],
    ['of-saved', ['incoming/things', 'outgoing/out']],
    ['of-outgoing', ['incoming/things', 'outgoing/out']],
    ['lonely', []],
  ])('begins anew what needs it when it changes: %s', async (id, units) => {
    const { project, reload } = await load({ ...PROJECT, 'clients/lonely.yaml': client('f') });
    const { project: changed } = await reload({ [`clients/${id}.yaml`]: client('changed') });
    const signatures = (one: typeof project) =>
      new Map(unitsOf({ compiled: compile(one) } as never).map((unit) => [unit.id, unit.signature]));
    const [before, after] = [signatures(project), signatures(changed)];
    expect([...before.keys()].filter((unit) => before.get(unit) !== after.get(unit))).toEqual(units);
  });

  it('is looked at by the health check, unless it is switched off', async () => {
    const server = createServer((_, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const reachable = `http: { baseUrl: "http://127.0.0.1:${(server.address() as AddressInfo).port}" }\n`;
    const files = Object.fromEntries(
      Object.keys(PROJECT)
        .filter((name) => name.startsWith('clients/'))
        .map((name) => [name, reachable]),
    );
    const { project } = await load({
      ...PROJECT,
      ...files,
      'clients/of-outgoing.yaml': client('c', 'enabled: false\n'),
    });
    if (!project) throw new Error('the project has mistakes');
    const engine = await openEngine({
      project,
      progress: noProgress,
      logStream: { write: () => {} },
      logLevel: 'silent',
    });
    onTestFinished(() => engine.close());
    const { ready, clients } = await new Health(new Service(engine)).report();
    expect(ready).toBe(true);
    expect(Object.keys(clients).sort()).toEqual(['of-incoming', 'of-route', 'of-saved', 'source']);
  });
});

describe('a step that asks a system', () => {
  it('answers with what is known of its operation, and leaves the rest of the record as it is', async () => {
    const halo = `haloitsm:
  baseUri: https://acme.haloitsm.com
  authentication: { clientCredentials: { clientId: id, clientSecret: "\${SECRET:-none}", scopes: [all] } }
`;
    const { told } = await load({
      ...PROJECT,
      'clients/halo.yaml': halo,
      'routes/known.yaml': `
incoming: tickets
outgoing: out
transformers:
  - haloitsm.request: { client: halo, entity: "Client/{id}", parameters: { path: { id: "&{client_id}" } }, to: client }
  - request: { client: of-route, path: "x/&{client.id}", query: { a: "&{sumary}" }, to: more }
  - map: { a: "&{client.name}", b: "&{client.nmae}", c: "&{more.anything}", d: "&{summary}" }
`,
      'incoming/tickets.yaml': `
subscriber: { haloitsm: { client: halo, entity: Tickets } }
entity: { type: ticket, identifier: id }
`,
      'incoming/since.yaml': `
subscriber:
  http: { client: source, path: "x/&{sinse}", incremental: { field: at }, query: { q: "?{since}" }, input: [{ set: { a: 1 } }] }
entity: { type: thing, identifier: id }
`,
      'routes/since.yaml': 'incoming: since\noutgoing: out\n',
    });
    expect(told).toEqual([
      'config.unknown_field incoming/since.yaml:3 subscriber.http.path',
      'config.unknown_field routes/known.yaml:6 transformers[1].request.query.a',
      'config.unknown_field routes/known.yaml:7 transformers[2].map.b',
    ]);
  });
});
