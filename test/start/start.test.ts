import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command, haloEnv, type Running, startCommand } from '../support/command.ts';
import { eventually, freePort } from '../support/http.ts';
import { HALO_PROJECT, makeProject, writeFiles } from '../support/project.ts';
import { delivered, simulate } from '../support/simulator.ts';

const EVERY_SECOND = `
schedule: { cron: "* * * * * *", timezone: Europe/Amsterdam }
`;

const SCHEDULED = {
  ...HALO_PROJECT,
  'incoming/tickets.yaml': `${HALO_PROJECT['incoming/tickets.yaml']}${EVERY_SECOND}`,
};

/** The JSON lines that a running command logged so far. */
function logOf(running: Running): () => { msg: string; [fact: string]: unknown }[] {
  let text = '';
  running.process.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  return () =>
    text
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line));
}

async function started(project: string, env: Record<string, string>, ...args: string[]) {
  const running = startCommand(['start', '--config', project, ...args], env);
  const log = logOf(running);
  await eventually(log, (lines) => lines.some(({ msg }) => msg === 'started'));
  return { ...running, log };
}

describe('millrace start', () => {
  it('reads by the schedule, delivers what came, and sends what is unchanged only once', async () => {
    const simulator = await simulate({ tickets: 40 });
    const project = await makeProject(SCHEDULED);
    const runner = await started(project, haloEnv(simulator));
    await eventually(
      () => delivered(simulator).size,
      (size) => size === 40,
    );
    await eventually(runner.log, (lines) => lines.filter(({ msg }) => msg === 'run ended').length >= 2);
    const [ticket] = simulator.records('Tickets');
    simulator.save('Tickets', { ...ticket, client_id: ticket?.['client_id'] === 1 ? 2 : 1 });
    await eventually(
      () => delivered(simulator).get(`T-${ticket?.['id']}`),
      (count) => count === 2,
    );
    runner.process.kill('SIGTERM');
    const { code } = await runner.done;
    expect(code).toBe(0);
    expect([...delivered(simulator).values()].reduce((sum, count) => sum + count, 0)).toBe(41);
  });

  it('stops within its deadline on SIGTERM while it is busy, exits 0 and leaves nothing in processing', async () => {
    const simulator = await simulate({ tickets: 1000, latency: 5 });
    const project = await makeProject(SCHEDULED);
    const runner = await started(project, haloEnv(simulator));
    await eventually(
      () => delivered(simulator).size,
      (size) => size > 200,
    );
    const asked = performance.now();
    runner.process.kill('SIGTERM');
    const { code } = await runner.done;
    expect(code).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
    const list = async (status: string) =>
      JSON.parse((await command(['tasks', 'list', '--json', '--config', project, '--status', status])).stdout)
        .result.tasks;
    expect(await list('processing')).toEqual([]);
    expect(await list('unknown')).toEqual([]);
    const again = await started(project, haloEnv(simulator));
    await eventually(
      () => delivered(simulator).size,
      (size) => size === 1000,
    );
    again.process.kill('SIGTERM');
    await again.done;
    expect([...delivered(simulator).values()].every((count) => count === 1)).toBe(true);
    const runs = JSON.parse((await command(['runs', 'list', '--json', '--config', project])).stdout).result
      .runs;
    // The one that was stopped was taken up, not begun anew.
    expect(runs.at(-1)).toMatchObject({ status: 'finished', read: 1000 });
  });

  it('leaves at once at the second signal', async () => {
    const simulator = await simulate({ tickets: 20 });
    simulator.failNext({ fault: 'slow', method: 'POST', path: 'Asset', times: 20, delayMs: 25_000 });
    const project = await makeProject(SCHEDULED);
    const runner = await started(project, haloEnv(simulator));
    await eventually(
      () => simulator.journal({ method: 'POST', path: 'Asset' }).length,
      (length) => length > 0,
    );
    runner.process.kill('SIGTERM');
    await eventually(runner.log, (lines) => lines.some(({ msg }) => msg.startsWith('stopping')));
    runner.process.kill('SIGTERM');
    expect((await runner.done).code).toBe(143);
  });

  it('answers /health to anybody, /metrics to who has the token', async () => {
    const simulator = await simulate({ tickets: 10 });
    const port = await freePort();
    const project = await makeProject({
      ...SCHEDULED,
      'millrace.yaml': 'http: { port: "${PORT}", token: "${TOKEN}" }\n',
    });
    const env = { ...haloEnv(simulator), PORT: String(port), TOKEN: 'a-token-for-metrics' };
    const runner = await started(project, env);
    const url = `http://127.0.0.1:${port}`;
    await eventually(
      () => delivered(simulator).size,
      (size) => size === 10,
    );
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.json()]).toMatchObject([
      200,
      { live: true, ready: true, stopping: false, store: { ok: true }, clients: { halo: { ok: true } } },
    ]);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    const authorization = `Bearer ${env.TOKEN}`;
    const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization } })).text();
    expect(metrics).toContain('millrace_tasks{route="to-assets",status="finished"} 10');
    expect(metrics).toContain('millrace_attempts_total{route="to-assets",outcome="finished"} 10');
    expect(metrics).toContain('millrace_task_lag_seconds{route="to-assets"} 0');
    expect(metrics).toMatch(/millrace_runs_total\{incoming="tickets",status="finished"\} \d/);
    expect(metrics).toMatch(
      /millrace_request_duration_seconds_count\{client="halo",method="POST",status="201"\} 10/,
    );
    expect(metrics).toMatch(/millrace_schedule_fires\{schedule="incoming\/tickets",outcome="started"\} \d/);
    runner.process.kill('SIGTERM');
    expect((await runner.done).code).toBe(0);
  });

  it('is live and not ready when a client cannot be reached', async () => {
    const simulator = await simulate({ tickets: 5 });
    const port = await freePort();
    const project = await makeProject({ ...HALO_PROJECT, 'millrace.yaml': `http: { port: ${port} }\n` });
    const env = haloEnv(simulator);
    await simulator.stop();
    await started(project, env);
    const health = await fetch(`http://127.0.0.1:${port}/health`);
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({
      live: true,
      ready: false,
      clients: { halo: { ok: false, error: { code: 'client.unreachable' } } },
    });
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(401);
  });

  it('refuses a broken project, and a port that is taken', async () => {
    const broken = await makeProject({ ...HALO_PROJECT, 'routes/to-assets.yaml': 'incoming: nothing\n' });
    const result = await command(
      ['start', '--json', '--config', broken],
      haloEnv(await simulate({ tickets: 1 })),
    );
    expect(result.code).toBe(2);
    const port = await freePort();
    const simulator = await simulate({ tickets: 1 });
    const project = await makeProject({ ...SCHEDULED, 'millrace.yaml': `http: { port: ${port} }\n` });
    await started(project, haloEnv(simulator));
    const second = await command(['start', '--config', project], haloEnv(simulator));
    expect([second.code, second.stderr]).toEqual([
      2,
      expect.stringContaining(`Port ${port} of 127.0.0.1 cannot be opened`),
    ]);
  });

  it('shares the work with a second runner on the same store: each record is delivered once, each fire started once', async () => {
    const simulator = await simulate({ tickets: 300, latency: 2 });
    const project = await makeProject(SCHEDULED);
    const one = await started(project, haloEnv(simulator));
    const two = await started(project, haloEnv(simulator));
    await eventually(
      () => delivered(simulator).size,
      (size) => size === 300,
    );
    await eventually(one.log, (lines) => lines.filter(({ msg }) => msg === 'run ended').length >= 2);
    // What is at the desk and not yet in the store when a runner is killed goes out again: that is not meant here.
    await eventually(
      async () =>
        JSON.parse(
          (await command(['tasks', 'list', '--json', '--status', 'new,processing', '--config', project]))
            .stdout,
        ),
      ({ result }) => result.tasks.length === 0,
    );
    // The first owns the schedule: when it is killed, the second takes it over.
    one.process.kill('SIGKILL');
    await one.done;
    const before = two.log().filter(({ msg }) => msg === 'run ended').length;
    await eventually(two.log, (lines) => lines.filter(({ msg }) => msg === 'run ended').length > before);
    two.process.kill('SIGTERM');
    expect((await two.done).code).toBe(0);
    expect([...delivered(simulator).values()].every((count) => count === 1)).toBe(true);
    const { result } = JSON.parse((await command(['schedule', '--json', '--config', project])).stdout);
    const { expected, started: begun, skipped, missed, pending } = result.schedules[0].fires;
    expect(begun + skipped + missed + pending).toBe(expected);
  });
});

