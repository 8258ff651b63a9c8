import type { OptionPath } from '../findings.ts';

/**
 * A segment of a read that stands for any member of a list: `tickets[].id` and `tickets[0].id` read
 * `['tickets', '[]', 'id']`. On something that is no list it stands for the thing itself.
 */
export const ANY_MEMBER = '[]';

/**
 * A path of the record that an expression reads. The empty path is the whole record; a path includes all that lies
 * below it. As in every path, an all-digit segment is an index on a list and a key on an object.
 */
export interface FieldRead {
  readonly path: readonly string[];
  /** Where in the source it is read: keys and indexes inside a rule or value; empty for an expression. */
  readonly at: OptionPath;
  /** True where nothing is wrong when there is no value: `?{…}`, `missing`, a default in `var`. */
  readonly optional?: boolean;
}

/** What a source looks at when it is evaluated. */
export interface Reads {
  /**
   * Everything that the source can read of the record lies at or below one of these. Where that cannot be told
   * (a `var` whose path is computed), the whole record is among them.
   */
  readonly fields: readonly FieldRead[];
  /** True where it reads neither record nor context nor clock: it comes to the same for every record. */
  readonly constant: boolean;
}

/** Gathers what is read while a source is walked. */
export class ReadList {
  readonly #fields = new Map<string, FieldRead>();
  #constant = true;

  add(path: readonly string[], at: OptionPath, optional = false): void {
    const key = JSON.stringify([path, at, optional]);
    this.#fields.set(key, { path, at, ...(optional && { optional }) });
    this.#constant = false;
  }

  /** Something beside the record is read: the context, the clock. */
  varies(): void {
    this.#constant = false;
  }

  addAll(reads: Reads, at: OptionPath, optional = false): void {
    for (const field of reads.fields)
      this.add(field.path, [...at, ...field.at], optional || field.optional === true);
    if (!reads.constant) this.#constant = false;
  }

  done(): Reads {
    return { fields: [...this.#fields.values()], constant: this.#constant };
  }
}
