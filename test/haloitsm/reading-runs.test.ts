import { describe, expect, it } from 'vitest';
import { command, haloEnv, run } from '../support/command.ts';
import { HALO_PROJECT, makeProject } from '../support/project.ts';
import { delivered, simulate, wanted } from '../support/simulator.ts';

const project = (options: string) =>
  makeProject({
    ...HALO_PROJECT,
    'incoming/tickets.yaml': `subscriber: { haloitsm: { client: halo, entity: Tickets, ${options} } }\nentity: { type: ticket, identifier: id }\n`,
    'routes/to-assets.yaml':
      'incoming: tickets\noutgoing: assets\ntransformers: [{ map: { payload: { inventory_number: "T-&{id}", client_id: "&{client_id}" } } }]\n',
    'storages/versions.yaml': '{}\n',
  });

describe('a run that reads from HaloITSM', () => {
  it('and takes a part of a batch only remembers nothing of the rest of it', async () => {
    const simulator = await simulate({ tickets: 30 });
    const folder = await project('hydrate: { remember: versions }');
    await run(folder, haloEnv(simulator), '--limit', '5');
    const whole = await run(folder, haloEnv(simulator));
    expect(whole.json.result.runs[0]).toMatchObject({ status: 'finished', read: 30 });
    expect([...delivered(simulator)].sort()).toEqual(
      wanted(simulator)
        .map((number) => [number, 1])
        .sort(),
    );
    const idle = await run(folder, haloEnv(simulator));
    expect(idle.json.result.runs[0]).toMatchObject({
      status: 'finished',
      read: 30,
      dropped: 30,
      requests: 1,
    });
  });

  it('says what is missing, ends unbalanced, and keeps its cursor; what came is sent', async () => {
    const simulator = await simulate({ tickets: 25, pageCap: 10 });
    const folder = await project('incremental: { field: last_update }');
    simulator.failNext({ fault: 'empty', method: 'GET', path: 'Tickets', after: 1, times: 'always' });
    const short = await run(folder, haloEnv(simulator));
    expect([short.code, short.json.result.runs[0]?.status]).toEqual([4, 'unbalanced']);
    expect(JSON.stringify(short.json.result.runs[0])).toContain(
      '15 records are missing: Tickets announced 25 records and gave 10',
    );
    expect(delivered(simulator).size).toBe(10);
    const cursors = await command(['cursors', 'show', 'tickets', '--config', folder, '--json']);
    expect(cursors.stdout).not.toContain('last_update');

    simulator.clearPlannedFaults();
    const whole = await run(folder, haloEnv(simulator));
    expect([whole.code, whole.json.result.runs[0]?.status]).toEqual([0, 'finished']);
    expect(delivered(simulator).size).toBe(25);
    // What is known from the last run is read, and counted as dropped, by a plan as well.
    simulator.save('Tickets', { id: 7, summary: 'news' });
    const { read = 0, dropped = 0 } = (await run(folder, haloEnv(simulator))).json.result.runs[0] ?? {};
    expect(read - dropped).toBe(1);
    const plan = await command(['plan', 'to-assets', '--config', folder, '--json'], haloEnv(simulator));
    const { counts, ...report } = JSON.parse(plan.stdout).result;
    expect(counts.dropped).toBeGreaterThan(0);
    expect(report).toMatchObject({ read: counts.dropped, announced: counts.dropped, entities: [] });
  });
});
