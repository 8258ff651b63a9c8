import { describe, expect, it } from 'vitest';
import type { ProjectFiles } from '../support/project.ts';
import { HALO_PROJECT } from '../support/project.ts';
import { testProject } from '../support/tests.ts';

const PROJECT: ProjectFiles = {
  'incoming/rows.yaml': `
subscriber: { file: { path: rows.ndjson } }
entity: { type: row, identifier: id }
transformers:
  - set: { done: true }
`,
};

const FILE = `# What rows are
target: incoming/rows   # the rows

cases:
  # first the short one
  - name: flow # a name
    given: {id: 1,   list: [ 1,2 ]}
    expect: [{ id: 1, list: [1, 2], done: false }]     # to be seen

  - name: 'block'
    given: { id: 2, name: "Ann" }
    expect:
      # the record
      - id: 2 # its id
        name: "Ann"   # as given
        gone: true # not any more
    # behind

  - {name: inline, given: {id: 3}, expect: []}
  - name: right
    given: { id: 4 }
    expect: [ { done:   true, id: 4 } ]
# the end
`;

async function rewritten(files: ProjectFiles, update: 'expectations' | 'fill' = 'expectations') {
  const tested = await testProject({ ...PROJECT, ...files }, { update });
  return { ...tested, texts: [...tested.rewritten.values()] };
}

describe('an update', () => {
  it('writes what came over what was expected, and leaves every other character as it is', async () => {
    const { texts, results, failures } = await rewritten({ 'incoming/rows.test.yaml': FILE });
    expect(texts).toEqual([
      FILE.replace('done: false', 'done: true')
        .replace(
          '      - id: 2 # its id\n        name: "Ann"   # as given\n        gone: true # not any more\n',
          '      - id: 2 # its id\n        name: "Ann" # as given\n        done: true\n',
        )
        .replace('expect: []}', 'expect: [{ id: 3, done: true }]}'),
    ]);
    expect(failures).toEqual({});
    expect(results.map(({ updated }) => updated)).toEqual([true, true, true, false]);
    const again = await rewritten({ 'incoming/rows.test.yaml': texts[0] ?? '' });
    expect(again.texts).toEqual([]);
  });

  it('never makes an error of a record, or a record of an error: somebody must look', async () => {
    const { texts, failures } = await rewritten({
      'incoming/rows.test.yaml': `target: incoming/rows
cases:
  - { name: fails, given: { a: 1 }, expect: [{ a: 1 }] }
  - { name: passes, given: { id: 1 }, expectError: entity.no_identifier }
  - { name: unused, given: { id: 1 }, http: [{ request: { method: GET, path: x }, response: {} }], expect: [] }
`,
    });
    expect([texts, Object.keys(failures)]).toEqual([[], ['fails', 'passes', 'unused']]);
  });

  it('corrects the code of an expected error', async () => {
    const text =
      'target: incoming/rows\ncases:\n  - { name: a, given: { a: 1 }, expectError: value.missing }\n';
    const { texts } = await rewritten({ 'incoming/rows.test.yaml': text });
    expect(texts).toEqual([text.replace('value.missing', 'entity.no_identifier')]);
  });

  it('gives a case that asserts nothing an expectation only where it is asked to', async () => {
    const text = `target: incoming/rows
cases:
  - name: silent
    given: { id: 1 } # one
  - { name: inline, given: { id: 2 } }
  - name: fails
    given: { a: 1 }
`;
    const kept = await rewritten({ 'incoming/rows.test.yaml': text });
    expect([kept.texts, kept.results]).toEqual([[], []]);
    const { texts } = await rewritten({ 'incoming/rows.test.yaml': text }, 'fill');
    expect(texts).toEqual([
      `target: incoming/rows
cases:
  - name: silent
    given: { id: 1 } # one
    expect:
      - id: 1
        done: true
  - { name: inline, given: { id: 2 }, expect: [{ id: 2, done: true }] }
  - name: fails
    given: { a: 1 }
    expectError: entity.no_identifier
`,
    ]);
  });

  it('writes the requests of a publisher, in the words in which they were expected', async () => {
    const text = `target: outgoing/assets
cases:
  - name: known
    given: { payload: { inventory_number: T-1 } }
    expectRequests:
      - { method: POST, path: Asset, body: [{ inventory_number: T-2 }] } # below the client
  - name: silent
    given: { payload: { inventory_number: T-3 } }
`;
    const { texts } = await rewritten({ ...HALO_PROJECT, 'outgoing/assets.test.yaml': text }, 'fill');
    expect(texts).toEqual([
      `${text.replace('T-2', 'T-1')}    expectRequests:
      - method: POST
        path: /api/Asset
        body:
          - inventory_number: T-3
`,
    ]);
  });
});