describe('a reload', () => {
  it('on SIGHUP restarts only what changed; cursors and tasks stay', async () => {
    const simulator = await simulate({ tickets: 20 });
    const project = await makeProject(SCHEDULED);
    const runner = await started(project, haloEnv(simulator));
    await eventually(
      () => delivered(simulator).size,
      (size) => size === 20,
    );
    const route = HALO_PROJECT['routes/to-assets.yaml'] ?? '';
    await writeFiles(project, { 'routes/to-assets.yaml': route.replace('"T-&{id}"', '"T-new-&{id}"') });
    runner.process.kill('SIGHUP');
    await eventually(
      () => delivered(simulator).size,
      (size) => size === 40,
    );
    const reloaded = runner.log().find(({ msg }) => msg === 'reloaded');
    expect(reloaded).toMatchObject({
      restarted: ['incoming/tickets', 'outgoing/assets'],
      started: [],
      stopped: [],
    });
    runner.process.kill('SIGHUP');
    await eventually(runner.log, (lines) =>
      lines.some(({ msg, kept }) => msg === 'reloaded' && (kept as string[]).length === 2),
    );
    runner.process.kill('SIGTERM');
    expect((await runner.done).code).toBe(0);
  });

  it('with --watch follows the files; a broken change is refused with its findings, and the old project goes on', async () => {
    const simulator = await simulate({ tickets: 10 });
    const project = await makeProject(SCHEDULED);
    const runner = await started(project, haloEnv(simulator), '--watch');
    await eventually(
      () => delivered(simulator).size,
      (size) => size === 10,
    );
    await writeFile(join(project, 'routes/to-assets.yaml'), 'incoming: tickets\noutgoing: asets\n');
    await eventually(runner.log, (lines) =>
      lines.some(({ msg }) => msg.includes('the one before keeps running')),
    );
    expect(runner.log()).toContainEqual(
      expect.objectContaining({
        code: 'config.unknown_reference',
        line: 2,
        file: expect.stringContaining('to-assets.yaml'),
      }),
    );
    const runs = () => runner.log().filter(({ msg }) => msg === 'run ended').length;
    const before = runs();
    await eventually(runs, (count) => count > before);
    await writeFiles(project, {
      'routes/to-assets.yaml': HALO_PROJECT['routes/to-assets.yaml'] ?? '',
      'routes/second.yaml': `incoming: tickets\noutgoing: assets\ntransformers:\n  - map: { payload: { inventory_number: "T-second-&{id}", client_id: "&{client_id}" } }\n`,
    });
    await eventually(
      () => delivered(simulator).size,
      (size) => size === 20,
    );
    runner.process.kill('SIGTERM');
    expect((await runner.done).code).toBe(0);
  });
});
