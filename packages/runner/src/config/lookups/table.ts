import type { Json, LookupTable } from '@millrace/core';
import type { Finding } from '../project.ts';

/** A file of `lookups/`, as far as it could be read. */
export interface TableFile {
  /** As findings show it. */
  readonly file: string;
  readonly table: LookupTable;
  readonly findings: readonly Finding[];
}

type Place = Pick<Finding, 'line' | 'column' | 'path'>;

/** Gathers the entries of a table and what is wrong with them. */
export class TableBuilder {
  readonly findings: Finding[] = [];
  readonly #file: string;
  readonly #entries = new Map<string, Json>();
  readonly #lines = new Map<string, number | undefined>();

  constructor(file: string) {
    this.#file = file;
  }

  /** The first of two entries of one key stays. */
  add(key: string, value: Json, place: Place): void {
    if (this.#entries.has(key)) {
      this.duplicate(key, this.#lines.get(key), place);
      return;
    }
    this.#entries.set(key, value);
    this.#lines.set(key, place.line);
  }

  duplicate(key: string, first: number | undefined, place: Place): void {
    const where = first === undefined ? '' : `; the first stands in line ${first}`;
    const message = `The key ${JSON.stringify(key)} stands here a second time${where}`;
    this.report('config.duplicate_key', message, 'Remove one of the two: keys compare as texts.', place);
  }

  report(code: string, message: string, hint: string | undefined, place: Place): void {
    const known = Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined));
    this.findings.push({
      severity: 'error',
      code,
      message,
      ...(hint !== undefined && { hint }),
      file: this.#file,
      ...known,
    });
  }

  done(): TableFile {
    return { file: this.#file, table: this.#entries, findings: this.findings };
  }
}
