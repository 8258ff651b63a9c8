import type { Project } from '../config/project.ts';
import { asserts, type TestCase, type TestFile } from '../config/test-file.ts';
import { runCase } from './case-run.ts';
import { Coverage, type CoverageReport } from './coverage.ts';
import { type Change, rewriteCases } from './rewrite.ts';
import { updates } from './updates.ts';
import { type Complaint, judge } from './verdict.ts';

export interface CaseResult {
  /** As findings show it. */
  readonly file: string;
  readonly line?: number;
  readonly target: string;
  readonly name: string;
  readonly status: 'passed' | 'failed';
  readonly seconds: number;
  /** Why it failed. */
  readonly complaints: readonly Complaint[];
  /** The expectation was rewritten. */
  readonly updated: boolean;
}

export interface TestOptions {
  /** Only cases whose names hold it, in any letter case. */
  readonly filter?: string;
  /** Rewrites what cases expect: what they expect already, or also what cases without any expectation come to. */
  readonly update?: 'expectations' | 'fill';
  readonly signal?: AbortSignal;
}

export interface TestReport {
  readonly results: readonly CaseResult[];
  readonly coverage: CoverageReport;
  /** New texts of files, by their paths. */
  readonly rewritten: ReadonlyMap<string, string>;
}

/** Runs the cases of test files, one after the other. Calls no system and writes nothing. */
export async function runTests(
  project: Project,
  files: readonly TestFile[],
  options: TestOptions = {},
): Promise<TestReport> {
  const coverage = new Coverage(project);
  const results: CaseResult[] = [];
  const rewritten = new Map<string, string>();
  for (const file of files) {
    const changes: Change[] = [];
    for (const one of chosen(file, project, options)) {
      if (options.signal?.aborted) break;
      const started = performance.now();
      const run = await runCase(one, file, project, [coverage.watch]);
      const complaints = judge(one, run);
      const { changes: more, left } = options.update
        ? updates(one, run, complaints, !asserts(file.cases[one.index] ?? one))
        : { changes: [], left: complaints };
      changes.push(...more);
      results.push({
        file: file.file,
        ...(one.line !== undefined && { line: one.line }),
        target: `${file.target.kind}/${file.target.id}`,
        name: one.name,
        status: left.length === 0 ? 'passed' : 'failed',
        seconds: (performance.now() - started) / 1000,
        complaints: left,
        updated: more.length > 0,
      });
    }
    if (changes.length > 0) rewritten.set(file.path, rewriteCases(file.text, changes));
  }
  return { results, coverage: coverage.report(), rewritten };
}

/** The cases to run. One that asserts nothing is run only where it is to be filled: it expects nothing first. */
function chosen(file: TestFile, project: Project, { filter, update }: TestOptions): readonly TestCase[] {
  const sends = file.target.kind === 'outgoing' && hasClient(project, file.target.id);
  return file.cases.flatMap((one) => {
    if (filter !== undefined && !one.name.toLowerCase().includes(filter.toLowerCase())) return [];
    if (asserts(one)) return [one];
    if (update !== 'fill') return [];
    return [{ ...one, ...(sends ? { expectRequests: [] } : { expect: [] }) }];
  });
}

function hasClient(project: Project, id: string): boolean {
  const component = project.outgoing.get(id)?.publisher.component ?? '';
  return project.registry.component('publisher', component)?.client !== undefined;
}
