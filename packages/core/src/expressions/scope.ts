import type { OptionPath, Report } from '../findings.ts';
import type { Services } from './services.ts';

/** Where in the way of the data an expression stands: decides what of the context it can read. */
export type Place = 'incoming' | 'route' | 'outgoing' | 'saved';

/** What a source is compiled with, and where its mistakes go. */
export interface Scope {
  readonly place: Place;
  /** Names of the parameters of the saved transformer that is being compiled; undefined elsewhere. */
  readonly parameters?: readonly string[];
  readonly services: Services;
  readonly report: Report;
  readonly at: OptionPath;
}

/** The same scope, further inside the source. */
export function inside(scope: Scope, ...keys: readonly (string | number)[]): Scope {
  return { ...scope, at: [...scope.at, ...keys] };
}
