import { type JsonObject, type MillraceError, toMillraceError } from '@millrace/core';
import type { Project } from '../config/project.ts';
import { givenRecords } from '../config/rules/tests.ts';
import type { RecordedCall, TestCase, TestFile } from '../config/test-file.ts';
import { withoutNetwork } from '../preview/network-guard.ts';
import { RecordedHttp } from '../preview/recorded-http.ts';
import { Rehearsal, type Taken } from '../preview/rehearsal.ts';
import type { SentRequest } from '../preview/request-match.ts';
import type { Watch } from '../preview/site-trace.ts';
import { memoryStorages } from '../preview/storage-copy.ts';

/** What came of a case. */
export interface CaseRun {
  /** What came out, of all records in order. */
  readonly made: readonly JsonObject[];
  /** The errors of records, and of the publisher, with their places. */
  readonly errors: readonly MillraceError[];
  /** What the publisher sent. */
  readonly published: readonly SentRequest[];
  readonly unrecorded: readonly SentRequest[];
  readonly unused: readonly RecordedCall[];
  /** What reached for the network past the clients' transports. */
  readonly stopped: readonly string[];
}

/** Runs one case: its records through its target, and, where requests are expected, through the publisher. */
export async function runCase(
  one: TestCase,
  file: TestFile,
  project: Project,
  watches: readonly Watch[],
): Promise<CaseRun> {
  const stopped: string[] = [];
  const made = await withoutNetwork({ stopped: (what) => void stopped.push(what) }, () =>
    rehearse(one, file, project, watches),
  );
  return { ...made, stopped };
}

async function rehearse(
  one: TestCase,
  file: TestFile,
  project: Project,
  watches: readonly Watch[],
): Promise<Omit<CaseRun, 'stopped'>> {
  let rehearsal: Rehearsal | undefined;
  const http = new RecordedHttp(one.http, (signal) => rehearsal?.isPublishing(signal) ?? false);
  const errors: MillraceError[] = [];
  const made: JsonObject[] = [];
  try {
    rehearsal = new Rehearsal({
      project,
      target: file.target,
      ...(file.now !== undefined && { now: file.now }),
      storages: memoryStorages(one.storages),
      transport: http.transport,
      parameters: one.parameters,
      watches,
    });
    const taken: (Taken & { readonly index: number })[] = [];
    for (const [index, record] of (await givenRecords(one.given, file, project.directory)).entries()) {
      const result = await rehearsal.take(record);
      taken.push({ ...result, index });
      made.push(...result.made);
      if (result.error) errors.push(result.error);
    }
    if (one.expectRequests) errors.push(...(await publish(rehearsal, taken)));
  } catch (thrown) {
    // A component that cannot be made: no record got anywhere.
    errors.push(toMillraceError(thrown));
  } finally {
    await rehearsal?.close();
  }
  const { published, unrecorded, unused } = http;
  return { made, errors, published, unrecorded, unused };
}

async function publish(
  rehearsal: Rehearsal,
  taken: readonly (Taken & { readonly index: number })[],
): Promise<readonly MillraceError[]> {
  const messages = taken.filter(({ made }) => made.length > 0);
  try {
    const outcomes = await rehearsal.publish(messages);
    return outcomes.flatMap((outcome) =>
      'error' in outcome ? [rehearsal.locateOutcome(outcome.error)] : [],
    );
  } catch (thrown) {
    return [rehearsal.locateOutcome(toMillraceError(thrown))];
  }
}
