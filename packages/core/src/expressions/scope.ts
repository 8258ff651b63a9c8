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
  /** Findings point at the key of the place, not at its value. */
  readonly atKey?: boolean;
}

/** The same scope, further inside the source. */
export function inside(scope: Scope, ...keys: readonly (string | number)[]): Scope {
  const { atKey: _, ...rest } = scope;
  return { ...rest, at: [...scope.at, ...keys] };
}
