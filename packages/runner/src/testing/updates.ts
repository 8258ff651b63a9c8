import type { Json, JsonObject } from '@millrace/core';
import type { TestCase } from '../config/test-file.ts';
import { type DescribedRequest, inWordsOf } from '../preview/request-match.ts';
import type { CaseRun } from './case-run.ts';
import type { Change } from './rewrite.ts';
import { type Complaint, comparable } from './verdict.ts';

/**
 * What to write over the expectations of a case so that they say what came, and which complaints are left then. An
 * error where records were expected, or records where an error was, is for a person to look at. `fill`: the case
 * expects nothing yet, so that everything is written down.
 */
export function updates(
  one: TestCase,
  run: CaseRun,
  complaints: readonly Complaint[],
  fill: boolean,
): { readonly changes: readonly Change[]; readonly left: readonly Complaint[] } {
  const change = (key: Change['key'], value: Json): Change => ({ index: one.index, key, value });
  const codes = [...new Set(run.errors.map(({ code }) => code))];
  const broken = run.unrecorded.length + run.unused.length + run.stopped.length > 0;
  const [code] = codes;
  if (broken || codes.length > 1) return { changes: [], left: complaints };
  if (fill && code !== undefined) return { changes: [change('expectError', code)], left: [] };
  if (code !== undefined && one.expectError === undefined) return { changes: [], left: complaints };
  const met = new Set<Complaint['about']>();
  const changes: Change[] = [];
  const take = (key: Change['key'], value: Json) => {
    if (!fill && !complaints.some(({ about }) => about === key)) return;
    changes.push(change(key, value));
    met.add(key);
  };
  if (one.expect) take('expect', [...run.made]);
  if (one.expectRequests) take('expectRequests', requests(one, run));
  if (one.expectError !== undefined && code !== undefined) take('expectError', code);
  return { changes, left: complaints.filter(({ about }) => !met.has(about)) };
}

function requests({ expectRequests = [] }: TestCase, { published }: CaseRun): Json {
  const came = comparable(expectRequests, published);
  return came.map((sent, index) => asJson(inWordsOf(expectRequests[index], sent)));
}

function asJson({ method, path, query, body }: DescribedRequest): JsonObject {
  return { method, path, ...(query && { query }), ...(body !== undefined && { body }) };
}
