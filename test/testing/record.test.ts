import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serve } from '../../packages/core/src/testing/index.ts';
import { command, haloEnv } from '../support/command.ts';
import { HALO_PROJECT, makeProject } from '../support/project.ts';
import { simulate } from '../support/simulator.ts';
import { testFolder } from '../support/tests.ts';

/** Asks a system about the person of a record, and posts what comes of it. */
const PLUGIN = `
import { ClientName, defineClient, definePlugin, definePublisher, defineTransformer, Options, Secret } from '@millrace/core';
import { createHttp, publishEach } from '@millrace/core/http';
import { Type } from 'typebox';
const client = defineClient({
  description: 'A client.',
  options: Options({ url: Type.String({ description: 'Address' }), token: Secret({ description: 'Token' }) }),
  create({ url, token }, { transport }) {
    const http = createHttp({ baseUrl: url, headers: { authorization: 'Bearer ' + token }, ...(transport && { transport }) });
    return { ping: async () => {}, request: (r) => http.request(r), close: async () => http.close() };
  },
});
const ask = defineTransformer({
  description: 'Asks about a person.',
  options: Options({ client: ClientName({ description: 'Client' }) }),
  create: (options, { clientOf }) => ({
    async transform(data, { signal, storages }) {
      const path = 'people/' + encodeURIComponent(data.email);
      const { body } = await clientOf(options.client).request({ method: 'GET', path, query: { full: true }, signal });
      const agent = await storages.get('agents').get(data.email);
      await storages.get('agents').set(data.email, { seen: true });
      return { ...data, person: body, agent: agent ?? null };
    },
  }),
});
const publisher = definePublisher({
  client,
  description: 'Posts.',
  options: Options({}),
  create: (_, { client: desk }) => publishEach('POST', ({ data }, { signal }) => desk.request({ method: 'POST', path: 'notes', json: data, signal })),
});
export default definePlugin({ name: 'desk', components: { client, ask, publisher } });
`;

async function texts(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.includes('.recorded'));
  const read = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const);
  return new Map(await Promise.all(read));
}

describe('millrace test --record', () => {
  it('writes tests of live records that pass at once, with the answers of systems, and nobody in them', async () => {
    const posted: string[] = [];
    const url = await serve((request, response) => {
      if (request.method === 'POST') posted.push(request.url ?? '');
      const email = decodeURIComponent(/people\/([^?]+)/.exec(request.url ?? '')?.[1] ?? '');
      response.writeHead(email.startsWith('gone') ? 404 : 200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          email,
          phone: '+31 20 555 0199',
          note: `${email} is Ann Archer`,
          secret: 'tok-4711',
        }),
      );
    });
    const folder = await makeProject({
      'plugins/desk.ts': PLUGIN,
      'clients/desk.yaml': 'desk: { url: "${DESK_URL}", token: "${DESK_TOKEN}" }\n',
      'storages/agents.yaml': 'ttl: 1d\n',
      'rows.ndjson': [
        {
          id: 1,
          email: 'ann@archer.example',
          full_name: 'Ann Archer',
          text: 'Token tok-4711, says Ann Archer',
        },
        { id: 2, email: 'bo@archer.example', full_name: 'Bo Archer', room: 'Cellar' },
        { id: 3, email: 'gone@archer.example', full_name: 'Cy Gone' },
        { id: 4, email: 'ann@archer.example', full_name: 'Ann Archer' },
      ]
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
      'incoming/rows.yaml':
        'subscriber: { file: { path: rows.ndjson } }\nentity: { type: row, identifier: id }\n',
      'routes/to-notes.yaml':
        'incoming: rows\noutgoing: notes\ntransformers: [{ desk: { client: desk } }, { set: { at: "@{run.startedAt}" } }]\n',
      'outgoing/notes.yaml': 'publisher: { desk: { client: desk } }\n',
    });
    const env = { DESK_URL: url, DESK_TOKEN: 'tok-4711' };
    const recorded = await command(
      ['test', '--record', 'to-notes', '--limit', '4', '--redact', 'room', '--json', '--config', folder],
      env,
    );
    expect(recorded.code).toBe(0);
    expect(JSON.parse(recorded.stdout).result.files).toEqual([
      'incoming/fixtures/rows.recorded.json',
      'incoming/rows.recorded.test.yaml',
      'outgoing/fixtures/notes.recorded.json',
      'outgoing/notes.recorded.test.yaml',
      'routes/fixtures/to-notes.recorded.client-not_found.json',
      'routes/fixtures/to-notes.recorded.json',
      'routes/to-notes.recorded.test.yaml',
    ]);
    expect(posted).toEqual([]);
    const all = [...(await texts(folder)).values()].join('\n');
    expect(all).not.toMatch(/archer|\bann\b|\bcy\b|555|4711|cellar/i);
    expect(all).toContain('person-1@example.com');
    const route = (await texts(folder)).get('routes/to-notes.recorded.test.yaml') ?? '';
    expect(route).toContain('path: /people/person-1@example.com');
    expect(route).toContain('expectError: client.not_found');
    expect(route).toContain('path: /people/person-3@example.com');
    // Without the environment, as in CI.
    const tested = await command(['test', '--json', '--config', folder]);
    expect([tested.code, JSON.parse(tested.stdout).result]).toMatchObject([0, { passed: 4, failed: 0 }]);
    const again = await command(['test', '--record', 'to-notes', '--json', '--config', folder], env);
    expect([again.code, JSON.parse(again.stdout).findings[0].code]).toEqual([2, 'call.file_exists']);
  }, 60_000);

  it('records a HaloITSM route, down to the requests that its publisher sends', async () => {
    const simulator = await simulate({ tickets: 6, seed: 1 });
    const folder = await makeProject(HALO_PROJECT);
    const { code } = await command(
      ['test', '--record', 'to-assets', '--limit', '3', '--config', folder],
      haloEnv(simulator),
    );
    expect(code).toBe(0);
    const { failures, results } = await testFolder(folder);
    expect(failures).toEqual({});
    expect(results.map(({ target }) => target)).toEqual([
      'incoming/tickets',
      'outgoing/assets',
      'routes/to-assets',
    ]);
    const written = await texts(folder);
    expect(written.get('outgoing/assets.recorded.test.yaml')).toContain(
      'expectRequests:\n      - method: POST\n        path: /api/Asset',
    );
    const [user] = simulator.records('Tickets').map((ticket) => String(ticket['user_name']));
    expect([...written.values()].join('\n')).not.toContain(user);
  });
});
