import type { JsonObject } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { command, haloEnv, run } from '../../support/command.ts';
import { openHalo, publishAll, writerTo } from '../../support/halo-writing.ts';
import { HALO_PROJECT, makeProject } from '../../support/project.ts';
import { simulate } from '../../support/simulator.ts';

async function refused(body: unknown, payload: JsonObject | JsonObject[] = {}, entity = 'Asset') {
  const simulator = await simulate({ tickets: 1 });
  const answer = { status: 400, body: body as never };
  simulator.failNext({ fault: 'answer', method: 'POST', answer });
  const writer = writerTo(openHalo(simulator), { method: 'post', entity });
  const [outcome] = await publishAll(writer, [{ payload: payload as never }]);
  if (outcome?.status !== 'rejected') throw new Error(`${JSON.stringify(outcome)} is no refusal`);
  return outcome.error as Error & { readonly data: { readonly paths?: readonly unknown[] } };
}

describe('a refusal of Halo', () => {
  it('names the field as the payload has it', async () => {
    const at = (path: string) =>
      `Could not convert string to integer: x. Path '${path}', line 1, position 139.`;
    const error = await refused({ '[0].outcome_id': [at('[0].outcome_id')] });
    expect(error.message).toBe('HaloITSM refuses outcome_id: Could not convert string to integer: x.');
    expect(error.data.paths).toEqual([
      { path: 'outcome_id', message: 'Could not convert string to integer: x.' },
    ]);
  });

  it('names a custom field by the name under which it was given', async () => {
    const customfields = { CFserial: 1, CFfloor: { value: 'x', add_rows: true } };
    const error = await refused({ '[0].customfields[1].value': ['No number.'] }, { customfields });
    expect(error.data.paths).toEqual([{ path: 'customfields.CFfloor.value', message: 'No number.' }]);
    const plain = await refused({ '[0].customfields[0].value': ['No.'] }, { customfields });
    expect(plain.data.paths).toEqual([{ path: 'customfields.CFserial', message: 'No.' }]);
  });

  it('leads with the place where the payload is a list by itself', async () => {
    const error = await refused({ '[1].client_id': ['Wrong.'] }, [{ client_id: 1 }, { client_id: 'x' }]);
    expect(error.message).toBe('HaloITSM refuses 1.client_id: Wrong.');
  });

  it.each<[string, unknown, string]>([
    ['a sentence', 'Please select an Outcome.', 'the record: Please select an Outcome.'],
    [
      'an exception',
      { ClassName: 'System.Exception', Message: 'Password is mandatory', Data: null },
      'the record: Password is mandatory',
    ],
    [
      'the errors of ASP.NET',
      { title: 'Invalid', errors: { id: ["The value 'x' is not valid."] } },
      "id: The value 'x' is not valid.",
    ],
    ['a field of an object', { 'address.line1': ['Too long.'] }, 'address.line1: Too long.'],
    [
      'a body that is none',
      { '': ['A non-empty request body is required.'] },
      'the record: A non-empty request body is required.',
    ],
    ['anything else', { odd: 1 }, 'the record: {"odd":1}'],
  ])('is told where it is %s', async (_, body, told) => {
    expect((await refused(body)).message).toBe(`HaloITSM refuses ${told}`);
  });

  it('is read by whoever looks at the task', async () => {
    const simulator = await simulate({ tickets: 3 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
transformers:
  - map: { payload: { inventory_number: "T-&{id}", client_id: 1 } }
  - set: { payload.status_id: { logic: { if: [{ "==": [{ var: payload.inventory_number }, T-2] }, "many", 1] } } }
`,
      'outgoing/assets.yaml': `
publisher: { haloitsm: { client: halo, method: post, entity: Asset } }
batch: { size: 10, wait: 100ms }
`,
    });
    const env = haloEnv(simulator);
    const result = await run(project, env);
    expect(result.json.result.tasks).toEqual({ 'to-assets': { finished: 2, rejected: 1 } });
    const listed = await command(
      ['tasks', 'list', '--status', 'rejected', '--json', '--config', project],
      env,
    );
    const [{ id }] = JSON.parse(listed.stdout).result.tasks;
    const shown = await command(['tasks', 'show', id, '--config', project], env);
    expect(shown.stdout).toContain('HaloITSM refuses status_id: Could not convert string to integer: many.');
    expect(shown.stdout).toContain('→ Correct the record or the transformers, then retry the task.');
  });
});
