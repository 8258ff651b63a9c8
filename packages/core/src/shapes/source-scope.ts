import type { Services } from '../expressions/services.ts';
import type { OptionFinding, OptionPath, Report } from '../findings.ts';

/** Where a value or a rule stands, and whom to tell what is wrong with what it reads. */
export interface SourceScope {
  readonly services: Services;
  readonly report: Report;
  /** From the root of the file. */
  readonly at: OptionPath;
  /** True for what came out of the environment: constant here, another value elsewhere. */
  readonly isVariable: (path: OptionPath) => boolean;
}

/** The same scope, further inside. */
export function below(scope: SourceScope, ...keys: readonly (string | number)[]): SourceScope {
  return { ...scope, at: [...scope.at, ...keys] };
}

/** Reports at the scope's own place. */
export function reportAt(scope: SourceScope): (finding: Omit<OptionFinding, 'path'>) => void {
  return (finding) => scope.report({ ...finding, path: scope.at });
}
