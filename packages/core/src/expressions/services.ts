import type { Json } from '../json.ts';

/** A fixed table of the project: code to value. Keys are texts. */
export type LookupTable = ReadonlyMap<string, Json>;

/** What expressions can ask for beside the record and the context. One for each project: nothing is shared. */
export interface Services {
  /** Milliseconds since the epoch. A test may freeze it. */
  readonly now: () => number;
  readonly tables: ReadonlyMap<string, LookupTable>;
}

/** A project without tables, on the machine's clock. */
export const NO_SERVICES: Services = { now: () => Date.now(), tables: new Map() };
