import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { command, haloEnv, run } from '../support/command.ts';
import { HALO_PROJECT, makeProject } from '../support/project.ts';
import { delivered, simulate, wanted } from '../support/simulator.ts';

const text = (name: keyof typeof HALO_PROJECT) => HALO_PROJECT[name] ?? '';

async function unusedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('a run against a system in trouble', () => {
  it('says that the client secret is wrong', async () => {
    const simulator = await simulate({ tickets: 5 });
    const project = await makeProject(HALO_PROJECT);
    const { code, json } = await run(project, {
      ...haloEnv(simulator),
      HALO_CLIENT_SECRET: 'not-the-secret',
    });
    expect(code).toBe(3);
    expect(json.result.runs[0]).toMatchObject({
      status: 'failed',
      read: 0,
      error: { code: 'client.unauthorized', message: expect.stringContaining('invalid_client') },
    });
    expect(JSON.stringify(json)).not.toContain('not-the-secret');
  });

  it('says which scope is refused', async () => {
    const simulator = await simulate({ tickets: 5 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'clients/halo.yaml': text('clients/halo.yaml').replace('[all]', '[read:actions]'),
    });
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(3);
    expect(json.result.runs[0]?.error).toMatchObject({
      code: 'client.unauthorized',
      message: expect.stringContaining('read:actions'),
    });
  });

  it('keeps tasks as failed that the scope does not allow to send', async () => {
    const simulator = await simulate({ tickets: 5 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'clients/halo.yaml': text('clients/halo.yaml').replace('[all]', '[read:tickets]'),
    });
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(3);
    expect(json.result.tasks['to-assets']).toEqual({ failed: 5 });
    expect(delivered(simulator).size).toBe(0);
  });

  it('says that nothing listens at the address', async () => {
    const url = await unusedUrl();
    const project = await makeProject(HALO_PROJECT);
    const env = { HALO_BASE_URI: url, HALO_CLIENT_ID: 'id', HALO_CLIENT_SECRET: 'a-secret' };
    const { code, json } = await run(project, env);
    expect(code).toBe(3);
    expect(json.result.runs[0]).toMatchObject({
      status: 'failed',
      error: { code: 'client.unreachable', hint: expect.stringContaining('address') },
    });
    const online = await command(['validate', '--online', '--json', '--config', project], env);
    expect(online.code).toBe(3);
    expect(JSON.parse(online.stdout).findings).toMatchObject([
      { code: 'client.unreachable', file: expect.stringContaining('halo.yaml') },
    ]);
  });

  it('reads on over a 500, a broken connection and a truncated page', async () => {
    const simulator = await simulate({ tickets: 450 });
    simulator.failNext({ fault: '500', method: 'GET', path: 'Tickets', after: 1 });
    simulator.failNext({ fault: 'truncate', method: 'GET', path: 'Tickets', after: 2 });
    simulator.failNext({ fault: 'reset', method: 'GET', path: 'Tickets', after: 3 });
    const project = await makeProject(HALO_PROJECT);
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(0);
    expect(json.result.runs[0]).toMatchObject({ status: 'finished', read: 450, requests: 8 });
    expect(delivered(simulator).size).toBe(450);
  });

  it('reads every page when the server caps them below the size asked for', async () => {
    const simulator = await simulate({ tickets: 230, pageCap: 50 });
    const project = await makeProject(HALO_PROJECT);
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(0);
    expect(json.result.runs[0]).toMatchObject({ announced: 230, read: 230, requests: 5 });
  });

  it('signs in again when the token is refused in the middle, once for all requests', async () => {
    const simulator = await simulate({ tickets: 400 });
    const project = await makeProject(HALO_PROJECT);
    const running = run(project, haloEnv(simulator));
    while (delivered(simulator).size < 50) await new Promise((resolve) => setTimeout(resolve, 2));
    simulator.expireTokens();
    const { code } = await running;
    expect(code).toBe(0);
    expect([...delivered(simulator).values()].every((count) => count === 1)).toBe(true);
    expect(delivered(simulator).size).toBe(400);
    expect(simulator.journal().filter((entry) => entry.path === '/auth/token')).toHaveLength(2);
  });

  it('tries again what was refused for the moment, and never twice what was taken', async () => {
    const simulator = await simulate({ tickets: 100 });
    simulator.failNext({ fault: '503', method: 'POST', path: 'Asset', times: 4, after: 5 });
    simulator.failNext({ fault: '429', method: 'POST', path: 'Asset', times: 3, after: 40 });
    const project = await makeProject(HALO_PROJECT);
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(0);
    expect(json.result.tasks['to-assets']).toEqual({ finished: 100 });
    expect([...delivered(simulator).keys()].sort()).toEqual(wanted(simulator).sort());
    expect([...delivered(simulator).values()].every((count) => count === 1)).toBe(true);
  });

  it('makes the answer that was lost visible as an unknown outcome, and delivers at least once', async () => {
    const simulator = await simulate({ tickets: 40 });
    simulator.failNext({
      fault: '500',
      method: 'POST',
      path: 'Asset',
      afterwards: true,
      times: 2,
      after: 10,
    });
    const project = await makeProject(HALO_PROJECT);
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(0);
    expect(json.result.tasks['to-assets']).toEqual({ finished: 40 });
    const doubled = [...delivered(simulator)].filter(([, count]) => count > 1);
    expect(doubled).toHaveLength(2);
    const [first] = doubled;
    const list = JSON.parse(
      (await command(['tasks', 'list', '--json', '--config', project, '--entity', first?.[0].slice(2) ?? '']))
        .stdout,
    );
    const shown = JSON.parse(
      (await command(['tasks', 'show', '--json', '--config', project, list.result.tasks[0].id])).stdout,
    );
    expect(shown.result.history).toMatchObject([
      {
        outcome: 'unknown',
        error: { code: 'client.server_error', status: 500 },
        exchange: { request: { method: 'POST' }, response: { status: 500 } },
      },
      { outcome: 'finished' },
    ]);
  });

  it('holds what is unknown where the outgoing says so, and names it in the summary', async () => {
    const simulator = await simulate({ tickets: 20 });
    simulator.failNext({ fault: 'reset', method: 'POST', path: 'Asset', afterwards: true, after: 3 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'outgoing/assets.yaml': `${text('outgoing/assets.yaml')}onUnknown: hold\n`,
    });
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(0);
    expect(json.result.tasks['to-assets']).toEqual({ finished: 19, unknown: 1 });
    expect(json.result).toMatchObject({ open: expect.stringContaining('1 unknown on to-assets') });
    expect([...delivered(simulator).values()].every((count) => count === 1)).toBe(true);
  });

  it('keeps what the system rejects, with its sentence, and what waits longer than asked for', async () => {
    const simulator = await simulate({ tickets: 12 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'routes/to-assets.yaml': text('routes/to-assets.yaml').replace(
        'client_id: "&{client_id}"',
        'client_id: { logic: { if: [{ "==": [{ var: id }, 5] }, nobody, { var: client_id }] } }',
      ),
      'outgoing/assets.yaml': text('outgoing/assets.yaml').replace(
        'initial: 50ms, max: 400ms',
        'initial: 1h, max: 1h, jitter: none',
      ),
    });
    simulator.failNext({ fault: '503', method: 'POST', path: 'Asset', after: 8 });
    const { code, json } = await run(project, haloEnv(simulator), '--wait', '0s');
    expect(code).toBe(3);
    expect(json.result.tasks['to-assets']).toEqual({ finished: 10, rejected: 1, retry: 1 });
    const list = JSON.parse(
      (await command(['tasks', 'list', '--json', '--config', project, '--status', 'rejected'])).stdout,
    );
    expect(list.result.tasks[0].error).toMatchObject({
      code: 'entity.rejected',
      message: expect.stringContaining('Could not convert string to integer: nobody'),
    });
  });

  it('does not call a run green whose source announced more than it gave', async () => {
    // A server of its own: it announces seven tickets, and has none after the fourth.
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://x');
      response.setHeader('content-type', 'application/json');
      if (url.pathname === '/auth/token') return void response.end('{"access_token":"t","expires_in":3600}');
      const page = Number(url.searchParams.get('page_no'));
      const rows = page > 2 ? [] : [{ id: page * 2 - 1 }, { id: page * 2 }];
      response.end(JSON.stringify({ page_no: page, record_count: 7, tickets: rows }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const project = await makeProject(HALO_PROJECT);
    const env = { HALO_BASE_URI: url, HALO_CLIENT_ID: 'id', HALO_CLIENT_SECRET: 'a-secret' };
    const { code, json } = await run(project, env, '--incoming-only');
    server.close();
    expect(code).toBe(4);
    expect(json.result.runs[0]).toMatchObject({
      status: 'unbalanced',
      announced: 7,
      read: 4,
      error: {
        code: 'run.unbalanced',
        message: expect.stringContaining('announced 7 records, and 4 were read'),
      },
    });
  });
});
