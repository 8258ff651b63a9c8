import { canonicalJson, type Json, type JsonObject, type MillraceError, nearest } from '@millrace/core';
import type { ExpectedRequest, TestCase } from '../config/test-file.ts';
import { jsonDiff } from '../preview/json-diff.ts';
import { describe } from '../preview/recorded-http.ts';
import { type DescribedRequest, inWordsOf, type SentRequest } from '../preview/request-match.ts';
import type { CaseRun } from './case-run.ts';

/** One thing that is not as a case says. */
export interface Complaint {
  /** What of the case is not met; `run`: something that no expectation could allow. */
  readonly about: 'expect' | 'expectError' | 'expectRequests' | 'run';
  /** Sentences, without colours. */
  readonly lines: readonly string[];
  /** Lines that begin with `-` (expected), `+` (came) or a blank. */
  readonly diff?: readonly string[];
}

/** Everything in which what came differs from what a case expects. None: it passed. */
export function judge(one: TestCase, run: CaseRun): readonly Complaint[] {
  return [...records(one, run), ...errors(one, run), ...requests(one, run), ...calls(run)];
}

function records({ expect }: TestCase, { made }: CaseRun): readonly Complaint[] {
  if (!expect || canonicalJson(expect) === canonicalJson(made)) return [];
  const lines = [`${count(made, 'record')} came out, ${count(expect, 'record')} expected`];
  const same = made.length === expect.length;
  return [
    { about: 'expect', lines: same ? ['What came out differs'] : lines, diff: jsonDiff(expect, [...made]) },
  ];
}

function errors({ expectError }: TestCase, { errors: failed }: CaseRun): readonly Complaint[] {
  // A missing answer is told of once, below.
  const told = failed.filter(({ code }) => code !== 'client.unrecorded' || expectError !== undefined);
  if (expectError === undefined) return told.map((error) => ({ about: 'run', lines: explain(error) }));
  const others = failed.filter(({ code }) => code !== expectError);
  if (failed.length === 0)
    return [{ about: 'expectError', lines: [`${expectError} was expected, and no record failed`] }];
  if (others.length === 0) return [];
  return others.map((error) => ({
    about: 'expectError',
    lines: [
      `${expectError} was expected, and this came:${nearness(expectError, error.code)}`,
      ...explain(error),
    ],
  }));
}

function nearness(expected: string, code: string): string {
  return nearest(expected, [code]) === undefined ? '' : ' (a slip of the pen?)';
}

/** `lookup.missing  routes/x.yaml:14:5  transformers[2].lookup`, the message, what to do. */
export function explain(error: MillraceError): readonly string[] {
  const { code, message, hint, file, line, column, path } = error;
  const place = file === undefined ? '' : [file, line, column].filter((part) => part !== undefined).join(':');
  const head = [code, place, path ?? ''].filter(Boolean).join('  ');
  return [head, `  ${message}`, ...(hint === undefined ? [] : [`  → ${hint}`])];
}

function requests({ expectRequests }: TestCase, { published }: CaseRun): readonly Complaint[] {
  if (!expectRequests) return [];
  const sent = comparable(expectRequests, published);
  const came = sent.map((one, index) => inWordsOf(expectRequests[index], one));
  const wanted = expectRequests.map((one, index) => (sent[index] ? inTerms(one) : one));
  if (canonicalJson(asJson(wanted)) === canonicalJson(asJson(came))) return [];
  const lines = [`${count(came, 'request')} sent, ${count(wanted, 'request')} expected`];
  const same = came.length === wanted.length;
  return [
    {
      about: 'expectRequests',
      lines: same ? ['What was sent differs'] : lines,
      diff: jsonDiff(asJson(wanted), asJson(came)),
    },
  ];
}

/** What a publisher only reads is not compared, unless the case names a read. */
export function comparable(
  expected: readonly ExpectedRequest[],
  published: readonly SentRequest[],
): readonly SentRequest[] {
  const reads = expected.some(({ method }) => method === 'GET');
  return reads ? published : published.filter(({ method }) => method !== 'GET');
}

function inTerms({ method, path, query, body }: ExpectedRequest): DescribedRequest {
  return { method, path, ...(query && { query }), ...(body !== undefined && { body }) };
}

function calls({ unrecorded, unused, stopped }: CaseRun): readonly Complaint[] {
  const complaints: Complaint[] = [];
  for (const call of new Set(unrecorded.map(describe)))
    complaints.push({ about: 'run', lines: [`${call} has no recorded answer`, '  → Add it under http.'] });
  for (const { request } of unused) {
    const query = request.query ? ` with ${JSON.stringify(request.query)}` : '';
    const lines = [`No call asked for the recorded answer to ${request.method} ${request.path}${query}`];
    complaints.push({ about: 'run', lines });
  }
  for (const what of new Set(stopped)) {
    const hint = '  → The client must hand `transport` to createHttp, beside `traffic`.';
    complaints.push({ about: 'run', lines: [`${what} reached for the network, and was stopped`, hint] });
  }
  return complaints;
}

function asJson(value: readonly DescribedRequest[]): Json {
  return value as unknown as readonly JsonObject[];
}

function count(list: readonly unknown[], noun: string): string {
  return `${list.length} ${noun}${list.length === 1 ? '' : 's'}`;
}
