import { describe, expect, it } from 'vitest';
import { haloEnv, run } from '../support/command.ts';
import { HALO_PROJECT, makeProject } from '../support/project.ts';
import { delivered, simulate } from '../support/simulator.ts';

const project = (field: string) =>
  makeProject({
    ...HALO_PROJECT,
    'incoming/tickets.yaml': `
subscriber: { haloitsm: { client: halo, entity: Tickets, incremental: { field: ${field}, overlap: 5m } } }
entity: { type: ticket, identifier: id }
`,
    'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
transformers:
  - map: { payload: { inventory_number: "T-&{id}", client_id: "&{client_id}", notes: "&{summary}" } }
`,
  });

describe('an incremental read', () => {
  it.each(['last_update', 'lastactiondate'])('by %s asks for news only, and misses none', async (field) => {
    const simulator = await simulate({ tickets: 300 });
    const folder = await project(field);
    const first = await run(folder, haloEnv(simulator));
    expect(first.json.result.runs[0]).toMatchObject({ status: 'finished', read: 300 });

    const idle = await run(folder, haloEnv(simulator));
    expect(idle.code).toBe(0);
    expect(idle.json.result.runs[0]?.read).toBeLessThan(30);

    const now = new Date().toISOString().replace('Z', '');
    simulator.save('Tickets', { id: 17, summary: 'changed', last_update: now, lastactiondate: now });
    simulator.save('Tickets', { summary: 'brand new', client_id: 1, last_update: now, lastactiondate: now });
    const news = await run(folder, haloEnv(simulator));
    expect(news.json.result.runs[0]?.tasks['to-assets']).toMatchObject({ created: 2 });
    expect(delivered(simulator).get('T-17')).toBe(2);
    expect(delivered(simulator).get('T-301')).toBe(1);
  });

  it('leaves the cursor where it was when the run is limited or fails', async () => {
    const simulator = await simulate({ tickets: 250 });
    const folder = await project('last_update');
    await run(folder, haloEnv(simulator), '--limit', '150');
    simulator.failNext({ fault: '404', method: 'GET', path: 'Tickets', after: 1 });
    const failed = await run(folder, haloEnv(simulator));
    expect([failed.code, failed.json.result.runs[0]?.status]).toEqual([3, 'failed']);
    const whole = await run(folder, haloEnv(simulator));
    expect(whole.json.result.runs[0]).toMatchObject({ status: 'finished', read: 250 });
    expect(delivered(simulator).size).toBe(250);
  });

  it('is refused where the operation has no filter by date', async () => {
    const folder = await makeProject({
      ...HALO_PROJECT,
      'incoming/tickets.yaml':
        'subscriber: { haloitsm: { client: halo, entity: Status, incremental: { field: name } } }\nentity: { type: t, identifier: id }\n',
      'routes/to-assets.yaml':
        'incoming: tickets\noutgoing: assets\ntransformers: [{ map: { payload: { key_field: "&{name}" } } }]\n',
    });
    const { code, json } = await run(folder, {
      HALO_BASE_URI: 'http://127.0.0.1:9',
      HALO_CLIENT_ID: 'a',
      HALO_CLIENT_SECRET: 'bbbb',
    });
    expect(code).toBe(2);
    const errors = json.findings.filter((finding) => (finding as { severity?: string }).severity === 'error');
    expect(errors).toMatchObject([{ code: 'config.invalid_value', path: 'subscriber.haloitsm.incremental' }]);
  });
});
