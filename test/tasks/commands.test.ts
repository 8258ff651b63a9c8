import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command, haloEnv, run, startCommand } from '../support/command.ts';
import { eventually, receiver } from '../support/http.ts';
import { HALO_PROJECT, makeProject, writeFiles } from '../support/project.ts';
import { delivered, simulate } from '../support/simulator.ts';

/** A command with `--json`, its exit code beside what it printed. */
async function ask(project: string, ...args: string[]) {
  const { code, stdout } = await command([...args, '--json', '--config', project]);
  return {
    code,
    ...(JSON.parse(stdout) as { summary: string; result: never; findings: { code: string }[] }),
  };
}

async function list(project: string, ...args: string[]) {
  const { result } = await ask(project, 'tasks', 'list', ...args);
  return (result as { tasks: { id: string; status: string; identifier: string; error?: { code: string } }[] })
    .tasks;
}

describe('tasks of a project', () => {
  it('that were refused are sent again by filter, edited one by one, and tell their story', async () => {
    const simulator = await simulate({ tickets: 6 });
    const project = await makeProject(HALO_PROJECT);
    simulator.failNext({ fault: '400', method: 'POST', path: 'Asset', times: 3 });
    expect((await run(project, haloEnv(simulator))).code).toBe(3);
    const [first, ...others] = await list(project, '--status', 'rejected');
    expect(others).toHaveLength(2);
    const id = first?.id ?? '';
    const { result: task } = await ask(project, 'tasks', 'show', id);
    // The row as it was read, what was sent and what was answered are kept where it failed.
    expect(task).toMatchObject({
      raw: { id: Number(first?.identifier), summary: expect.any(String) },
      history: [
        { outcome: 'rejected', exchange: { request: { method: 'POST' }, response: { status: 400 } } },
      ],
    });
    await writeFile(join(project, 'edit.yaml'), 'payload: { inventory_number: T-edited, client_id: 1 }\n');
    const edited = await ask(project, 'tasks', 'retry', id, '--edit', join(project, 'edit.yaml'));
    expect(edited.code).toBe(0);
    expect((await ask(project, 'tasks', 'retry', '--route', 'to-assets')).summary).toMatch(
      /^2 tasks sent again/,
    );
    const { code, json } = await run(project, haloEnv(simulator), '--tasks-only');
    expect([code, json.result.tasks]).toEqual([0, { 'to-assets': { finished: 6 } }]);
    expect(delivered(simulator).get('T-edited')).toBe(1);
    const story = await command(['tasks', 'show', id, '--config', project]);
    expect(story.stdout).toContain('retried by command: was rejected, with edited data');
    // Nothing is unchanged because somebody edited it: what the source says was sent, in its way.
    expect((await run(project, haloEnv(simulator))).json.result.runs[0]?.tasks['to-assets']).toMatchObject({
      unchanged: 6,
    });
  });

  it('are refused what their state does not allow, all said at once, the others done', async () => {
    const simulator = await simulate({ tickets: 3 });
    const project = await makeProject(HALO_PROJECT);
    await run(project, haloEnv(simulator));
    const ids = (await list(project)).map(({ id }) => id);
    const refused = await ask(project, 'tasks', 'skip', ...ids);
    expect([refused.code, refused.findings.map((one) => one.code)]).toEqual([
      2,
      Array(3).fill('task.wrong_state'),
    ]);
    expect((await ask(project, 'tasks', 'retry', 'nonsense')).findings).toMatchObject([
      { code: 'call.unknown_id' },
    ]);
    expect((await ask(project, 'tasks', 'retry')).findings).toMatchObject([{ code: 'call.invalid_option' }]);
    expect((await ask(project, 'tasks', 'retry', '--force', ...ids)).code).toBe(0);
    await run(project, haloEnv(simulator), '--tasks-only');
    expect([...delivered(simulator).values()]).toEqual([2, 2, 2]);
  });

  it('are sent again and called off while the runner works', async () => {
    const simulator = await simulate({ tickets: 4 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'outgoing/assets.yaml': `${HALO_PROJECT['outgoing/assets.yaml']}`.replace(
        'initial: 50ms, max: 400ms',
        'initial: 1h, max: 1h, jitter: none',
      ),
    });
    simulator.failNext({ fault: '403', method: 'POST', path: 'Asset', times: 2 });
    simulator.failNext({ fault: '408', method: 'POST', path: 'Asset', times: 1 });
    await run(project, haloEnv(simulator), '--wait', '0s');
    const runner = startCommand(['start', '--config', project], haloEnv(simulator));
    const [waiting] = await list(project, '--status', 'retry');
    expect((await ask(project, 'tasks', 'cancel', waiting?.id ?? '', '--reason', 'done by hand')).code).toBe(
      0,
    );
    expect((await ask(project, 'tasks', 'retry', '--status', 'failed')).code).toBe(0);
    await eventually(
      () => delivered(simulator).size,
      (size) => size === 3,
    );
    runner.process.kill('SIGTERM');
    expect((await runner.done).code).toBe(0);
    expect((await list(project, '--status', 'cancelled')).map(({ id }) => id)).toEqual([waiting?.id]);
  });

  it('that failed before they were tasks go through the corrected chain again, under their own ids', async () => {
    const simulator = await simulate({ tickets: 10 });
    const broken = `${HALO_PROJECT['incoming/tickets.yaml']}transformers:
  - if: { when: { in: [{ var: id }, [3, 7]] }, then: [{ set: { note: "of &{nothing.there}" } }] }
`;
    const project = await makeProject({ ...HALO_PROJECT, 'incoming/tickets.yaml': broken });
    expect((await run(project, haloEnv(simulator))).code).toBe(3);
    const failed = await list(project, '--status', 'failed');
    expect(failed.map((one) => one.error?.code)).toEqual(['value.missing', 'value.missing']);
    await writeFiles(project, { 'incoming/tickets.yaml': HALO_PROJECT['incoming/tickets.yaml'] ?? '' });
    await ask(project, 'tasks', 'retry', '--status', 'failed');
    const { code, json } = await run(project, haloEnv(simulator), '--tasks-only');
    expect([code, json.result.tasks]).toEqual([0, { 'to-assets': { finished: 10 } }]);
    expect(delivered(simulator).size).toBe(10);
    const { result } = await ask(project, 'tasks', 'show', failed[0]?.id ?? '');
    expect(result).toMatchObject({
      status: 'finished',
      identifier: expect.stringMatching(/^[37]$/),
      raw: { id: expect.any(Number) },
    });
    expect((await run(project, haloEnv(simulator))).json.result.runs[0]?.tasks['to-assets']).toMatchObject({
      unchanged: 10,
    });
  });

  it('are pruned as their routes say, and nothing is sent again for it', async () => {
    const simulator = await simulate({ tickets: 8 });
    const project = await makeProject(HALO_PROJECT);
    await run(project, haloEnv(simulator));
    await writeFile(
      join(project, 'routes/to-assets.yaml'),
      `${HALO_PROJECT['routes/to-assets.yaml']}tasks: { keep: { count: 3 } }\n`,
    );
    const pruned = await ask(project, 'tasks', 'prune');
    expect(pruned).toMatchObject({ code: 0, result: { deleted: 5, routes: { 'to-assets': 5 } } });
    expect(await list(project)).toHaveLength(3);
    expect((await run(project, haloEnv(simulator))).json.result.runs[0]?.tasks['to-assets']).toMatchObject({
      unchanged: 8,
    });
  });
});

