import { describe, expect, it } from 'vitest';
import { receiver } from '../support/http.ts';
import type { ProjectFiles } from '../support/project.ts';
import { HALO_PROJECT } from '../support/project.ts';
import { testByCommand, testProject } from '../support/tests.ts';

/** A plugin whose transformer asks a system about each record, by a client that may be wrong. */
const plugin = (client: string) => `
import { ClientName, defineClient, definePlugin, definePublisher, defineTransformer, Options } from '@millrace/core';
import { createHttp, publishEach } from '@millrace/core/http';
import { get } from 'node:https';
import { Type } from 'typebox';

const client = defineClient({
  description: 'A client.',
  options: Options({ url: Type.String({ pattern: '^https?://', description: 'Address' }) }),
  create({ url }, { traffic, transport }) {
    const ping = async () => {};
    ${client}
  },
});
const ask = defineTransformer({
  description: 'Asks about a record.',
  options: Options({ client: ClientName({ description: 'Client' }), method: Type.String({ default: 'GET', description: 'Method' }) }),
  create: (options, { clientOf }) => ({
    async transform(data, { signal }) {
      const json = options.method === 'GET' ? {} : { json: { id: data.id } };
      const query = data.page === undefined ? {} : { query: { page: data.page } };
      const { body } = await clientOf(options.client).request({ method: options.method, path: 'people/' + data.id, ...query, ...json, signal });
      return { ...data, answer: body ?? null };
    },
  }),
});
const publisher = definePublisher({
  client,
  description: 'Reads, then posts.',
  options: Options({}),
  create: (_, { client: desk }) => publishEach('POST', async ({ data }, { signal }) => {
    const { body } = await desk.request({ method: 'GET', path: 'state', signal });
    return desk.request({ method: 'POST', path: 'notes', query: { dry: false, n: 1 }, json: { ...data, state: body }, signal });
  }),
});
export default definePlugin({ name: 'desk', components: { client, ask, publisher } });
`;
const RIGHT = `const http = createHttp({ baseUrl: url, ...(traffic && { traffic }), ...(transport && { transport }) });
    return { ping, request: (r) => http.request(r), close: async () => http.close() };`;

const desk = (client: string, cases: string, url = '${DESK_URL}/v2', method = 'GET'): ProjectFiles => ({
  'plugins/desk.ts': plugin(client),
  'clients/desk.yaml': `desk: { url: "${url}" }`,
  'incoming/rows.yaml': `
subscriber: { file: { path: rows.ndjson } }
entity: { type: row, identifier: id }
transformers:
  - desk: { client: desk, method: ${method} }
`,
  'incoming/rows.test.yaml': `target: incoming/rows\ncases:\n${cases}`,
  'routes/r.yaml': 'incoming: rows\noutgoing: notes\n',
  'outgoing/notes.yaml': 'publisher: { desk: { client: desk } }\nbatch: { size: 2 }\n',
});

const call = (path: string, answer: string, more = '') =>
  `{ request: { method: GET, path: ${path}${more} }, response: ${answer} }`;

describe('recorded HTTP', () => {
  it('answers calls by method, path and query, each answer once, the last one again, and needs no environment', async () => {
    const { failures, findings } = await testByCommand(
      desk(
        RIGHT,
        `
  - name: whole path
    http: [${call('/v2/people/1', '{ body: { n: 1 } }')}]
    given: { id: 1 }
    expect: [{ id: 1, answer: { n: 1 } }]
  - name: below the client
    http: [${call('people/1', '{ body: plain }')}]
    given: { id: 1 }
    expect: [{ id: 1, answer: plain }]
  - name: by query
    http: [${call('people/1', '{ body: 1 }', ', query: { page: 1 }')}, ${call('people/1?page=2', '{ body: 2 }')}]
    given: [{ id: 1, page: 2 }, { id: 1, page: 1 }]
    expect: [{ id: 1, page: 2, answer: 2 }, { id: 1, page: 1, answer: 1 }]
  - name: in order, the last one again
    http: [${call('people/1', '{ body: a }')}, ${call('people/1', '{ body: b }')}]
    given: [{ id: 1 }, { id: 1 }, { id: 1 }]
    expect: [{ id: 1, answer: a }, { id: 1, answer: b }, { id: 1, answer: b }]
  - name: an empty answer
    http: [${call('people/1', '{ status: 204 }')}]
    given: { id: 1 }
    expect: [{ id: 1, answer: null }]
  - name: a system that fails
    http: [${call('people/1', '{ status: 503 }')}]
    given: { id: 1 }
    expectError: client.unavailable
`,
      ),
    );
    expect(findings).toEqual([]);
    expect(failures).toEqual({});
  });

  it('fails a case for a call without an answer and for an answer without a call, whatever else it says', async () => {
    const { failures } = await testByCommand(
      desk(
        RIGHT,
        `
  - name: no answer
    given: { id: 1, page: 3 }
    expect: [{ id: 1, page: 3 }]
  - name: an answer too many
    http: [${call('people/1', '{ body: 1 }')}, ${call('people/2', '{ body: 2 }')}]
    given: { id: 1 }
    expect: [{ id: 1, answer: 1 }]
  - name: another body
    http: [{ request: { method: POST, path: people/1, body: { id: 2 } }, response: {} }]
    given: { id: 1 }
    expect: []
`,
        'http://unused.invalid/v2',
        'POST',
      ),
    );
    expect(Object.keys(failures)).toEqual(['no answer', 'an answer too many', 'another body']);
    expect(failures['no answer']).toContain('POST /v2/people/1?page=3 has no recorded answer');
    expect(failures['an answer too many']).toContain('No call asked for the recorded answer to GET people/2');
    expect(failures['another body']).toContain('POST /v2/people/1 has no recorded answer');
  });
});

