import { describe, expect, it } from 'vitest';
import type { ProjectFiles } from '../support/project.ts';
import { testProject } from '../support/tests.ts';

const PROJECT: ProjectFiles = {
  'incoming/rows.yaml': `
subscriber: { file: { path: rows.ndjson } }
entity: { type: row, identifier: id }
transformers:
  - filter: { "!=": [{ var: state }, closed] }
  - if:
      when: { var: vip }
      then:
        - set: { first: true }
        - use: { transformer: greet }
  - set: { done: true }
`,
  'routes/r.yaml': 'incoming: rows\noutgoing: lines\ntransformers: [{ set: { a: 1 } }]\n',
  'outgoing/lines.yaml': 'publisher: { file: { path: lines.ndjson } }\n',
  'transformers/greet.yaml': `
transformers:
  - if:
      when: { var: name }
      then: [{ set: { text: "Hello &{name}" } }]
      else: [{ set: { text: Hello } }]
`,
};

async function coverage(...given: readonly string[]) {
  const cases = given
    .map((one, index) => `  - { name: case ${index}, given: ${one}, expect: [] }\n`)
    .join('');
  const files =
    given.length === 0 ? {} : { 'incoming/rows.test.yaml': `target: incoming/rows\ncases:\n${cases}` };
  const { coverage: report } = await testProject({ ...PROJECT, ...files });
  const unreached = report.targets.flatMap(({ unreached: list }) =>
    list.map(({ file, line, path, what }) => `${file}:${line} ${path}: ${what}`),
  );
  const { steps, stepsReached, branches, branchesReached, targets } = report;
  return { total: [stepsReached, steps, branchesReached, branches], unreached, targets };
}

describe('coverage', () => {
  it('counts what no test reaches as not reached, each step once', async () => {
    const { total, unreached } = await coverage();
    expect(total).toEqual([0, 9, 0, 6]);
    expect(unreached).toEqual([
      'incoming/rows.yaml:5 transformers[0].filter: no record came here',
      'incoming/rows.yaml:6 transformers[1].if: no record came here',
      'incoming/rows.yaml:9 transformers[1].if.then[0].set: no record came here',
      'incoming/rows.yaml:10 transformers[1].if.then[1].use: no record came here',
      'incoming/rows.yaml:11 transformers[2].set: no record came here',
      'routes/r.yaml:3 transformers[0].set: no record came here',
      'transformers/greet.yaml:3 transformers[0].if: no record came here',
      'transformers/greet.yaml:5 transformers[0].if.then[0].set: no record came here',
      'transformers/greet.yaml:6 transformers[0].if.else[0].set: no record came here',
    ]);
  });

  it('tells the branches apart, those without steps too', async () => {
    const { total, unreached, targets } = await coverage('{ id: 1 }');
    expect(total).toEqual([3, 9, 2, 6]);
    expect(unreached.slice(0, 4)).toEqual([
      'incoming/rows.yaml:5 transformers[0].filter: no record was dropped',
      'incoming/rows.yaml:6 transformers[1].if: the rule was never true',
      'incoming/rows.yaml:9 transformers[1].if.then[0].set: no record came here',
      'incoming/rows.yaml:10 transformers[1].if.then[1].use: no record came here',
    ]);
    expect(targets[0]).toMatchObject({
      target: 'incoming/rows',
      steps: 5,
      stepsReached: 3,
      branches: 4,
      branchesReached: 2,
    });
  });

  it('counts a saved transformer where it stands, whoever uses it, and is whole when all was reached', async () => {
    const vip = await coverage('{ id: 1, vip: true, name: Ann }', '{ id: 2 }', '{ id: 3, state: closed }');
    expect(vip.unreached).toEqual([
      'routes/r.yaml:3 transformers[0].set: no record came here',
      'transformers/greet.yaml:3 transformers[0].if: no record took "else"',
      'transformers/greet.yaml:6 transformers[0].if.else[0].set: no record came here',
    ]);
    const all = await coverage(
      '{ id: 1, vip: true, name: Ann }',
      '{ id: 2, vip: true }',
      '{ id: 3 }',
      '{ id: 4, state: closed }',
    );
    expect([all.total, all.unreached]).toEqual([
      [8, 9, 6, 6],
      ['routes/r.yaml:3 transformers[0].set: no record came here'],
    ]);
  });
});
