import { resolve } from 'node:path';
import { arrange, type Loaded, loadProject } from '../../packages/runner/src/config/load.ts';
import { findTests, loadTests } from '../../packages/runner/src/config/load-tests.ts';
import type { Finding } from '../../packages/runner/src/config/project.ts';
import { runTests, type TestOptions, type TestReport } from '../../packages/runner/src/testing/run-tests.ts';
import { command } from './command.ts';
import { makeProject, type ProjectFiles } from './project.ts';

export interface Tested extends TestReport {
  readonly folder: string;
  readonly findings: readonly Finding[];
  /** Name, and what is wrong with it in one text, of each case that failed. */
  readonly failures: Readonly<Record<string, string>>;
}

/** Loads a project of files and runs its tests in this process, as the command does. */
export async function testProject(files: ProjectFiles, options: TestOptions = {}): Promise<Tested> {
  const folder = await makeProject(files);
  return testFolder(folder, options);
}

/** The same by the real command: plugins of a project share their `@millrace/core` with the engine only there. */
export async function testByCommand(files: ProjectFiles, ...args: readonly string[]) {
  const folder = await makeProject(files);
  const { code, stdout, stderr } = await command(['test', '--json', '--config', folder, ...args]);
  const { result, findings } = JSON.parse(stdout) as CommandJson;
  const failed = result?.cases.filter(({ status }) => status === 'failed') ?? [];
  const failures: Record<string, string> = Object.fromEntries(
    failed.map(({ name, message = '' }) => [name, message]),
  );
  return { folder, code, stderr, findings, result, failures };
}

interface CommandJson {
  readonly result: {
    readonly passed: number;
    readonly failed: number;
    readonly cases: readonly {
      readonly file: string;
      readonly name: string;
      readonly status: 'passed' | 'failed';
      readonly message?: string;
    }[];
  } | null;
  readonly findings: readonly Finding[];
}

export async function testFolder(folder: string, options: TestOptions = {}): Promise<Tested> {
  const loaded: Loaded = await loadProject(folder, { environment: 'lenient', env: {}, cwd: folder });
  const tests = await loadTests(folder, await findTests(resolve(folder)), loaded, folder);
  const findings = arrange([...loaded.findings, ...tests.findings]).filter(
    ({ code }) => code !== 'config.missing_variable',
  );
  if (!loaded.project) throw new Error(`the project has errors: ${JSON.stringify(findings, null, 1)}`);
  const report = await runTests(loaded.project, tests.files, options);
  const failures = Object.fromEntries(
    report.results
      .filter(({ status }) => status === 'failed')
      .map(({ name, complaints }) => [
        name,
        complaints.flatMap(({ lines, diff = [] }) => [...lines, ...diff]).join('\n'),
      ]),
  );
  return { ...report, folder, findings, failures };
}
