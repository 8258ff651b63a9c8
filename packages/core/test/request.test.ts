import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCompiler } from '../src/compile.ts';
import type { Client } from '../src/contracts.ts';
import type { OptionFinding } from '../src/findings.ts';
import { createHttp } from '../src/http/index.ts';
import type { Json, JsonObject } from '../src/json.ts';
import { checkOptions } from '../src/options.ts';
import { createRegistry } from '../src/registry.ts';
import { requestsSent } from '../src/requests.ts';
import { serve, testRun, transformerSuite } from '../src/testing/index.ts';
import { request } from '../src/transformers/request.ts';

type Answer = (url: URL, request: IncomingMessage, body: string) => { status?: number; body?: Json };

/** A client of a server that answers by a function, and what it was asked. */
async function system(answer: Answer) {
  const asked: string[] = [];
  const handle = (incoming: IncomingMessage, response: ServerResponse, text: string) => {
    asked.push([incoming.method, incoming.url, text].filter((part) => part !== '').join(' '));
    const { status = 200, body } = answer(new URL(incoming.url ?? '', 'http://x'), incoming, text);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  const http = createHttp({ baseUrl: await serve(handle), retry: { attempts: 1 } });
  onTestFinished(() => http.close());
  const client: Client = { ping: async () => {}, request: (one) => http.request(one) };
  return { asked, client };
}

/** Takes a record through steps that may ask the client "api". */
async function apply(client: Client, steps: readonly Json[], data: JsonObject, run = testRun()) {
  const { log } = run;
  const compiler = createCompiler({
    registry: createRegistry([]),
    place: 'route',
    saved: () => undefined,
    clientOf: () => client,
    log,
    resolvePath: (path) => path,
  });
  return compiler.chain(steps)(data, run);
}

const asking = (options: JsonObject) => [{ request: { client: 'api', ...options } }];
const people: Readonly<Record<string, JsonObject>> = { '7': { name: 'Ann' }, 'a/b': { name: 'Slash' } };
const findPerson: Answer = ({ pathname }) => {
  const person = people[decodeURIComponent(pathname.replace(/^\/people\//, ''))];
  return person ? { body: person } : { status: 404, body: { message: 'nobody' } };
};

describe('the transformer request', () => {
  transformerSuite({
    component: request as never,
    options: { client: 'api', path: 'people/&{agent}', to: 'person', expect: [404], statusTo: 'meta.status' },
    clients: async () => ({ api: (await system(findPerson)).client }),
    cases: [
      {
        given: { agent: 7 },
        expect: [{ agent: 7, person: { name: 'Ann' }, meta: { status: 200 } }],
      },
      {
        given: { agent: 'a/b' },
        expect: [{ agent: 'a/b', person: { name: 'Slash' }, meta: { status: 200 } }],
      },
      {
        given: { agent: 9 },
        expect: [{ agent: 9, person: { message: 'nobody' }, meta: { status: 404 } }],
      },
    ],
    failures: [
      { given: { agent: null }, code: 'request.missing_parameter' },
      { given: { agent: '..' }, code: 'request.invalid' },
    ],
  });

  it.each<[string, JsonObject, Json | undefined, JsonObject]>([
    ['takes the place of the record', {}, { name: 'Ann' }, { name: 'Ann' }],
    ['is wrapped where it is a list', {}, [1, 2], { value: [1, 2] }],
    ['is wrapped where it is a part that is none', { items: 'name' }, { name: 'Ann' }, { value: 'Ann' }],
    ['leaves the record as it is where it has no body', {}, undefined, { id: 1 }],
    ['is null at a path where it has no body', { to: 'a' }, undefined, { id: 1, a: null }],
    ['goes to a path', { to: 'a.b' }, { n: 1 }, { id: 1, a: { b: { n: 1 } } }],
    ['goes there in part', { to: 'a', items: 'rows[0].n' }, { rows: [{ n: 1 }] }, { id: 1, a: 1 }],
  ])('answer %s', async (_, options, body, expected) => {
    const { client } = await system(() => ({ ...(body !== undefined && { body }) }));
    expect(await apply(client, asking({ path: 'x', ...options }), { id: 1 })).toEqual([expected]);
  });

  it('sends query, headers and body as the record has them', async () => {
    let type: string | undefined;
    const { client, asked } = await system((_, { headers }) => {
      type = headers['content-type'];
      return {};
    });
    const options = {
      method: 'post',
      path: 'search',
      query: { q: '&{q}', none: '?{x}' },
      body: { q: '&{q}' },
    };
    await apply(client, asking(options), { q: 'ä b' });
    await apply(client, asking({ ...options, encoding: 'form' }), { q: 'ä b' });
    expect(asked).toEqual(['POST /search?q=%C3%A4+b {"q":"ä b"}', 'POST /search?q=%C3%A4+b q=%C3%A4+b']);
    expect(type).toBe('application/x-www-form-urlencoded');
  });

  it('reads a list of pages to its end', async () => {
    const { client, asked } = await system(({ searchParams }) => {
      const page = Number(searchParams.get('page'));
      return { body: { rows: page < 3 ? [`${page}a`, `${page}b`] : [] } };
    });
    const options = { path: 'list', query: { of: '&{id}' }, items: 'rows', paging: { page: {} }, to: 'rows' };
    expect(await apply(client, asking(options), { id: 7 })).toEqual([
      { id: 7, rows: ['1a', '1b', '2a', '2b'] },
    ]);
    expect(asked).toHaveLength(3);
    expect(asked[2]).toBe('GET /list?of=7&page=3');
  });

  it('takes an expected status of a list for one without rows', async () => {
    const { client } = await system(() => ({ status: 404, body: { message: 'none' } }));
    const options = { path: 'list', items: 'rows', paging: { page: {} }, to: 'rows', expect: [404] };
    expect(await apply(client, asking(options), {})).toEqual([{ rows: [] }]);
  });

  it.each([
    [404, 'client.not_found'],
    [400, 'client.refused'],
    [500, 'client.server_error'],
  ])('fails the record on %i with %s, and names its step', async (status, code) => {
    const { client } = await system(() => ({ status }));
    await expect(apply(client, [{ set: { a: 1 } }, ...asking({ path: 'x' })], {})).rejects.toMatchObject({
      code,
      status,
      path: 'transformers[1].request',
    });
  });

  it('stops with the run, and is counted for it', async () => {
    const { client } = await system(() => ({ body: {} }));
    const run = testRun();
    await apply(client, asking({ path: 'x' }), {}, run);
    expect(requestsSent(run.signal)).toBe(1);
    run.abort();
    await expect(apply(client, asking({ path: 'x' }), {}, run)).rejects.toThrow('aborted by the test');
  });

  it('cannot use a client that has no HTTP', async () => {
    const client: Client = { ping: async () => {} };
    await expect(apply(client, asking({ path: 'x' }), {})).rejects.toMatchObject({
      code: 'config.wrong_client',
    });
  });

  it.each<[JsonObject, string[]]>([
    [{ path: 'x' }, []],
    [{}, ['config.missing_option ']],
    [{ path: 'https://h.example/x' }, ['config.invalid_value path']],
    [{ path: 'x', body: {} }, ['config.invalid_value body']],
    [{ path: 'x', paging: {} }, ['config.missing_option paging']],
    [{ path: 'x', paging: { page: {}, in: 'body' } }, ['config.invalid_value paging.in']],
    [{ path: 'x', method: 'FETCH' }, ['config.invalid_value method']],
    [{ path: 'x', expect: ['404'] }, ['config.wrong_type expect.0']],
  ])('with %j has the mistakes %j', (options, expected) => {
    const found: OptionFinding[] = [];
    const report = (finding: OptionFinding) => void found.push(finding);
    const checked = checkOptions(request.options, { client: 'api', ...options }, report);
    if (checked !== undefined) request.check?.(checked as never, report);
    expect(found.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual(expected);
  });
});
