import { describe, expect, it } from 'vitest';
import type { ProjectFiles } from '../support/project.ts';
import { testProject } from '../support/tests.ts';

const PROJECT: ProjectFiles = {
  'incoming/rows.yaml':
    'subscriber: { file: { path: rows.ndjson } }\nentity: { type: row, identifier: id }\n',
  'outgoing/lines.yaml': 'publisher: { file: { path: lines.ndjson } }\n',
  'routes/to-lines.yaml': 'incoming: rows\noutgoing: lines\n',
  'transformers/greet.yaml':
    'parameters: { who: { type: string } }\ntransformers: [{ set: { text: "@{parameters.who}" } }]\n',
  'storages/agents.yaml': 'ttl: 1d\n',
};

/** Code, place and hint of each finding of one test file. */
async function found(text: string, more: ProjectFiles = {}, name = 'incoming/rows.test.yaml') {
  const { findings } = await testProject({ ...PROJECT, ...more, [name]: text });
  return findings.map(({ code, line, column, path, hint, severity }) =>
    [
      severity === 'error' ? '' : `${severity} `,
      code,
      ` ${line}:${column} `,
      path ?? '',
      hint ? ` → ${hint}` : '',
    ].join(''),
  );
}

describe('the form of a test file', () => {
  it('is strict, and names the nearest key', async () => {
    expect(
      await found(`
target: incoming/rows
nwo: 2026-11-23T10:00:00Z
cases:
  - name: a
    givn: { id: 1 }
    expect: [{ id: 1 }]
  - name: b
    given: { id: 1 }
    expect: { id: 1 }
`),
    ).toEqual([
      'config.unknown_option 3:1 nwo → did you mean "now"?',
      'config.missing_option 5:5 cases[0] → Add "given": A record, a list of records, or { file: fixtures/….json }, a .json, .yaml, .ndjson or .csv file.',
      'config.unknown_option 6:5 cases[0].givn → did you mean "given"?',
      'config.wrong_type 10:5 cases[1].expect',
    ]);
  });

  it('refuses a case that asserts nothing, and runs the others', async () => {
    const { findings, results } = await testProject({
      ...PROJECT,
      'incoming/rows.test.yaml':
        'target: incoming/rows\ncases:\n  - { name: silent, given: { id: 1 } }\n  - { name: says, given: { id: 1 }, expect: [{ id: 1 }] }\n',
    });
    expect(findings).toMatchObject([
      { severity: 'error', code: 'test.no_assertion', line: 3, path: 'cases[0]' },
    ]);
    expect(findings[0]?.message).toContain('"silent"');
    expect(results.map(({ name, status }) => [name, status])).toEqual([['says', 'passed']]);
  });

  it('must name what is there: target, storages, parameters, files, codes', async () => {
    expect(await found('target: incoming/row\ncases:\n  - { name: a, given: {}, expect: [] }\n')).toEqual([
      'config.unknown_reference 1:9 target → did you mean "incoming/rows"?',
    ]);
    expect(await found('target: clients/row\ncases:\n  - { name: a, given: {}, expect: [] }\n')).toEqual([
      'config.invalid_value 1:9 target → What is tested: incoming/ID, routes/ID, outgoing/ID or transformers/ID',
    ]);
    expect(
      await found(
        `
target: incoming/rows
cases:
  - name: a
    given: { file: fixtures/none.json }
    storages: { agent: {} }
    parameters: { who: Ann }
    expectError: entity.no_identifer
  - name: b
    given: { file: ../../../etc/hosts.json }
    expectRequests: []
  - name: c
    given: { file: fixtures/texts.json }
    expect: []
`,
        { 'incoming/fixtures/texts.json': '["a", "b"]' },
      ),
    ).toEqual([
      'config.unreadable 5:5 cases[0].given',
      'config.unknown_reference 6:17 cases[0].storages.agent → did you mean "agents"?',
      'config.unknown_option 7:19 cases[0].parameters.who → Take them out.',
      'config.outside_project 10:5 cases[1].given → Name a file inside the project folder, relative to it.',
      'config.invalid_value 11:5 cases[1].expectRequests → Use expect: it compares the records that come out of the transformers.',
      'config.wrong_type 13:5 cases[2].given → Give one record, or a list of them.',
      'warning config.invalid_value 8:18 cases[0].expectError → did you mean "entity.no_identifier"?',
    ]);
  });

  it('tells what a saved transformer needs, and which publishers send no requests', async () => {
    expect(
      await found(
        'target: transformers/greet\ncases:\n  - { name: a, given: {}, expect: [] }\n',
        {},
        'transformers/greet.test.yaml',
      ),
    ).toEqual(['config.missing_option 3:13 cases[0].name → Add it under "parameters".']);
    const outgoing = 'target: outgoing/lines\ncases:\n  - { name: a, given: {}, expectRequests: [] }\n';
    expect(await found(outgoing, {}, 'outgoing/lines.test.yaml')).toEqual([
      'config.invalid_value 3:27 cases[0].expectRequests → Use expect: it compares the records that come out of the transformers.',
    ]);
  });

  it('says where YAML or a time is none', async () => {
    expect(
      await found('target: incoming/rows\ncases:\n  - { name: a, given: {}, expect: []\n'),
    ).toMatchObject([expect.stringContaining('config.syntax')]);
    const time = (now: string) =>
      `target: incoming/rows\nnow: ${now}\ncases:\n  - { name: a, given: { id: 1 }, expect: [{ id: 1 }] }\n`;
    expect(await found(time('"2026-13-01T00:00:00Z"'))).toEqual([
      'config.invalid_value 2:6 now → Write one such as 2026-11-23T10:00:00Z.',
    ]);
    expect(await found(time('tomorrow'))).toEqual([
      'config.invalid_value 2:6 now → The time at which the clock stands, such as 2026-11-23T10:00:00Z',
    ]);
    expect(await found(time('2026-11-23'))).toEqual([]);
  });

  it('is not interpolated: a variable is the text that it is', async () => {
    const { failures, findings } = await testProject({
      ...PROJECT,
      'incoming/rows.test.yaml':
        'target: incoming/rows\ncases:\n  - { name: a, given: { id: "${HOME}" }, expect: [{ id: "${HOME}" }] }\n',
    });
    expect([failures, findings]).toEqual([{}, []]);
  });
});
