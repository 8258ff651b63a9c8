import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MillraceError, suggestion } from '@millrace/core';
import type { Command } from 'commander';
import { arrange, loadProject } from '../config/load.ts';
import { findTests, isBelow, loadTests } from '../config/load-tests.ts';
import { shownPath } from '../config/source.ts';
import { junitXml } from '../testing/junit.ts';
import { runTests, type TestReport } from '../testing/run-tests.ts';
import { type CommandIo, errorFinding, finish, globalOptions } from './output.ts';
import { type RecordOptions, record } from './record.ts';
import { watchSignals } from './signals.ts';
import { positive } from './tasks.ts';
import { renderReport, summarize, testResult } from './test-report.ts';

interface TestCommandOptions extends Omit<RecordOptions, 'record'> {
  readonly record?: string;
  readonly filter?: string;
  readonly update?: boolean;
  readonly fill?: boolean;
  readonly coverage?: boolean;
  readonly junit?: string;
}

export function registerTest(program: Command, io: CommandIo): void {
  program
    .command('test')
    .description('Run the test files of the project (all, or those named): given records, expected ones')
    .argument('[file...]', 'test files, or folders of them')
    .option('--filter <name>', 'only cases whose names hold this text')
    .option('--update', 'write what comes out over what is expected')
    .option('--fill', 'with --update: also where a case expects nothing yet')
    .option('--coverage', 'list the steps and branches that no case reached')
    .option('--junit <file>', 'also write the results as JUnit XML')
    .option('--record <route>', 'instead: read live records of a route and write first tests of them')
    .option('--limit <n>', 'with --record: so many records', positive, 5)
    .option('--from <cursor>', 'with --record: begin at this cursor')
    .option(
      '--redact <field>',
      'with --record: replace the texts of this field, too; * stands for letters',
      collect,
      [],
    )
    .option('--keep <field>', 'with --record: leave this field as it is', collect, [])
    .action((files: string[], _: unknown, command: Command) => {
      const options = globalOptions<TestCommandOptions>(command);
      return options.record === undefined
        ? test(files, options, io)
        : record({ ...options, record: options.record }, io);
    });
}

function collect(value: string, all: readonly string[]): readonly string[] {
  return [...all, value];
}

async function test(names: readonly string[], options: TestCommandOptions, io: CommandIo): Promise<void> {
  const loaded = await loadProject(options.directory, { environment: 'lenient', env: io.env, cwd: io.cwd });
  const directory = resolve(io.cwd, options.directory);
  const fail = (error: MillraceError) =>
    finish(io, options, {
      command: 'test',
      summary: error.message,
      findings: [errorFinding(error)],
      text: '',
    });
  if (options.fill && !options.update)
    return fail(
      new MillraceError('call.invalid_option', '--fill goes with --update', { hint: 'Add --update.' }),
    );
  const all = await findTests(directory);
  const chosen = choose(names, all, directory, io.cwd);
  if (chosen instanceof MillraceError) return fail(chosen);
  const tests = await loadTests(directory, chosen, loaded, io.cwd);
  // Variables that are not set are no matter of tests.
  const relevant = loaded.findings.filter(
    ({ code, severity }) => severity === 'error' || code !== 'config.missing_variable',
  );
  const findings = arrange([...relevant, ...tests.findings]);
  if (!loaded.project)
    return finish(io, options, {
      command: 'test',
      findings,
      summary: 'The project has errors; nothing was tested',
    });
  const mode = options.update ? (options.fill ? 'fill' : 'expectations') : undefined;
  const signals = watchSignals(io);
  const report = await runTests(loaded.project, tests.files, {
    signal: signals.signal,
    ...(options.filter !== undefined && { filter: options.filter }),
    ...(mode && { update: mode }),
  }).finally(signals.stop);
  for (const [path, text] of report.rewritten) await writeFile(path, text);
  if (options.junit !== undefined) await writeFile(resolve(io.cwd, options.junit), junitXml(report.results));
  if (options.filter !== undefined && report.results.length === 0 && tests.files.length > 0)
    return fail(new MillraceError('call.unknown_id', `No case has "${options.filter}" in its name`));
  const filled = mode === 'fill' ? findings.filter(({ code }) => code !== 'test.no_assertion') : findings;
  const wrong = filled.some(({ severity }) => severity === 'error');
  const code = wrong ? 2 : exitCode(report, signals.received);
  finish(io, options, {
    command: 'test',
    findings: filled,
    summary: summarize(report, chosen.length),
    result: testResult(report),
    text: renderReport(report, {
      files: chosen.length,
      coverage: options.coverage === true,
      updated: shownUpdates(report, io.cwd),
    }),
    exitCode: code,
  });
}

function shownUpdates({ rewritten }: TestReport, cwd: string): readonly string[] {
  return [...rewritten.keys()].map((path) => shownPath(path, cwd));
}

function exitCode({ results }: TestReport, signal: 'SIGINT' | 'SIGTERM' | undefined): number {
  if (signal) return signal === 'SIGINT' ? 130 : 143;
  return results.some(({ status }) => status === 'failed') ? 5 : 0;
}

/** The test files that the call names: by path from the working directory or the project, or all below a folder. */
function choose(
  names: readonly string[],
  all: readonly string[],
  directory: string,
  cwd: string,
): readonly string[] | MillraceError {
  if (names.length === 0) return all;
  const chosen = new Set<string>();
  for (const name of names) {
    const places = [resolve(cwd, name), resolve(directory, name)];
    const found = all.filter((path) => places.some((place) => isBelow(path, place)));
    if (found.length === 0) {
      const known = all.map((path) => shownPath(path, cwd));
      return new MillraceError('call.unknown_id', `"${name}" is no test file of the project`, {
        hint: suggestion(name, known, 'there is'),
      });
    }
    for (const path of found) chosen.add(path);
  }
  return [...chosen].sort();
}
