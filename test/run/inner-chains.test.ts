import { describe, expect, it } from 'vitest';
import { command, haloEnv, run } from '../support/command.ts';
import { HALO_PROJECT, makeProject } from '../support/project.ts';
import { simulate } from '../support/simulator.ts';

const FAILING = (option: string) => `${option}: [ { set: { query: { a: "x&{nothing}" } } } ]`;

describe('a step inside the options of a component that fails', () => {
  it('is named with its file and line: in the request of a publisher', async () => {
    const simulator = await simulate({ tickets: 3 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'outgoing/assets.yaml': `publisher:\n  haloitsm:\n    client: halo\n    method: post\n    entity: Asset\n    ${FAILING('request')}\n`,
    });
    expect((await run(project, haloEnv(simulator))).code).toBe(3);
    const { stdout } = await command(['tasks', 'list', '--json', '--limit', '1', '--config', project]);
    expect(JSON.parse(stdout).result.tasks[0]).toMatchObject({
      status: 'failed',
      error: {
        code: 'value.missing',
        file: expect.stringMatching(/outgoing\/assets\.yaml$/),
        line: 6,
        path: 'request[0].set',
      },
    });
  });

  it('is named with its file and line: in the input of a subscriber', async () => {
    const simulator = await simulate({ tickets: 3 });
    const project = await makeProject({
      ...HALO_PROJECT,
      'incoming/tickets.yaml': `subscriber:\n  haloitsm:\n    client: halo\n    entity: Tickets\n    ${FAILING('input')}\nentity: { type: ticket, identifier: id }\n`,
    });
    const { code, json } = await run(project, haloEnv(simulator));
    expect(code).toBe(3);
    expect(json.result.runs[0]).toMatchObject({
      status: 'failed',
      error: {
        code: 'value.missing',
        file: expect.stringMatching(/incoming\/tickets\.yaml$/),
        line: 5,
        path: 'input[0].set',
      },
    });
  });
});
