import { serve } from '@millrace/core/testing';
import type { Simulator } from '@millrace/haloitsm-simulator';
import { describe, expect, it } from 'vitest';
import { haloEnv, run } from '../support/command.ts';
import { reader } from '../support/halo.ts';
import { HALO_PROJECT, makeProject } from '../support/project.ts';
import { simulate } from '../support/simulator.ts';

// Mistakes that other clients of the API have published, each with what it cost them.
describe('mistakes of other clients', () => {
  it('a page size above the cap: not 100 of 717 records come, but all', async () => {
    const simulator = await simulate({ tickets: 717 });
    const { rows, batches } = await reader(simulator, { entity: 'Tickets', pageSize: 1000 }).read();
    expect(new Set(rows.map(({ id }) => id)).size).toBe(717);
    expect(rows).toHaveLength(717);
    expect(batches).toHaveLength(8);
    expect(batches.every(({ total }) => total === 717)).toBe(true);
  });

  it('actions known by their id alone: those of all tickets are told apart, and validate says how', async () => {
    const simulator = await simulate({ tickets: 150 });
    const { rows } = await reader(simulator, { entity: 'Actions' }).read();
    const keys = new Set(rows.map(({ ticket_id, id }) => `${ticket_id}:${id}`));
    expect(keys.size).toBe(simulator.records('Actions').length);
    expect(new Set(rows.map(({ id }) => id)).size).toBeLessThan(10);

    const project = (identifier: string) =>
      makeProject({
        ...HALO_PROJECT,
        'incoming/tickets.yaml': `subscriber: { haloitsm: { client: halo, entity: Actions } }\nentity: { type: action, identifier: ${identifier} }\n`,
        'routes/to-assets.yaml':
          'incoming: tickets\noutgoing: assets\ntransformers: [{ map: { payload: { notes: "&{note}" } } }]\n',
      });
    const wrong = await run(await project('id'), haloEnv(simulator), '--limit', '1');
    expect(wrong.json.findings).toMatchObject([
      { code: 'config.ambiguous_identifier', hint: 'Write identifier: [ticket_id, id].' },
    ]);
    const right = await run(await project('[ticket_id, id]'), haloEnv(simulator), '--limit', '1');
    expect(right.json.findings).toEqual([]);
  });

  it('an empty page with a larger record_count: neither an endless loop nor a silent loss', async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x');
      response.setHeader('content-type', 'application/json');
      if (pathname === '/auth/token') return response.end('{"access_token":"t","expires_in":3600}');
      const page = Number(searchParams.get('page_no'));
      asked.push(`page ${page}`);
      const ids =
        page <= 3 ? Array.from({ length: 100 }, (_, index) => ({ id: (page - 1) * 100 + index })) : [];
      response.end(JSON.stringify({ page_no: page, record_count: 717, tickets: ids }));
    });
    const halo = { url, tenant: '', clientId: 'a', clientSecret: 'b' } as unknown as Simulator;
    const seen: unknown[] = [];
    const reading = reader(halo, { entity: 'Tickets' }).read({
      after: ({ entities }) => void seen.push(...entities),
    });
    await expect(reading).rejects.toMatchObject({
      code: 'source.incomplete',
      message:
        '417 records are missing: Tickets announced 717 records and gave 300; page 8, 4 came empty or short',
    });
    expect(seen).toHaveLength(300);
    expect(asked.length).toBeLessThan(15);
  });
});
