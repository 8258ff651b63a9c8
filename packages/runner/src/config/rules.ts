import { locateFinding } from './check-file.ts';
import type { Finding } from './project.ts';
import { receivers } from './rules/receivers.ts';
import { records } from './rules/records.ts';
import { referenceFiles } from './rules/reference-files.ts';
import { clients, references, usage } from './rules/references.ts';
import type { Rule } from './rules/rule.ts';
import { schedules } from './rules/schedules.ts';
import { secrets } from './rules/secrets.ts';
import { sharedIdentifiers } from './rules/shared-identifiers.ts';
import { circles, identifiers, parameters, sources } from './rules/sources.ts';

/** Everything that the form of a file cannot say: a list of small rules, each of which reports all it finds. */
export function checkRules(project: Omit<Rule, 'report'>): Finding[] {
  const findings: Finding[] = [];
  const report: Rule['report'] = (file, finding) => {
    // A variable that is not set is one mistake: what its text seems to say wrong is none.
    if (!file.unresolved.has(JSON.stringify(finding.path)))
      findings.push(locateFinding(file.source, finding));
  };
  const rule: Rule = { ...project, report };
  for (const check of [
    clients,
    references,
    usage,
    schedules,
    receivers,
    referenceFiles,
    sources,
    parameters,
    circles,
    identifiers,
    sharedIdentifiers,
    records,
    secrets,
  ])
    check(rule);
  return findings;
}
