import { describe, expect, it } from 'vitest';
import { haloEnv, run, startCommand } from '../support/command.ts';
import { eventually } from '../support/http.ts';
import { HALO_PROJECT, makeProject, writeFiles } from '../support/project.ts';
import { delivered, simulate } from '../support/simulator.ts';

const limited = (limit: string) => ({
  ...HALO_PROJECT,
  'clients/halo.yaml': `${HALO_PROJECT['clients/halo.yaml']}  limit: ${limit}\n`,
});

describe('a client with a limit', () => {
  it('meets no 429, also with two processes on one store, and publishing is not starved by polling', async () => {
    // 12 pages to read and 120 records to send, 50 requests in any 1.5 s.
    const simulator = await simulate({
      tickets: 120,
      pageCap: 10,
      rateLimit: { requests: 50, windowMs: 1_500 },
    });
    const project = await makeProject(limited('50/1500ms'));
    const env = haloEnv(simulator);
    const first = startCommand(['run', '--json', '--config', project], env);
    const second = startCommand(['run', '--json', '--tasks-only', '--config', project], env);
    expect([(await first.done).code, (await second.done).code]).toEqual([0, 0]);
    const rest = await run(project, env, '--tasks-only');
    expect(rest.code).toBe(0);
    expect(delivered(simulator).size).toBe(120);
    expect(simulator.journal().filter(({ status }) => status === 429)).toEqual([]);
  });

  it.runIf(process.env['MILLRACE_LONG'])(
    'takes 3,000 requests at 500 per 18 s through in at most 1.05 of the time that the limit allows, without a 429',
    { timeout: 180_000 },
    async () => {
      const simulator = await simulate({
        tickets: 2970,
        pageCap: 100,
        rateLimit: { requests: 500, windowMs: 18_000 },
      });
      const project = await makeProject(limited('500/18s'));
      const { code, json } = await run(project, haloEnv(simulator));
      expect(code).toBe(0);
      expect(json.result.runs[0]).toMatchObject({ status: 'finished', read: 2970 });
      const calls = simulator.journal().filter(({ path }) => path.startsWith('/api/'));
      expect(calls.length).toBeGreaterThanOrEqual(3000);
      expect(calls.filter(({ status }) => status === 429)).toEqual([]);
      const times = calls.map(({ time }) => Date.parse(time));
      const seconds = (Math.max(...times) - Math.min(...times)) / 1000;
      process.stderr.write(`${calls.length} requests in ${seconds.toFixed(1)} s\n`);
      expect(seconds).toBeLessThanOrEqual(1.05 * 90);
    },
  );
});

describe('a sink that answers 503', () => {
  it('is left alone for a while, uses up no attempts, and gets every record once', async () => {
    const simulator = await simulate({ tickets: 60 });
    const project = await makeProject({
      ...HALO_PROJECT,
      // Two attempts: more than two refusals of a record would fail it, did they count.
      'outgoing/assets.yaml': `
publisher: { haloitsm: { client: halo, method: post, entity: Asset } }
retry: { attempts: 4, initial: 10ms, max: 50ms }
concurrency: 3
`,
    });
    simulator.failNext({ fault: '503', method: 'POST', path: 'Asset', times: 7 });
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(0);
    expect(json.result.tasks).toEqual({ 'to-assets': { finished: 60 } });
    expect([...delivered(simulator).values()].every((count) => count === 1)).toBe(true);
    const refused = simulator
      .journal({ method: 'POST', path: 'Asset' })
      .filter(({ status }) => status === 503);
    expect(refused).toHaveLength(7);
  });
});

describe('a disk that runs low', () => {
  it('pauses reading, and says so; what is stored is delivered', async () => {
    const simulator = await simulate({ tickets: 30, pageCap: 10 });
    const project = await makeProject({ ...HALO_PROJECT, 'millrace.yaml': 'minFreeDisk: 1000000000\n' });
    const running = startCommand(['run', '--config', project], haloEnv(simulator));
    let stderr = '';
    running.process.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    await eventually(
      () => stderr,
      (text) => text.includes('tickets: reading waits, only'),
    );
    await eventually(
      () => delivered(simulator).size,
      (size) => size === 10,
    );
    running.process.kill('SIGTERM');
    expect((await running.done).code).toBe(143);
    expect(simulator.journal({ method: 'GET', path: 'Tickets' })).toHaveLength(1);
    await writeFiles(project, { 'millrace.yaml': 'minFreeDisk: 1\n' });
    expect((await run(project, haloEnv(simulator))).code).toBe(0);
    expect(delivered(simulator).size).toBe(30);
  });
});
