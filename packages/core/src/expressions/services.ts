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

/** What the examples of functions are evaluated with: a clock that stands still, and one table. */
export const EXAMPLE_SERVICES: Services = {
  now: () => Date.UTC(2026, 10, 23, 9),
  tables: new Map([
    [
      'priorities',
      new Map<string, Json>([
        ['1', 'high'],
        ['2', 'low'],
      ]),
    ],
  ]),
};
