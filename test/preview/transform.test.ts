import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../packages/core/src/index.ts';
import { loadProject } from '../../packages/runner/src/config/load.ts';
import { findTarget } from '../../packages/runner/src/preview/find-target.ts';
import { memoryStorages } from '../../packages/runner/src/preview/storage-copy.ts';
import { transform } from '../../packages/runner/src/preview/transform.ts';
import { command } from '../support/command.ts';
import { HALO_PROJECT, makeProject, type ProjectFiles } from '../support/project.ts';

const PROJECT: ProjectFiles = {
  ...HALO_PROJECT,
  'incoming/tickets.yaml': `
subscriber: { haloitsm: { client: halo, entity: Tickets } }
entity: { type: ticket, identifier: id }
transformers:
  - if:
      when: { var: vip }
      then: [{ use: { transformer: mark, with: { label: first } } }]
  - filter: { "!=": [{ var: state }, closed] }
  - set: { title: "&{summary}!" }
`,
  'transformers/mark.yaml':
    'parameters: { label: { type: string } }\ntransformers:\n  - set: { label: "@{parameters.label}" }\n',
};

async function through(target: string, ...inputs: readonly JsonObject[]) {
  const folder = await makeProject(PROJECT);
  const { project, findings } = await loadProject(folder, { environment: 'lenient', env: {}, cwd: folder });
  if (!project) throw new Error(JSON.stringify(findings));
  const options = {
    project,
    target: findTarget(project, target),
    storages: memoryStorages({}),
    http: [],
    parameters: {},
  };
  return transform(options, inputs);
}

describe('transform', () => {
  it('tells what each step was given and made, those inside of others behind them, where they stand', async () => {
    const { records } = await through('tickets', { id: 1, vip: true, summary: 'Fire' });
    const [one] = records;
    expect(
      one?.steps.map(({ depth, path, file, line, status }) => `${depth} ${file}:${line} ${path} ${status}`),
    ).toEqual([
      '0 incoming/tickets.yaml:5 transformers[0].if changed',
      '1 incoming/tickets.yaml:7 transformers[0].if.then[0].use changed',
      '2 transformers/mark.yaml:3 transformers[0].set changed',
      '0 incoming/tickets.yaml:8 transformers[1].filter unchanged',
      '0 incoming/tickets.yaml:9 transformers[2].set changed',
    ]);
    expect(one?.steps[2]).toMatchObject({
      input: { id: 1, vip: true, summary: 'Fire' },
      output: [{ id: 1, vip: true, summary: 'Fire', label: 'first' }],
      diff: [' {', '   "id": 1', '+  "label": "first"', '   "summary": "Fire"', '   "vip": true', ' }'],
    });
    expect(one?.output).toEqual([{ id: 1, vip: true, summary: 'Fire', label: 'first', title: 'Fire!' }]);
  });

  it('explains drops and failures with the step', async () => {
    const { records } = await through(
      'incoming/tickets',
      { id: 1, state: 'closed' },
      { id: 2, summary: null },
      { summary: 'x' },
    );
    expect(
      records.map(({ steps, error, output }) => [
        steps.at(-1)?.status,
        error?.code,
        error?.line,
        output.length,
      ]),
    ).toEqual([
      ['dropped', undefined, undefined, 0],
      ['failed', 'value.missing', 9, 0],
      ['changed', 'entity.no_identifier', 3, 0],
    ]);
  });

  it('shows what the publisher of an outgoing would send, and sends nothing', async () => {
    const { requests, records } = await through('assets', { payload: { inventory_number: 'T-1' } });
    expect(requests).toEqual([{ method: 'POST', path: '/api/Asset', body: [{ inventory_number: 'T-1' }] }]);
    expect(records[0]?.output).toEqual([{ payload: { inventory_number: 'T-1' } }]);
  });

  it('is a command: for people and as JSON, with an exit code for records that fail', async () => {
    const folder = await makeProject(PROJECT);
    const input = join(folder, 'in.ndjson');
    await writeFile(input, '{"id":1,"summary":"Fire"}\n{"id":2}\n');
    const text = await command(['transform', 'tickets', '--input', input, '--config', folder]);
    expect(text.code).toBe(3);
    expect(text.stdout).toContain('+  "title": "Fire!"');
    expect(text.stdout).toMatch(/✗ transformers\[2\]\.set {2}.*incoming\/tickets\.yaml:9 {2}failed/);
    expect(text.stdout).toContain('incoming/tickets: 2 in, 1 came out, 0 dropped, 1 failed');
    const json = JSON.parse(
      (await command(['transform', 'tickets', '--input', input, '--config', folder, '--json'])).stdout,
    );
    expect(json.findings).toMatchObject([{ code: 'value.missing', line: 9, path: 'transformers[2].set' }]);
    expect(json.result.records).toHaveLength(2);
    const wrong = await command(['transform', 'ticket', '--input', input, '--config', folder, '--json']);
    expect([wrong.code, JSON.parse(wrong.stdout).findings[0]]).toMatchObject([
      2,
      { code: 'call.unknown_id', hint: 'did you mean "incoming/tickets"?' },
    ]);
  });
});
