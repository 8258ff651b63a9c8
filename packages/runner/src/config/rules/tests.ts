import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import {
  ERROR_CODES,
  type Json,
  MillraceError,
  nearest,
  type OptionFinding,
  type OptionPath,
  suggestion,
} from '@millrace/core';
import { locateFinding } from '../check-file.ts';
import { asRecords, givenFile, readRecords } from '../given-file.ts';
import type { Finding, Project } from '../project.ts';
import { projectFiles } from '../project-paths.ts';
import type { TestCase, TestFile } from '../test-file.ts';

type Report = (finding: OptionFinding) => void;

/** What a test names in its project: its target, storages, parameters, files. */
export async function checkTest(file: TestFile, project: Project, directory: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  const report: Report = (finding) => void findings.push(locateFinding(file.source, finding));
  const { kind, id } = file.target;
  if (!project[kind].has(id)) {
    const known = [...project[kind].keys()].map((name) => `${kind}/${name}`);
    const message = `There is no ${kind}/${id}`;
    const hint = suggestion(`${kind}/${id}`, known, 'there is');
    report({ code: 'config.unknown_reference', message, hint, path: ['target'] });
    return findings;
  }
  for (const one of file.cases) {
    const at = (...path: OptionPath): OptionPath => ['cases', one.index, ...path];
    storages(one, project, at, report);
    parameters(one, file, project, at, report);
    requests(one, file, project, at, report);
    errorCode(one, at, report);
    await given(one, file, directory, at, report);
  }
  return findings;
}

type At = (...path: OptionPath) => OptionPath;

function storages(one: TestCase, project: Project, at: At, report: Report): void {
  for (const name of Object.keys(one.storages)) {
    if (project.storages.has(name)) continue;
    const message = `There is no storage "${name}"`;
    const hint = suggestion(name, [...project.storages.keys()], 'there is');
    report({ code: 'config.unknown_reference', message, hint, path: at('storages', name), atKey: true });
  }
}

function parameters(one: TestCase, { target }: TestFile, project: Project, at: At, report: Report): void {
  const declared =
    target.kind === 'transformers' ? (project.transformers.get(target.id)?.parameters ?? {}) : {};
  const names = Object.keys(declared);
  for (const name of Object.keys(one.parameters)) {
    if (names.includes(name)) continue;
    const message =
      target.kind === 'transformers'
        ? `transformers/${target.id} has no parameter "${name}"`
        : 'Parameters are for saved transformers only';
    const hint =
      target.kind === 'transformers' ? suggestion(name, names, 'its parameters') : 'Take them out.';
    report({ code: 'config.unknown_option', message, hint, path: at('parameters', name), atKey: true });
  }
  for (const name of names) {
    if (Object.hasOwn(one.parameters, name) || declared[name]?.default !== undefined) continue;
    const message = `transformers/${target.id} needs the parameter "${name}"`;
    report({ code: 'config.missing_option', message, hint: 'Add it under "parameters".', path: at('name') });
  }
}

function requests(one: TestCase, { target }: TestFile, project: Project, at: At, report: Report): void {
  if (!one.expectRequests) return;
  const publisher = target.kind === 'outgoing' ? project.outgoing.get(target.id)?.publisher : undefined;
  const component = publisher && project.registry.component('publisher', publisher.component);
  if (component?.client) return;
  const message = publisher
    ? `The publisher "${publisher.component}" has no client whose requests could be compared`
    : 'Only an outgoing sends requests';
  const hint = 'Use expect: it compares the records that come out of the transformers.';
  report({ code: 'config.invalid_value', message, hint, path: at('expectRequests'), atKey: true });
}

function errorCode({ expectError }: TestCase, at: At, report: Report): void {
  if (expectError === undefined || Object.hasOwn(ERROR_CODES, expectError)) return;
  const near = nearest(expectError, Object.keys(ERROR_CODES));
  report({
    severity: 'warning',
    code: 'config.invalid_value',
    message: `No error of Millrace has the code "${expectError}"`,
    hint: near === undefined ? 'docs/reference/errors.md lists them.' : `did you mean "${near}"?`,
    path: at('expectError'),
  });
}

async function given(
  one: TestCase,
  file: TestFile,
  directory: string,
  at: At,
  report: Report,
): Promise<void> {
  try {
    await givenRecords(one.given, file, directory);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const { code, message, hint } = error;
    report({ code, message, ...(hint !== undefined && { hint }), path: at('given') });
  }
}

/** The records that a case is given. Throws `config.*` errors. */
export async function givenRecords(given: Json, file: TestFile, directory: string) {
  const name = givenFile(given);
  if (name === undefined) return asRecords(given, 'given');
  const { resolvePath: inProject } = projectFiles(directory);
  // Beside the test, else below the project folder.
  const [beside, below] = [inProject(join(relative(directory, dirname(file.path)), name)), inProject(name)];
  return readRecords(existsSync(beside) || !existsSync(below) ? beside : below, name);
}
