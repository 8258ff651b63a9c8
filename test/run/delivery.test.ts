import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command, haloEnv, run, startCommand } from '../support/command.ts';
import { FILE_ROUTE, HALO_PROJECT, makeProject, writeFiles } from '../support/project.ts';
import { delivered, simulate, wanted } from '../support/simulator.ts';

describe('millrace run', () => {
  it('delivers every ticket once on each route, and balances its books', async () => {
    const simulator = await simulate({ tickets: 250 });
    const project = await makeProject({ ...HALO_PROJECT, ...FILE_ROUTE });
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(0);
    const books = {
      dropped: 0,
      failed: 0,
      passed: 250,
      made: 250,
      created: 250,
      unchanged: 0,
      held: 0,
      superseded: 0,
    };
    expect(json.result.runs).toMatchObject([
      {
        status: 'finished',
        announced: 250,
        read: 250,
        dropped: 0,
        failed: 0,
        passed: 250,
        entities: 250,
        requests: 3,
        tasks: { 'to-assets': books, 'to-file': books },
      },
    ]);
    expect(json.result.tasks).toEqual({ 'to-assets': { finished: 250 }, 'to-file': { finished: 250 } });
    expect([...delivered(simulator)].filter(([, count]) => count !== 1)).toEqual([]);
    expect([...delivered(simulator).keys()].sort()).toEqual(wanted(simulator).sort());
    const lines = (await readFile(join(project, 'out/tickets.ndjson'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(lines.sort((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
  });

  it('sends nothing a second time that is unchanged, and what did change', async () => {
    const simulator = await simulate({ tickets: 120 });
    const project = await makeProject(HALO_PROJECT);
    await run(project, haloEnv(simulator));
    const again = await run(project, haloEnv(simulator));
    expect(again.json.result.runs[0]?.tasks['to-assets']).toMatchObject({
      made: 120,
      created: 0,
      unchanged: 120,
    });
    expect(delivered(simulator).size).toBe(120);
    await writeFiles(project, {
      'routes/to-assets.yaml':
        HALO_PROJECT['routes/to-assets.yaml']?.replace(
          'client_id: "&{client_id}"',
          'client_id: "&{client_id}", notes: new',
        ) ?? '',
    });
    const changed = await run(project, haloEnv(simulator));
    expect(changed.json.result.runs[0]?.tasks['to-assets']).toMatchObject({ created: 120, unchanged: 0 });
  });

  it('reads at most the limit, and leaves the books and the cursor alone', async () => {
    const simulator = await simulate({ tickets: 300 });
    const project = await makeProject(HALO_PROJECT);
    const { code, json } = await run(project, haloEnv(simulator), '--limit', '130');
    expect(code).toBe(0);
    expect(json.result.runs[0]).toMatchObject({ status: 'finished', read: 130, limited: true });
    expect(delivered(simulator).size).toBe(130);
  });

  it('reads without delivering, and delivers without reading', async () => {
    const simulator = await simulate({ tickets: 110 });
    const project = await makeProject(HALO_PROJECT);
    const reading = await run(project, haloEnv(simulator), '--incoming-only');
    expect(reading.json.result.runs[0]).toMatchObject({ read: 110 });
    expect(delivered(simulator).size).toBe(0);
    simulator.clearJournal();
    const working = await run(project, haloEnv(simulator), '--tasks-only');
    expect(working.json.result).toMatchObject({ runs: [], tasks: { 'to-assets': { finished: 110 } } });
    expect(simulator.journal().filter((entry) => entry.method === 'GET')).toEqual([]);
  });

  it('works the tasks of one route where only that is asked for', async () => {
    const simulator = await simulate({ tickets: 60 });
    const project = await makeProject({ ...HALO_PROJECT, ...FILE_ROUTE });
    const { json } = await run(project, haloEnv(simulator), 'routes/to-file');
    expect(json.result.tasks).toEqual({ 'to-file': { finished: 60 } });
    const rest = await run(project, haloEnv(simulator), 'tickets', '--tasks-only');
    expect(rest.json.result.tasks['to-assets']).toEqual({ finished: 60 });
  });

  it('says what it does not know when an id is wrong', async () => {
    const simulator = await simulate({ tickets: 1 });
    const project = await makeProject(HALO_PROJECT);
    const { code, json } = await run(project, haloEnv(simulator), 'tikets');
    expect(code).toBe(2);
    expect(json.findings).toMatchObject([{ code: 'call.unknown_id', hint: 'Did you mean "tickets"?' }]);
  });

  it('keeps a record that fails, with its raw row, and delivers the others', async () => {
    const simulator = await simulate({ tickets: 30 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'incoming/tickets.yaml': `
subscriber: { haloitsm: { client: halo, entity: Tickets } }
entity: { type: ticket, identifier: id }
transformers:
  - if: { when: { "==": [{ var: id }, 7] }, then: [{ set: { text: "no &{nothing.here}" } }] }
  - filter: { "!=": [{ var: id }, 9] }
`,
    });
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(3);
    expect(json.result.runs[0]).toMatchObject({
      status: 'finished',
      read: 30,
      dropped: 1,
      failed: 1,
      passed: 28,
    });
    expect(delivered(simulator).size).toBe(28);
    const list = JSON.parse(
      (await command(['tasks', 'list', '--json', '--config', project, '--status', 'failed'])).stdout,
    );
    expect(list.result.tasks).toMatchObject([
      {
        identifier: expect.stringMatching(/^\?[0-9a-f]{16}$/),
        error: { code: 'value.missing', path: 'transformers[0].if.then[0].set' },
      },
    ]);
    const shown = JSON.parse(
      (await command(['tasks', 'show', '--json', '--config', project, list.result.tasks[0].id])).stdout,
    );
    expect(shown.result).toMatchObject({ stage: 'incoming', data: { id: 7 } });
  });

  it('loses nothing and doubles at most what was in flight when it is killed in the middle', async () => {
    const simulator = await simulate({ tickets: 1000 });
    const project = await makeProject(HALO_PROJECT);
    const concurrency = 10;
    for (const share of [0.2, 0.6]) {
      const running = startCommand(['run', '--json', '--config', project], haloEnv(simulator));
      while (delivered(simulator).size < 1000 * share) await new Promise((resolve) => setTimeout(resolve, 5));
      running.process.kill('SIGKILL');
      expect((await running.done).signal).toBe('SIGKILL');
    }
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(0);
    expect(json.result.runs[0]).toMatchObject({
      status: 'finished',
      announced: 1000,
      read: 1000,
      passed: 1000,
    });
    expect(json.result.tasks).toEqual({ 'to-assets': { finished: 1000 } });
    const counts = delivered(simulator);
    expect(counts.size).toBe(1000);
    const repeated = [...counts.values()].reduce((sum, count) => sum + count - 1, 0);
    expect(repeated).toBeLessThanOrEqual(2 * concurrency);
  });

  it('ends in order on SIGTERM, and goes on with the rest the next time', async () => {
    const simulator = await simulate({ tickets: 800 });
    const project = await makeProject(HALO_PROJECT);
    const running = startCommand(['run', '--json', '--config', project], haloEnv(simulator));
    while (delivered(simulator).size < 200) await new Promise((resolve) => setTimeout(resolve, 5));
    running.process.kill('SIGTERM');
    const stopped = await running.done;
    expect(stopped.code).toBe(143);
    expect(JSON.parse(stopped.stdout).result.tasks['to-assets'].processing).toBeUndefined();
    const { code } = await run(project, haloEnv(simulator));
    expect(code).toBe(0);
    const counts = delivered(simulator);
    expect(counts.size).toBe(800);
    expect([...counts.values()].every((count) => count === 1)).toBe(true);
  });

  it('waits for a run of the same incoming, or fails at once when told not to wait', async () => {
    // Slow enough for the first run to read while the others start.
    const simulator = await simulate({ tickets: 600, latency: 150 });
    const project = await makeProject(HALO_PROJECT);
    const first = startCommand(['run', '--json', '--incoming-only', '--config', project], haloEnv(simulator));
    while (simulator.journal().length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    const busy = await run(project, haloEnv(simulator), '--no-wait');
    expect(busy.code).toBe(2);
    expect(busy.json.findings).toMatchObject([{ code: 'call.busy' }]);
    const waiting = await run(project, haloEnv(simulator), '--incoming-only');
    expect([(await first.done).code, waiting.code]).toEqual([0, 0]);
    expect(waiting.json.result.runs[0]).toMatchObject({
      read: 600,
      tasks: { 'to-assets': { unchanged: 600 } },
    });
  });
});
