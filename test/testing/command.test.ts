import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { command } from '../support/command.ts';
import { makeProject, type ProjectFiles } from '../support/project.ts';
import { testFolder } from '../support/tests.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const PROJECT: ProjectFiles = {
  'incoming/rows.yaml':
    'subscriber: { file: { path: rows.ndjson } }\nentity: { type: row, identifier: id }\n',
  'incoming/rows.test.yaml': `target: incoming/rows
cases:
  - { name: right, given: { id: 1 }, expect: [{ id: 1 }] }
  - { name: 'wrong <&>', given: { id: 1, text: "\\x01 ]]> é" }, expect: [] }
`,
  'outgoing/lines.yaml': 'publisher: { file: { path: lines.ndjson } }\n',
  'outgoing/lines.test.yaml':
    'target: outgoing/lines\ncases:\n  - { name: line, given: { id: 1 }, expect: [{ id: 1 }] }\n',
  'routes/r.yaml': 'incoming: rows\noutgoing: lines\n',
};

describe('millrace test', () => {
  it('exits with 5 when a case fails; says where and how; writes JUnit XML; runs what is named', async () => {
    const folder = await makeProject(PROJECT);
    const junit = join(folder, 'junit.xml');
    const failed = await command(['test', '--json', '--config', folder, '--junit', junit]);
    const json = JSON.parse(failed.stdout);
    expect([failed.code, json.ok, json.findings]).toEqual([5, false, []]);
    expect(json.result).toMatchObject({
      passed: 2,
      failed: 1,
      cases: [
        { file: join(folder, 'incoming/rows.test.yaml'), name: 'right', status: 'passed' },
        {
          name: 'wrong <&>',
          status: 'failed',
          message: expect.stringContaining('1 record came out, 0 records expected'),
        },
        { file: join(folder, 'outgoing/lines.test.yaml'), name: 'line', status: 'passed' },
      ],
    });
    const xml = await readFile(junit, 'utf8');
    expect(xml).toContain('<testsuites name="millrace test" tests="3" failures="1"');
    expect(xml).toMatch(/<testcase name="wrong &lt;&amp;&gt;" classname="incoming\/rows"/);
    expect(xml).not.toContain('\u0001');
    const text = await command(['test', 'incoming', '--config', folder, '--filter', 'WRONG']);
    expect(text.code).toBe(5);
    expect(text.stdout).toContain(`✗ wrong <&>  ${join(folder, 'incoming/rows.test.yaml')}:4`);
    expect(text.stdout).toContain('0 passed, 1 failed');
    const named = await command(['test', join(folder, 'outgoing/lines.test.yaml'), '--config', folder]);
    expect([named.code, named.stdout]).toEqual([0, expect.stringContaining('✓ 1 passed')]);
    const unknown = await command(['test', 'outgoing/line.test.yaml', '--json', '--config', folder]);
    expect([unknown.code, JSON.parse(unknown.stdout).findings[0].code]).toEqual([2, 'call.unknown_id']);
  });

  it('rewrites files where it is told to, and exits with 2 where a test file is wrong', async () => {
    const folder = await makeProject(PROJECT);
    const updated = await command(['test', '--update', '--config', folder]);
    expect([updated.code, updated.stdout]).toEqual([0, expect.stringContaining('1 rewritten')]);
    expect((await testFolder(folder)).failures).toEqual({});
    const silent = await makeProject({
      ...PROJECT,
      'incoming/rows.test.yaml': 'target: incoming/rows\ncases:\n  - { name: a, given: { id: 1 } }\n',
    });
    const wrong = await command(['test', '--json', '--config', silent]);
    expect([wrong.code, JSON.parse(wrong.stdout).findings[0]]).toMatchObject([
      2,
      { code: 'test.no_assertion', line: 3 },
    ]);
    expect((await command(['test', '--fill', '--config', silent])).code).toBe(2);
    expect((await command(['test', '--update', '--fill', '--config', silent])).code).toBe(0);
    expect(await readFile(join(silent, 'incoming/rows.test.yaml'), 'utf8')).toContain(
      'expect: [{ id: 1 }] }',
    );
  });
});

describe('the tests of', () => {
  it.each(['configs', 'examples/custom-plugin'])('%s pass, and reach all its steps', async (project) => {
    const { code, stdout } = await command(['test', '--json', '--config', join(root, project)]);
    const { result } = JSON.parse(stdout);
    expect([code, result.failed]).toEqual([0, 0]);
    expect(result.passed).toBeGreaterThan(0);
    expect(result.coverage.stepsReached).toBe(result.coverage.steps);
    expect(result.coverage.branchesReached).toBe(result.coverage.branches);
  });
});
