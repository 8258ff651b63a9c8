import { mkdir, open, stat, truncate } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Json, JsonObject } from '@millrace/core';
import { parse } from 'csv-parse/sync';
import { AppendJournal } from './append-journal.ts';
import { csvCells, csvLine, type Format, ndjsonLine } from './format.ts';
import { withLock } from './lock.ts';

export interface FileShape {
  readonly format: Format;
  readonly delimiter: string;
  /** CSV: absent, the header of the file decides, or the first record. */
  readonly columns?: readonly string[];
  /** Waits until the disk has it. */
  readonly sync: boolean;
}

interface Pending {
  readonly task: string;
  readonly record: Json;
  readonly done: (error?: unknown) => void;
}

const HEADER_BYTES = 65_536;

/** A file that records are appended to: whole lines or nothing, each task's record once. */
export class AppendFile {
  readonly #path: string;
  readonly #shape: FileShape;
  readonly #journal: AppendJournal;
  #columns: readonly string[] | undefined;
  #pending: Pending[] = [];
  #writing: Promise<void> | undefined;

  constructor(path: string, shape: FileShape) {
    this.#path = path;
    this.#shape = shape;
    this.#columns = shape.columns;
    this.#journal = new AppendJournal(join(dirname(path), `.${basename(path)}.journal`));
  }

  /** Resolves when the record is in the file; what is asked for meanwhile goes with the next append, together. */
  append(task: string, record: Json): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({
        task,
        record,
        done: (error) => (error === undefined ? resolve() : reject(error)),
      });
      this.#writing ??= this.#drain();
    });
  }

  /** Whether a task's record stands in the file. */
  async holds(task: string): Promise<boolean> {
    await mkdir(dirname(this.#path), { recursive: true });
    return withLock(this.#path, async () => {
      await this.#recover();
      return this.#journal.find(task) !== undefined;
    });
  }

  async #drain(): Promise<void> {
    // One turn of the event loop: publish calls that start together are written together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0) {
      const group = this.#pending;
      this.#pending = [];
      try {
        await mkdir(dirname(this.#path), { recursive: true });
        await withLock(this.#path, () => this.#write(group));
      } catch (error) {
        for (const one of group) one.done(error);
      }
    }
    this.#writing = undefined;
  }

  async #write(group: readonly Pending[]): Promise<void> {
    const size = await this.#recover();
    const lines: string[] = [];
    const written: Pending[] = [];
    if (this.#shape.format === 'csv') await this.#findColumns(size, group, lines);
    for (const one of group) {
      try {
        lines.push(this.#line(one.record));
        written.push(one);
      } catch (error) {
        one.done(error);
      }
    }
    if (written.length === 0) return;
    const bytes = Buffer.from(lines.join(''));
    await this.#journal.add({ offset: size, length: bytes.length, tasks: written.map((one) => one.task) });
    const handle = await open(this.#path, 'a');
    try {
      await handle.appendFile(bytes);
      if (this.#shape.sync) await handle.datasync();
    } finally {
      await handle.close();
    }
    for (const one of written) one.done();
  }

  #line(record: Json): string {
    if (this.#shape.format === 'ndjson') return ndjsonLine(record);
    return csvLine(
      csvCells(record as JsonObject, this.#columns ?? [], basename(this.#path)),
      this.#shape.delimiter,
    );
  }

  /** Cuts off an append that was torn, and returns the size of what is whole. */
  async #recover(): Promise<number> {
    await this.#journal.refresh();
    const size = await stat(this.#path).then(
      (found) => found.size,
      () => 0,
    );
    const { last } = this.#journal;
    if (!last || size >= last.offset + last.length) return size;
    if (size > last.offset) await truncate(this.#path, last.offset);
    // Shorter than before the last append: somebody took the file away, or emptied it.
    if (size < last.offset) this.#columns = this.#shape.columns;
    await this.#journal.clear();
    return Math.min(size, last.offset);
  }

  async #findColumns(size: number, group: readonly Pending[], lines: string[]): Promise<void> {
    if (size > 0) {
      this.#columns ??= await this.#readHeader();
      return;
    }
    this.#columns = this.#shape.columns ?? Object.keys((group[0]?.record ?? {}) as JsonObject);
    lines.push(csvLine(this.#columns, this.#shape.delimiter));
  }

  async #readHeader(): Promise<readonly string[]> {
    const handle = await open(this.#path, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      const text = buffer.subarray(0, bytesRead).toString('utf8');
      const rows = parse(text, {
        delimiter: this.#shape.delimiter,
        bom: true,
        to_line: 1,
        relax_column_count: true,
      });
      return (rows[0] ?? []) as string[];
    } finally {
      await handle.close();
    }
  }
}
