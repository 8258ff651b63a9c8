import { isObject, type Json, type JsonObject, type OptionFinding, optionFindings } from '@millrace/core';
import type { ValidateFunction } from 'ajv';
import { locateFinding } from './check-file.ts';
import type { Finding } from './project.ts';
import type { Source } from './source.ts';

/** The files and the kind of each target that a test can name. */
export const TARGET_KINDS = ['incoming', 'routes', 'outgoing', 'transformers'] as const;

export interface RecordedCall {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query?: JsonObject;
    readonly body?: Json;
  };
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Json;
  };
}

export interface ExpectedRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: JsonObject;
  readonly body?: Json;
}

export interface TestCase {
  /** Its place in the file. */
  readonly index: number;
  readonly name: string;
  readonly line?: number;
  readonly given: Json;
  readonly storages: Readonly<Record<string, JsonObject>>;
  readonly http: readonly RecordedCall[];
  readonly parameters: JsonObject;
  readonly expect?: readonly Json[];
  readonly expectError?: string;
  readonly expectRequests?: readonly ExpectedRequest[];
}

/** A `*.test.yaml` file whose form is right; cases of it may assert nothing, which is a finding of its own. */
export interface TestFile {
  /** As findings show it. */
  readonly file: string;
  readonly path: string;
  readonly text: string;
  readonly source: Source;
  readonly target: { readonly kind: (typeof TARGET_KINDS)[number]; readonly id: string };
  /** The frozen clock, milliseconds since the epoch. */
  readonly now?: number;
  readonly cases: readonly TestCase[];
}

export interface ReadTest {
  readonly path: string;
  readonly text: string;
  readonly source: Source;
}

/** Checks the form of a test file and puts it together. Variables are not resolved in it. */
export function parseTestFile(
  { path, text, source }: ReadTest,
  validate: ValidateFunction,
): { file?: TestFile; findings: Finding[] } {
  const content = structuredClone(source.content ?? {});
  const findings: Finding[] = [];
  const report = (finding: OptionFinding) => void findings.push(locateFinding(source, finding));
  if (!validate(content)) optionFindings(validate.errors ?? [], 'a test').forEach(report);
  const wrong = findings.length > 0;
  const cases =
    isObject(content) && Array.isArray(content['cases']) ? (content['cases'] as readonly Json[]) : [];
  for (const [index, one] of cases.entries()) demandAssertion(one, index, report);
  if (wrong || !isObject(content)) return { findings };
  const [kind = '', ...rest] = String(content['target']).split('/');
  const now = content['now'] === undefined ? undefined : parseTime(String(content['now']));
  if (Number.isNaN(now)) {
    const message = `"${String(content['now'])}" is no time`;
    report({
      code: 'config.invalid_value',
      message,
      hint: 'Write one such as 2026-11-23T10:00:00Z.',
      path: ['now'],
    });
    return { findings };
  }
  const file: TestFile = {
    file: source.file,
    path,
    text,
    source,
    target: { kind: kind as TestFile['target']['kind'], id: rest.join('/') },
    ...(now !== undefined && { now }),
    cases: cases.map((one, index) => toCase(one as JsonObject, index, source)),
  };
  return { file, findings };
}

/** Milliseconds since the epoch; UTC where no zone is given. */
function parseTime(text: string): number {
  return Date.parse(/T/.test(text) && !/(Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text);
}

export const ASSERTIONS = ['expect', 'expectError', 'expectRequests'] as const;

function demandAssertion(one: Json, index: number, report: (finding: OptionFinding) => void): void {
  if (!isObject(one) || ASSERTIONS.some((key) => key in one)) return;
  const name = typeof one['name'] === 'string' ? ` "${one['name']}"` : '';
  report({
    code: 'test.no_assertion',
    message: `The case${name} asserts nothing`,
    hint: 'Add expect, expectError or expectRequests; `millrace test --update --fill` writes what comes out.',
    path: ['cases', index],
  });
}

/** True for a case that says what should come of it. */
export function asserts(one: TestCase): boolean {
  return ASSERTIONS.some((key) => one[key] !== undefined);
}

function toCase(one: JsonObject, index: number, source: Source): TestCase {
  const { line } = source.locate(['cases', index]);
  const optional = Object.fromEntries(
    [...ASSERTIONS].flatMap((key) => (one[key] === undefined ? [] : [[key, one[key]]])),
  );
  return {
    index,
    name: String(one['name']),
    ...(line !== undefined && { line }),
    given: one['given'] ?? null,
    storages: (one['storages'] ?? {}) as TestCase['storages'],
    http: (one['http'] ?? []) as unknown as readonly RecordedCall[],
    parameters: (one['parameters'] ?? {}) as JsonObject,
    ...optional,
  };
}