describe('cursors', () => {
  const incremental = {
    ...HALO_PROJECT,
    'incoming/tickets.yaml': `
subscriber: { haloitsm: { client: halo, entity: Tickets, incremental: { field: lastactiondate, overlap: 5m } } }
entity: { type: ticket, identifier: id }
`,
  };

  it('are shown, set and reset; what is read again and unchanged is not sent again', async () => {
    const simulator = await simulate({ tickets: 30 });
    const project = await makeProject(incremental);
    await run(project, haloEnv(simulator));
    const shown = await ask(project, 'cursors', 'show', 'tickets');
    const { cursors } = shown.result as { cursors: { cursor: unknown }[] };
    expect(cursors).toHaveLength(1);
    expect((await run(project, haloEnv(simulator))).json.result.runs[0]?.read).toBeLessThan(30);
    expect((await ask(project, 'cursors', 'reset', 'tickets')).code).toBe(0);
    const again = (await run(project, haloEnv(simulator))).json.result.runs[0];
    expect(again).toMatchObject({ read: 30, tasks: { 'to-assets': { unchanged: 30, created: 0 } } });
    expect((await ask(project, 'cursors', 'set', 'tickets', JSON.stringify(cursors[0]?.cursor))).code).toBe(
      0,
    );
    expect((await run(project, haloEnv(simulator))).json.result.runs[0]?.read).toBeLessThan(30);
    expect((await ask(project, 'cursors', 'reset', 'tikets')).findings).toMatchObject([
      { code: 'call.unknown_id' },
    ]);
  });
});

describe('notify', () => {
  it('tells a webhook what failed, once, and again until it is accepted', async () => {
    const simulator = await simulate({ tickets: 4 });
    const webhook = await receiver((index) => (index === 0 ? 500 : 200));
    const project = await makeProject({
      ...HALO_PROJECT,
      'incoming/tickets.yaml': `${HALO_PROJECT['incoming/tickets.yaml']}schedule: { cron: "* * * * * *" }\n`,
      'millrace.yaml': `notify: [{ on: [failed, unbalanced, stale], webhook: "${webhook.url}/hook/s3cret-path" }]\n`,
    });
    simulator.failNext({ fault: '403', method: 'POST', path: 'Asset', times: 2 });
    const runner = startCommand(['start', '--config', project], haloEnv(simulator));
    await eventually(
      () => webhook.received.length,
      (count) => count >= 2,
    );
    const [refused, accepted] = webhook.received.map(({ body }) => JSON.parse(body));
    expect(accepted).toMatchObject({ event: 'failed', tasks: expect.any(Array) });
    expect(accepted.tasks).toEqual(refused.tasks);
    expect(accepted.tasks[0]).toMatchObject({
      route: 'to-assets',
      status: 'failed',
      error: { code: 'client.forbidden' },
    });
    runner.process.kill('SIGTERM');
    const { stderr } = await runner.done;
    expect(webhook.received).toHaveLength(2);
    expect(stderr).not.toContain('s3cret-path');
  });
});
