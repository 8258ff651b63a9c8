import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Simulator } from '@millrace/haloitsm-simulator';
import { describe, expect, it } from 'vitest';
import { command, haloEnv, run } from '../support/command.ts';
import { HALO_PROJECT, makeProject, writeFiles } from '../support/project.ts';
import { simulate } from '../support/simulator.ts';

/** Tickets of one status by its name, into assets of a type by its name. */
const PROJECT = {
  ...HALO_PROJECT,
  'references/halo.yaml': `
haloitsm:
  client: halo
  tables: { status: Status, team: Team, priority: Priority, agent: Agent }
`,
  'incoming/tickets.yaml': `
subscriber: { haloitsm: { client: halo, entity: Tickets } }
entity: { type: ticket, identifier: id }
transformers:
  - filter: { "==": [{ var: status_id }, { lookup: [halo/status, In Progress] }] }
`,
  'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
transformers:
  - map:
      payload: { inventory_number: "T-&{id}", client_id: "&{client_id}", key_field: "&{lookup('halo/status', 'In Progress')}" }
`,
};

const json = async (args: readonly string[], env: Record<string, string> = {}) => {
  const { code, stdout } = await command([...args, '--json'], env);
  const { result, findings, summary } = JSON.parse(stdout) as {
    result: never;
    findings: {
      severity: string;
      code: string;
      message: string;
      hint?: string;
      file: string;
      line: number;
      column: number;
    }[];
    summary: string;
  };
  const short = findings.map(
    ({ code: what, file, line, column }) =>
      `${what} ${file?.split('/').slice(-2).join('/')}:${line}:${column}`,
  );
  return { code, result, findings, short, summary };
};

function statusIn(simulator: Simulator, name: string): number {
  return Number(simulator.records('Status').find((one) => one['name'] === name)?.['id']);
}

/** Gives a status another id, as another instance has it. */
function renumber(simulator: Simulator, name: string): number {
  const old = statusIn(simulator, name);
  const { id } = simulator.save('Status', { name });
  simulator.remove('Status', old);
  return Number(id);
}

describe('names of Halo in a project', () => {
  it('are locked for each tenant, used without asking again, and mean what they meant', async () => {
    const [staging, production] = [await simulate({ tickets: 30 }), await simulate({ tickets: 30, seed: 7 })];
    const other = renumber(production, 'In Progress');
    expect(other).not.toBe(statusIn(staging, 'In Progress'));
    for (const { id } of production.records('Tickets').slice(0, 5) as { id: number }[])
      production.save('Tickets', { id, status_id: other });
    const project = await makeProject(PROJECT);
    const config = ['--config', project];

    const before = await json(['validate', ...config], haloEnv(staging));
    expect([before.code, new Set(before.findings.map(({ code }) => code))]).toEqual([
      2,
      new Set(['config.not_locked']),
    ]);

    const tried = await json(['lock', '--dry-run', ...config], haloEnv(staging));
    expect(tried.result).toMatchObject({
      written: false,
      tables: [{ id: 'halo/status', names: 7 }, {}, {}, {}],
    });
    expect(existsSync(join(project, 'millrace.lock.yaml'))).toBe(false);

    for (const simulator of [staging, production])
      expect((await json(['lock', ...config], haloEnv(simulator))).code).toBe(0);
    const text = await readFile(join(project, 'millrace.lock.yaml'), 'utf8');
    expect(text).toContain('halo/status:');
    expect(text).toContain(`In Progress: ${other}`);
    expect(text).toContain(`In Progress: ${statusIn(staging, 'In Progress')}`);
    expect(text).not.toContain(staging.clientSecret);

    for (const simulator of [staging, production]) {
      const env = haloEnv(simulator);
      expect((await json(['validate', '--online', ...config], env)).short).toEqual([]);
      simulator.clearJournal();
      expect((await run(project, env)).code).toBe(0);
      expect(simulator.journal({ path: 'Status' })).toEqual([]);
      const id = statusIn(simulator, 'In Progress');
      const wanted = simulator.records('Tickets').filter((one) => one['status_id'] === id).length;
      const made = simulator
        .records('Asset')
        .filter((one) => String(one['inventory_number']).startsWith('T-'));
      expect([made.length, new Set(made.map((one) => one['key_field']))]).toEqual([
        wanted,
        new Set(wanted === 0 ? [] : [id]),
      ]);
    }

    // Somebody renames it: what runs goes on with the id that is locked, and says nothing else.
    production.save('Status', { id: other, name: 'Doing' });
    const renamed = await json(['validate', '--online', ...config], haloEnv(production));
    expect(renamed.code).toBe(0);
    expect(renamed.short).toEqual([
      'reference.renamed incoming/tickets.yaml:5:44',
      'reference.renamed routes/to-assets.yaml:6:85',
      'reference.outdated references/halo.yaml:4:21',
    ]);
    expect(renamed.findings[0]).toMatchObject({
      severity: 'warning',
      message: `"In Progress" (${other}) of "halo/status" is called "Doing" now`,
    });
    expect((await run(project, haloEnv(production))).code).toBe(0);
  });

  it('that Halo does not know are found before anything runs, with the nearest', async () => {
    const simulator = await simulate({ tickets: 1 });
    const project = await makeProject(PROJECT);
    const config = ['--config', project];
    await json(['lock', ...config], haloEnv(simulator));
    await writeFiles(project, {
      'incoming/tickets.yaml': PROJECT['incoming/tickets.yaml'].replace('In Progress', 'in progress'),
      'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
transformers:
  - lookup: { table: halo/status, key: In Progres, to: status }
  - lookup: { table: halo/status, key: Nowhere, to: status, default: 1 }
  - lookup: { table: halo/status, key: "&{status_name}", to: status, onMissing: drop }
  - map: { payload: { inventory_number: "&{lookup('halo/status', 'Nowhere', 'x')}", client_id: 1 } }
`,
    });
    const { code, findings, short } = await json(['validate', ...config], haloEnv(simulator));
    expect([code, short]).toEqual([
      2,
      ['config.unknown_name incoming/tickets.yaml:5:44', 'config.unknown_name routes/to-assets.yaml:5:40'],
    ]);
    expect(findings[0]?.hint).toBe('Did you mean "In Progress"? Names are compared to the letter.');
    expect(findings[1]).toMatchObject({
      message: '"halo/status" knows no "In Progres"',
      hint: expect.stringMatching(/^The nearest: "In Progress", "/),
    });
    // A command that calls no system does not need the variables of the client: it takes what is locked.
    expect((await json(['test', ...config])).findings.filter((one) => one.severity === 'error')).toHaveLength(
      2,
    );
  });

  it('that vanished, became another or are ambiguous are told online, at every place that uses them', async () => {
    const simulator = await simulate({ tickets: 1 });
    const team = String(simulator.records('Team')[0]?.['name']);
    const project = await makeProject({
      ...PROJECT,
      'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
transformers:
  - set:
      status: "&{lookup('halo/status', 'In Progress')} &{lookup('halo/status', 'Closed')}"
      closed: "&{lookup('halo/status', 'Closed')}"
      team: "&{lookup('halo/team', '${team}')}"
  - map: { payload: { inventory_number: "T-&{id}", client_id: 1 } }
`,
    });
    const config = ['--config', project];
    const env = haloEnv(simulator);
    expect((await json(['lock', ...config], env)).short).toEqual([]);
    simulator.remove('Status', statusIn(simulator, 'In Progress'));
    const old = statusIn(simulator, 'Closed');
    const closed = renumber(simulator, 'Closed');
    simulator.save('Team', { name: team });
    const { code, short, findings } = await json(['validate', '--online', ...config], env);
    expect(code).toBe(2);
    expect(short.filter((one) => !one.startsWith('reference.outdated'))).toEqual([
      'reference.vanished incoming/tickets.yaml:5:44',
      'reference.vanished routes/to-assets.yaml:6:15',
      'reference.changed routes/to-assets.yaml:6:15',
      'reference.changed routes/to-assets.yaml:7:15',
      'config.ambiguous_name routes/to-assets.yaml:8:13',
    ]);
    expect(findings.find((one) => one.code === 'reference.changed')?.message).toBe(
      `"Closed" of "halo/status" is ${closed} now; ${old} is locked, which is no more`,
    );
    // Locking takes the change over, and says which names it leaves without a meaning.
    const locked = await json(['lock', ...config], env);
    expect([locked.code, new Set(locked.findings.map((one) => one.code))]).toEqual([
      2,
      new Set(['config.unknown_name', 'config.ambiguous_name']),
    ]);
  });

  it('need a client that answers, of the right type, and tables that exist', async () => {
    const simulator = await simulate({ tickets: 1 });
    const project = await makeProject({
      ...PROJECT,
      'references/bad.yaml': 'haloitsm: { client: nothing, tables: { status: Statuss } }\n',
      'references/none.yaml': 'description: nothing yet\n',
    });
    const { short } = await json(['validate', '--config', project], haloEnv(simulator));
    expect(short).toEqual(
      expect.arrayContaining([
        'config.unknown_reference references/bad.yaml:1:21',
        'config.unknown_operation references/bad.yaml:1:48',
        'config.missing_option references/none.yaml:1:1',
      ]),
    );
    const good = await makeProject(PROJECT);
    const env = haloEnv(simulator);
    await simulator.stop();
    const { code, short: unread } = await json(['lock', '--config', good], env);
    expect([code, unread[0]]).toEqual([3, 'client.unreachable references/halo.yaml:4:21']);
  });
});
