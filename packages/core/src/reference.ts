import type { RunContext } from './contracts.ts';

/** Something that another system knows by a name and by an id. */
export interface NamedRecord {
  readonly name: string;
  readonly id: string | number;
}

/** Tells what stands for the names of a system, so that a configuration can use the names. */
export interface Reference {
  /** All records of a table: whole, or it rejects. Two of one name are both given. */
  read(table: string, run: RunContext): Promise<readonly NamedRecord[]>;
}
