import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { SchemaCheck } from './check-file.ts';
import type { Loaded } from './load.ts';
import type { Finding } from './project.ts';
import { checkTest } from './rules/tests.ts';
import { parseSource, shownPath } from './source.ts';
import { parseTestFile, type TestFile } from './test-file.ts';

export interface LoadedTests {
  /** Those whose form is right, by their paths. */
  readonly files: readonly TestFile[];
  readonly findings: readonly Finding[];
}

/** Paths of the test files below a project folder, sorted. */
export async function findTests(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && !entry.name.startsWith('.')) await walk(path);
      } else if (/\.test\.ya?ml$/.test(entry.name)) found.push(path);
    }
  };
  await walk(directory);
  return found.sort();
}

/** Reads and checks test files: their form and, where the project has no errors, what they name in it. */
export async function loadTests(
  directory: string,
  paths: readonly string[],
  { schema, project }: Pick<Loaded, 'schema' | 'project'>,
  cwd: string,
): Promise<LoadedTests> {
  const validate = new SchemaCheck(schema).validator('test');
  const files: TestFile[] = [];
  const findings: Finding[] = [];
  for (const path of paths) {
    const text = await readFile(path, 'utf8');
    const { source, findings: more } = parseSource(text, shownPath(path, cwd));
    findings.push(...more);
    if (source.content === undefined) continue;
    const parsed = parseTestFile({ path, text, source }, validate);
    findings.push(...parsed.findings);
    if (!parsed.file) continue;
    const wrong = project ? await checkTest(parsed.file, project, resolve(cwd, directory)) : [];
    findings.push(...wrong);
    if (!wrong.some(({ severity }) => severity === 'error')) files.push(parsed.file);
  }
  return { files, findings };
}

/** True for a path below a folder. */
export function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}
