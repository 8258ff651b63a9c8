import { describe, expect, it } from 'vitest';
import { command, haloEnv, run } from '../support/command.ts';
import { FILE_ROUTE, HALO_PROJECT, makeProject, writeFiles } from '../support/project.ts';
import { delivered, simulate } from '../support/simulator.ts';

const text = (name: string) => ({ ...HALO_PROJECT, ...FILE_ROUTE })[name] ?? '';

describe('a route', () => {
  it.each([
    ['the route', 'routes/to-assets.yaml'],
    ['its outgoing', 'outgoing/assets.yaml'],
  ])('gets its tasks while %s is switched off, and delivers them afterwards', async (_, file) => {
    const simulator = await simulate({ tickets: 20 });
    const project = await makeProject({ ...HALO_PROJECT, [file]: `enabled: false\n${text(file)}` });
    const off = await run(project, haloEnv(simulator));
    expect(off.code).toBe(0);
    expect(off.json.result.tasks).toEqual({ 'to-assets': { new: 20 } });
    expect(delivered(simulator).size).toBe(0);
    await writeFiles(project, { [file]: text(file) });
    const on = await run(project, haloEnv(simulator), '--tasks-only');
    expect(on.json.result.tasks).toEqual({ 'to-assets': { finished: 20 } });
  });

  it('gets none while it is switched off where it says so', async () => {
    const simulator = await simulate({ tickets: 20 });
    const off = `enabled: false\nwhileDisabled: drop\n${text('routes/to-assets.yaml')}`;
    const project = await makeProject({ ...HALO_PROJECT, ...FILE_ROUTE, 'routes/to-assets.yaml': off });
    const { json } = await run(project, haloEnv(simulator));
    expect(json.result.tasks).toEqual({ 'to-file': { finished: 20 } });
  });

  it('makes several tasks of one record where it branches, each with an identity of its own', async () => {
    const simulator = await simulate({ tickets: 10 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
entity: { type: part, identifier: [ticket, n] }
transformers:
  - set: { parts: [{ n: 1 }, { n: 2 }] }
  - branch: { at: parts.*, keep: { ticket: "&{id}", client: "&{client_id}" } }
  - set: { payload: { inventory_number: "T-&{ticket}-&{n}", client_id: "&{client}" } }
`,
    });
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(0);
    expect(json.result.runs[0]?.tasks['to-assets']).toMatchObject({ passed: 10, made: 20, created: 20 });
    expect(delivered(simulator).size).toBe(20);
    const { stdout } = await command([
      'tasks',
      'list',
      '--json',
      '--config',
      project,
      '--entity',
      'part/3:2',
    ]);
    expect(JSON.parse(stdout).result.tasks).toMatchObject([
      { type: 'part', identifier: '3:2', status: 'finished' },
    ]);
  });

  it('fails a record of which it makes two different ones with the same identity, and sends neither', async () => {
    const simulator = await simulate({ tickets: 4 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
entity: { type: part, identifier: ticket }
transformers:
  - set: { parts: [{ n: 1 }, { n: 2 }] }
  - branch: { at: parts.*, keep: { ticket: "&{id}" } }
`,
    });
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(3);
    expect(json.result.runs[0]?.tasks['to-assets']).toMatchObject({ failed: 4, made: 0 });
    const { stdout } = await command(['tasks', 'list', '--json', '--config', project]);
    expect(JSON.parse(stdout).result.tasks[0]).toMatchObject({
      type: 'ticket',
      status: 'failed',
      error: { code: 'entity.ambiguous' },
    });
  });

  it('holds what failed before until it, or its outgoing, is changed', async () => {
    const simulator = await simulate({ tickets: 6 });
    const broken = text('routes/to-assets.yaml').replace('client_id: "&{client_id}"', 'client_id: 999999');
    const project = await makeProject({ ...HALO_PROJECT, 'routes/to-assets.yaml': broken });
    expect((await run(project, haloEnv(simulator))).json.result.tasks['to-assets']).toEqual({ rejected: 6 });
    const again = await run(project, haloEnv(simulator));
    expect([again.code, again.json.result.runs[0]?.tasks['to-assets']]).toMatchObject([
      0,
      { created: 0, unchanged: 6, held: 6 },
    ]);
    await writeFiles(project, { 'routes/to-assets.yaml': text('routes/to-assets.yaml') });
    const mended = await run(project, haloEnv(simulator));
    expect(mended.json.result.tasks['to-assets']).toEqual({ rejected: 6, finished: 6 });
  });

  it('drops what its transformers drop, skips what the outgoing drops, and never makes two messages of a task', async () => {
    const simulator = await simulate({ tickets: 9 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'routes/to-assets.yaml': `${text('routes/to-assets.yaml')}  - filter: { "!=": [{ var: payload.inventory_number }, "T-1"] }\n`,
      'outgoing/assets.yaml': `transformers:\n  - filter: { "!=": [{ var: payload.inventory_number }, "T-2"] }\n${text('outgoing/assets.yaml')}`,
    });
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(0);
    expect(json.result.runs[0]?.tasks['to-assets']).toMatchObject({ dropped: 1, passed: 8, created: 8 });
    expect(json.result.tasks['to-assets']).toEqual({ finished: 7, skipped: 1 });
  });
});

describe('a batch', () => {
  const batched = {
    ...HALO_PROJECT,
    'outgoing/assets.yaml': `${HALO_PROJECT['outgoing/assets.yaml']}batch: { size: 20 }\nconcurrency: 2\n`,
  };

  it('goes out as one array to an operation that takes one', async () => {
    const simulator = await simulate({ tickets: 60 });
    const project = await makeProject(batched);
    const { code, json } = await run(project, haloEnv(simulator));
    expect([code, json.result.tasks]).toEqual([0, { 'to-assets': { finished: 60 } }]);
    expect(delivered(simulator).size).toBe(60);
    const posts = simulator.journal({ method: 'POST', path: 'Asset' });
    expect(posts.length).toBeLessThan(10);
    expect(posts.flatMap(({ body }) => body)).toHaveLength(60);
  });

  it('is halved until the one record that is refused is found; the others arrive once', async () => {
    const simulator = await simulate({ tickets: 40 });
    const project = await makeProject({
      ...batched,
      // No asset may be of a client that does not exist.
      'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
transformers:
  - map: { payload: { inventory_number: "T-&{id}", client_id: "&{client_id}" } }
  - if: { when: { "==": [{ var: payload.inventory_number }, "T-17"] }, then: [{ set: { payload.client_id: 999999 } }] }
`,
    });
    const { code, json } = await run(project, haloEnv(simulator));
    expect([code, json.result.tasks]).toEqual([3, { 'to-assets': { finished: 39, rejected: 1 } }]);
    const counts = delivered(simulator);
    expect([counts.size, counts.has('T-17')]).toEqual([39, false]);
    expect([...counts.values()].every((count) => count === 1)).toBe(true);
  });
});