describe('expected requests', () => {
  const notes = (cases: string): ProjectFiles => ({
    ...desk(RIGHT, '  - { name: x, http: [], given: [], expect: [] }'),
    'outgoing/notes.test.yaml': `target: outgoing/notes\ncases:\n${cases}`,
  });
  const state = `http: [${call('state', '{ body: open }')}]`;

  it('run the real publisher and compare what it sends: method, path, query, body', async () => {
    const { failures } = await testByCommand(
      notes(`
  - name: right
    ${state}
    given: { text: Hi }
    expectRequests: [{ method: POST, path: /v2/notes, query: { dry: false, n: 1 }, body: { state: open, text: Hi } }]
  - name: with its reads
    ${state}
    given: { text: Hi }
    expectRequests: [{ method: GET, path: state }, { method: POST, path: notes }]
  - name: wrong body
    ${state}
    given: { text: Hi }
    expectRequests: [{ method: POST, path: notes, body: { text: Hi } }]
  - name: wrong query
    ${state}
    given: { text: Hi }
    expectRequests: [{ method: POST, path: notes, query: { dry: true } }]
  - name: wrong path
    ${state}
    given: { text: Hi }
    expectRequests: [{ method: POST, path: /v2/note }]
  - name: one is missing
    ${state}
    given: [{ text: Hi }, { text: Ho }, { text: Ha }]
    expectRequests: [{ method: POST, path: notes }, { method: POST, path: notes }]
  - name: the system refuses
    http: [${call('state', '{}')}, { request: { method: POST, path: notes }, response: { status: 422, body: { message: No } } }]
    given: { text: Hi }
    expectRequests: [{ method: POST, path: notes }]
    expectError: entity.rejected
`),
    );
    expect(Object.keys(failures)).toEqual(['wrong body', 'wrong query', 'wrong path', 'one is missing']);
    expect(failures['wrong body']).toContain('+      "state": "open"');
    expect(failures['wrong query']).toContain('+      "dry": "false"');
    expect(failures['wrong path']).toMatch(/-\s+"path": "\/v2\/note"\n\+\s+"path": "\/v2\/notes"/);
    expect(failures['one is missing']).toContain('3 requests sent, 2 requests expected');
  });

  it('sign in at the test itself', async () => {
    const { failures } = await testProject({
      ...HALO_PROJECT,
      'outgoing/assets.test.yaml': `
target: outgoing/assets
cases:
  - name: an array of one
    given: { payload: { inventory_number: T-1 } }
    expectRequests: [{ method: POST, path: /Asset, body: [{ inventory_number: T-1 }] }]
`,
    });
    expect(failures).toEqual({});
  });
});

describe('plugins that forget their transport', () => {
  const wrong = {
    createhttp:
      'const http = createHttp({ baseUrl: url, retry: { attempts: 1 } }); return { ping, request: (r) => http.request(r) };',
    fetch: 'return { ping, request: async (r) => ({ body: await (await fetch(url + r.path)).json() }) };',
    hides:
      'return { ping, request: async (r) => ({ body: await fetch(url + r.path).then(() => "sent", () => "hidden") }) };',
    tls: 'return { ping, request: (r) => new Promise((_, no) => get(url.replace("http:", "https:"), no).on("error", no)) };',
  };

  it('reach no system, and the cases say so', async () => {
    const { url, received } = await receiver();
    const files = Object.entries(wrong).map(([name, client]) => {
      const cases = `  - { name: ${name}, given: { id: 1 }, expect: [{ id: 1, answer: hidden }] }\n`;
      const one = desk(client, cases, `${url}/`);
      return {
        [`plugins/${name}.ts`]: (one['plugins/desk.ts'] ?? '').replace("name: 'desk'", `name: '${name}'`),
        [`clients/${name}.yaml`]: (one['clients/desk.yaml'] ?? '').replace('desk:', `${name}:`),
        [`incoming/${name}.yaml`]: (one['incoming/rows.yaml'] ?? '').replaceAll(/\bdesk\b/g, name),
        [`incoming/${name}.test.yaml`]: (one['incoming/rows.test.yaml'] ?? '').replace(
          'incoming/rows',
          `incoming/${name}`,
        ),
      };
    });
    const { failures, code } = await testByCommand(Object.assign({}, ...files));
    expect(code).toBe(5);
    expect(Object.keys(failures).sort()).toEqual(Object.keys(wrong).sort());
    for (const message of Object.values(failures)) {
      expect(message).toContain('reached for the network, and was stopped');
      expect(message).toContain('hand `transport` to createHttp');
    }
    expect(received).toEqual([]);
  });
});
