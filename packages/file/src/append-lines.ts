import type { Json, MillraceError } from '@millrace/core';

/** Where a record stands in its file. */
export interface Written {
  readonly offset: number;
  readonly length: number;
}

/** A record on its way into a file; exactly one of the two is called. */
export interface Pending {
  readonly task: string;
  readonly record: Json;
  readonly written: (place: Written) => void;
  readonly failed: (error: MillraceError, status: 'rejected' | 'failed' | 'retry' | 'unknown') => void;
}

/** A record that goes with an append. */
export interface Member {
  readonly one: Pending;
  readonly place: Written;
}

/** One append, ready to be written. */
export interface Prepared {
  readonly bytes: Buffer;
  readonly members: readonly Member[];
  /** What did not fit any more. */
  readonly rest: readonly Pending[];
}

/** Lines in the making, with the place of each in the file. */
export class AppendLines {
  end = '\n';
  readonly #offset: number;
  readonly #chunks: Buffer[] = [];
  readonly #members: Member[] = [];
  length = 0;

  constructor(offset: number) {
    this.#offset = offset;
  }

  text(text: string): number {
    const chunk = Buffer.from(text);
    this.#chunks.push(chunk);
    this.length += chunk.length;
    return chunk.length;
  }

  add(one: Pending, line: string): void {
    const offset = this.#offset + this.length;
    this.#members.push({ one, place: { offset, length: this.text(line) } });
  }

  made(): Pick<Prepared, 'bytes' | 'members'> {
    return { bytes: Buffer.concat(this.#chunks), members: this.#members };
  }
}
