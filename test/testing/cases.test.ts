import { describe, expect, it } from 'vitest';
import type { ProjectFiles } from '../support/project.ts';
import { testProject } from '../support/tests.ts';

const PROJECT: ProjectFiles = {
  'incoming/rows.yaml': `
subscriber: { file: { path: rows.ndjson } }
entity: { type: row, identifier: id }
transformers:
  - filter: { "!=": [{ var: state }, closed] }
`,
  'outgoing/lines.yaml': `
transformers:
  - set: { task: "@{task.id}", attempt: "@{attempt}", entity: "@{entity.type}/@{entity.id}" }
publisher: { file: { path: lines.ndjson } }
`,
  'routes/to-lines.yaml': `
incoming: rows
outgoing: lines
transformers:
  - map: { id: "&{id}", key: "@{entity.id}", type: "@{entity.type}", at: "@{run.startedAt}", run: "@{run.id}" }
`,
  'transformers/greet.yaml': `
parameters:
  who: { type: string }
  mark: { type: string, default: "!" }
transformers:
  - set: { text: "Hello @{parameters.who}@{parameters.mark}" }
`,
};

const test = (target: string, cases: string, more = '') => `target: ${target}\n${more}cases:\n${cases}`;

describe('a case', () => {
  it('compares what came out exactly: deep, in order, null is not absent, the order of keys is free', async () => {
    const { failures, results } = await testProject({
      ...PROJECT,
      'incoming/rows.test.yaml': test(
        'incoming/rows',
        `
  - { name: keys, given: { id: 1, a: { x: 1, y: 2 } }, expect: [{ a: { y: 2, x: 1 }, id: 1 }] }
  - { name: dropped, given: { id: 1, state: closed }, expect: [] }
  - { name: several, given: [{ id: 1 }, { id: 2, state: closed }, { id: 3 }], expect: [{ id: 1 }, { id: 3 }] }
  - { name: null is not absent, given: { id: 1, a: null }, expect: [{ id: 1 }] }
  - { name: absent is not null, given: { id: 1 }, expect: [{ id: 1, a: null }] }
  - { name: text is no number, given: { id: 1 }, expect: [{ id: "1" }] }
  - { name: order of records, given: [{ id: 1 }, { id: 2 }], expect: [{ id: 2 }, { id: 1 }] }
  - { name: order of lists, given: { id: 1, l: [1, 2] }, expect: [{ id: 1, l: [2, 1] }] }
  - { name: one too many, given: { id: 1 }, expect: [] }
`,
      ),
    });
    expect(results.filter(({ status }) => status === 'passed').map(({ name }) => name)).toEqual([
      'keys',
      'dropped',
      'several',
    ]);
    expect(Object.keys(failures)).toEqual([
      'null is not absent',
      'absent is not null',
      'text is no number',
      'order of records',
      'order of lists',
      'one too many',
    ]);
    expect(failures['null is not absent']).toContain('+    "a": null');
    expect(failures['text is no number']).toMatch(/-\s+"id": "1"\n\+\s+"id": 1/);
    expect(failures['one too many']).toContain('1 record came out, 0 records expected');
  });

  it('names the step in which a record failed, and takes an expected error for what it is', async () => {
    const { failures } = await testProject({
      ...PROJECT,
      'routes/to-lines.yaml': `
incoming: rows
outgoing: lines
transformers:
  - if:
      when: { "==": [{ var: kind }, letter] }
      then:
        - set: { label: "No. &{number}" }
  - set: { done: true }
`,
      'routes/to-lines.test.yaml': test(
        'routes/to-lines',
        `
  - { name: fails, given: { id: 1, kind: letter }, expect: [] }
  - { name: fails as expected, given: { id: 1, kind: letter }, expectError: value.missing }
  - { name: one of two fails, given: [{ id: 1 }, { id: 2, kind: letter }], expect: [{ id: 1, done: true }], expectError: value.missing }
  - { name: nothing fails, given: { id: 1 }, expectError: value.missing }
  - { name: another error, given: { id: 1, kind: letter }, expectError: value.failed }
`,
      ),
    });
    expect(Object.keys(failures)).toEqual(['fails', 'nothing fails', 'another error']);
    expect(failures['fails']).toContain(
      'value.missing  routes/to-lines.yaml:8:11  transformers[0].if.then[0].set',
    );
    expect(failures['nothing fails']).toBe('value.missing was expected, and no record failed');
    expect(failures['another error']).toContain('value.failed was expected, and this came:');
  });

  it('needs an identifier where a run would', async () => {
    const { failures } = await testProject({
      ...PROJECT,
      'incoming/rows.test.yaml': test(
        'incoming/rows',
        `
  - { name: none, given: { a: 1 }, expect: [{ a: 1 }] }
  - { name: expected, given: { a: 1 }, expectError: entity.no_identifier }
`,
      ),
    });
    expect(Object.keys(failures)).toEqual(['none']);
    expect(failures['none']).toContain('entity.no_identifier  incoming/rows.yaml:3:34  entity.identifier');
  });

  it('reads the context with values that are always the same, and the clock that is frozen', async () => {
    const { failures } = await testProject({
      ...PROJECT,
      'routes/to-lines.test.yaml': test(
        'routes/to-lines',
        `
  - name: a route knows run and entity
    given: [{ id: 7 }, { name: no id }]
    expect:
      - { id: 7, key: "7", type: row, at: "2026-11-23T10:00:00.000Z", run: test-run }
      - { id: null, key: test-entity-2, type: row, at: "2026-11-23T10:00:00.000Z", run: test-run }
`,
        'now: 2026-11-23T10:00:00Z\n',
      ),
      'outgoing/lines.test.yaml': test(
        'outgoing/lines',
        `
  - name: an outgoing knows its task
    given: [{ id: 7 }, { id: 8 }]
    expect:
      - { id: 7, task: test-task-1, attempt: 1, entity: row/test-entity-1 }
      - { id: 8, task: test-task-2, attempt: 1, entity: row/test-entity-2 }
`,
      ),
    });
    expect(failures).toEqual({});
  });

  it('gives a saved transformer its parameters, defaults included', async () => {
    const { failures } = await testProject({
      ...PROJECT,
      'transformers/greet.test.yaml': test(
        'transformers/greet',
        `
  - { name: default, given: {}, parameters: { who: Ann }, expect: [{ text: Hello Ann! }] }
  - { name: given, given: {}, parameters: { who: Bo, mark: "." }, expect: [{ text: Hello Bo. }] }
`,
      ),
    });
    expect(failures).toEqual({});
  });

  it('takes its records from JSON, YAML, NDJSON and CSV, beside the test or below the project', async () => {
    const file = (name: string, id: string) => `
  - { name: ${name}, given: { file: ${name} }, expect: [{ id: ${id}, name: Ann }, { id: ${id}, name: Bo }] }`;
    const { failures, findings } = await testProject({
      ...PROJECT,
      'incoming/fixtures/rows.json': '[{"id":1,"name":"Ann"},{"id":1,"name":"Bo"}]',
      'incoming/fixtures/rows.yaml': '- { id: 1, name: Ann }\n- { id: 1, name: Bo }\n',
      'fixtures/rows.ndjson': '{"id":1,"name":"Ann"}\n\n{"id":1,"name":"Bo"}\n',
      'fixtures/rows.csv': '\uFEFFid,name\n1,Ann\n1,Bo\n',
      'incoming/rows.test.yaml': test(
        'incoming/rows',
        [
          file('fixtures/rows.json', '1'),
          file('fixtures/rows.yaml', '1'),
          file('fixtures/rows.ndjson', '1'),
          file('fixtures/rows.csv', '"1"'),
          `
  - { name: a record with a file, given: { file: photo.png, id: 1 }, expect: [{ file: photo.png, id: 1 }] }
  - { name: a record of a file, given: { file: photo.png }, expectError: entity.no_identifier }`,
        ].join(''),
      ),
    });
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(failures).toEqual({});
  });
});
