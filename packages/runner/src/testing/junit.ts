import { XMLBuilder } from 'fast-xml-parser';
import type { CaseResult } from './run-tests.ts';

/** The results as JUnit XML, in which CI systems read them: a suite for each file. */
export function junitXml(results: readonly CaseResult[]): string {
  const files = new Map<string, CaseResult[]>();
  for (const result of results) files.set(result.file, [...(files.get(result.file) ?? []), result]);
  const testsuite = [...files].map(([file, cases]) => ({
    ...attributes({ name: file }, cases),
    testcase: cases.map(testcase),
  }));
  const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', format: true });
  const xml = builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: { ...attributes({ name: 'millrace test' }, results), testsuite },
  });
  return String(xml);
}

function attributes(own: Readonly<Record<string, string>>, results: readonly CaseResult[]) {
  const failures = results.filter(({ status }) => status === 'failed').length;
  const time = results.reduce((sum, { seconds }) => sum + seconds, 0);
  const all = { ...own, tests: results.length, failures, errors: 0, skipped: 0, time: time.toFixed(3) };
  return asAttributes(all);
}

function testcase({ name, file, line, target, seconds, complaints }: CaseResult) {
  const own = asAttributes({
    name: clean(name),
    classname: target,
    file,
    line: line ?? 1,
    time: seconds.toFixed(3),
  });
  if (complaints.length === 0) return own;
  const failure = complaints.map(({ lines, diff = [] }) => ({
    ...asAttributes({ message: clean(lines[0] ?? ''), type: 'failure' }),
    '#text': clean([...lines, ...diff].join('\n')),
  }));
  return { ...own, failure };
}

function asAttributes(values: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`@${name}`, String(value)]));
}

/** XML cannot hold control characters, whatever a record holds. */
function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant
  return text.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD');
}
