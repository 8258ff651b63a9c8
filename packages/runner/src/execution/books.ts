import { MillraceError } from '@millrace/core';
import type { RunRecord } from '../store/store.ts';

const HINT =
  'Nothing read is lost and the cursor stays where it was: run it again; if it stays so, look at the paging of the source.';

/**
 * Why the books of a run do not balance, or undefined where they do. See the contract of runs. `incomplete`: what the
 * subscriber itself found missing.
 */
export function imbalance(run: RunRecord, incomplete?: MillraceError): MillraceError | undefined {
  const { counts, announced } = run;
  const findings: string[] = [];
  if (announced && !run.limited && (counts.read < announced.lowest || counts.read > announced.highest)) {
    const { lowest, highest } = announced;
    const range = lowest === highest ? String(highest) : `${lowest} to ${highest}`;
    findings.push(`the source announced ${range} records, and ${counts.read} were read`);
  }
  if (incomplete) findings.push(incomplete.message);
  if (counts.read !== counts.dropped + counts.failed + counts.passed) {
    findings.push(
      `${counts.read} rows were read, but ${counts.dropped + counts.failed + counts.passed} accounted for`,
    );
  }
  for (const [route, books] of Object.entries(counts.routes)) {
    const seen = books.dropped + books.failed + books.passed;
    if (counts.entities !== seen) findings.push(`route ${route} saw ${seen} of ${counts.entities} entities`);
    if (books.made !== books.created + books.unchanged) {
      findings.push(
        `route ${route} made ${books.made} messages and stored ${books.created + books.unchanged}`,
      );
    }
  }
  if (findings.length === 0) return undefined;
  return new MillraceError('run.unbalanced', `The books do not balance: ${findings.join('; ')}`, {
    hint: incomplete?.hint ?? HINT,
    ...(incomplete && { cause: incomplete, data: incomplete.data }),
  });
}
