import type { CoverageReport, Tally } from '../testing/coverage.ts';
import type { CaseResult, TestReport } from '../testing/run-tests.ts';
import type { Complaint } from '../testing/verdict.ts';
import pc from './colours.ts';
import { renderDiff } from './diff.ts';

/** What `--json` prints. */
export function testResult({ results, coverage }: TestReport) {
  const failed = results.filter(({ status }) => status === 'failed').length;
  return {
    passed: results.length - failed,
    failed,
    cases: results.map(({ file, line, target, name, status, complaints, updated }) => ({
      file,
      ...(line !== undefined && { line }),
      target,
      name,
      status,
      ...(complaints.length > 0 && { message: complaints.map(plain).join('\n') }),
      ...(updated && { updated }),
    })),
    coverage,
  };
}

function plain({ lines, diff = [] }: Complaint): string {
  return [...lines, ...diff].join('\n');
}

/** One sentence. */
export function summarize({ results }: TestReport, files: number): string {
  if (files === 0) return 'The project has no test files';
  const failed = results.filter(({ status }) => status === 'failed').length;
  const updated = results.filter((one) => one.updated).length;
  const seconds = results.reduce((sum, one) => sum + one.seconds, 0);
  const parts = [`${results.length - failed} passed`, ...(failed > 0 ? [`${failed} failed`] : [])];
  if (updated > 0) parts.push(`${updated} rewritten`);
  return `${parts.join(', ')} in ${seconds.toFixed(1)} s`;
}

interface Shown {
  readonly files: number;
  readonly coverage: boolean;
  /** Files whose expectations were rewritten. */
  readonly updated: readonly string[];
}

/** For people: a line a file, everything of what failed, what the cases reached. */
export function renderReport(report: TestReport, { files, coverage, updated }: Shown): string {
  if (files === 0) return 'The project has no test files (NAME.test.yaml beside what they test).';
  const byFile = new Map<string, CaseResult[]>();
  for (const result of report.results) byFile.set(result.file, [...(byFile.get(result.file) ?? []), result]);
  const blocks = [...byFile].map(([file, results]) => renderFile(file, results));
  const failed = report.results.some(({ status }) => status === 'failed');
  const summary = `${failed ? pc.red('✗') : pc.green('✓')} ${summarize(report, files)}`;
  const lines = [...blocks, ...updated.map((file) => `${pc.cyan('↻')} ${file} rewritten`)];
  const reached = renderCoverage(report.coverage, coverage);
  return [...lines, '', [summary, ...reached].join('\n')].join('\n');
}

function renderFile(file: string, results: readonly CaseResult[]): string {
  const failed = results.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return `${pc.green('✓')} ${file} ${pc.dim(`(${results.length})`)}`;
  const head = `${pc.red('✗')} ${file} ${pc.dim(`(${failed.length} of ${results.length} failed)`)}`;
  return [head, ...failed.map(renderCase)].join('\n');
}

function renderCase({ file, line, name, complaints }: CaseResult): string {
  const place = pc.dim(line === undefined ? file : `${file}:${line}`);
  const body = complaints.flatMap(({ about, lines, diff = [] }) => {
    const legend =
      diff.length > 0 ? [`${pc.red(`- expected`)}  ${pc.green(LEGENDS[about] ?? '+ came')}`] : [];
    return [...lines, ...legend, ...renderDiff(diff)];
  });
  return [`  ${pc.red('✗')} ${pc.bold(name)}  ${place}`, ...body.map((text) => `      ${text}`), ''].join(
    '\n',
  );
}

const LEGENDS: Readonly<Record<string, string>> = { expect: '+ came out', expectRequests: '+ sent' };

function renderCoverage({ targets, ...total }: CoverageReport, list: boolean): string[] {
  if (total.steps === 0) return [];
  const lines = [`  reached ${ratios(total)}${list ? '' : pc.dim('  (--coverage lists the others)')}`];
  if (!list) return lines;
  for (const { target, unreached, ...tally } of targets) {
    lines.push(`  ${unreached.length === 0 ? pc.green('✓') : pc.yellow('!')} ${target}: ${ratios(tally)}`);
    for (const { file, line, path, what } of unreached) {
      const place = [file, line].filter((part) => part !== undefined).join(':');
      lines.push(`      ${place}  ${pc.dim(path ?? '')}  ${what}`);
    }
  }
  return lines;
}

function ratios({ steps, stepsReached, branches, branchesReached }: Tally): string {
  const parts = [`${stepsReached} of ${steps} steps`];
  if (branches > 0) parts.push(`${branchesReached} of ${branches} branches`);
  return parts.join(', ');
}
