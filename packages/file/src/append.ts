import type { FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { isObject, type Json, type JsonObject, MillraceError } from '@millrace/core';
import { AppendLines, type Member, type Pending, type Prepared } from './append-lines.ts';
import { readHeader } from './csv-header.ts';
import type { Format } from './format.ts';
import type { Journal } from './journal.ts';
import { csvCells, csvLine, ndjsonLine } from './lines.ts';
import { fileError, holdsAppend, identityOf, openTarget, syncFolder } from './target-file.ts';

export interface FileShape {
  readonly format: Format;
  readonly delimiter: string;
  /** CSV: absent, the header of the file decides, or the first record. */
  readonly columns?: readonly string[];
  /** Waits until the disk has it. */
  readonly sync: boolean;
}

/** Bytes of one append; what is more goes with the next one. */
const MAX_BYTES = 8_388_608;

/**
 * Adds records to the file at a path: lines that are whole, in one append, each task's record once. The journal is
 * open, and nothing in it is left to be settled. Tells every record what became of it but those that it returns: they
 * did not fit into this append. Rejects where an append was begun and its end is not known.
 */
export async function appendRecords(
  journal: Journal,
  path: string,
  shape: FileShape,
  pending: readonly Pending[],
): Promise<readonly Pending[]> {
  let handle: FileHandle;
  try {
    handle = await openTarget(path);
  } catch (thrown) {
    failAll(pending, fileError(thrown, basename(path)));
    return [];
  }
  try {
    return await new FileAppend(journal, path, shape, handle).add(pending);
  } finally {
    await handle.close();
  }
}

function failAll(pending: readonly Pending[], error: MillraceError): void {
  // Nothing was written: what a person must put right first has failed, the rest may be tried again.
  const status = error.code === 'client.unavailable' ? 'retry' : 'failed';
  for (const one of pending) one.failed(error, status);
}

class FileAppend {
  readonly #journal: Journal;
  readonly #path: string;
  readonly #name: string;
  readonly #shape: FileShape;
  readonly #handle: FileHandle;

  constructor(journal: Journal, path: string, shape: FileShape, handle: FileHandle) {
    this.#journal = journal;
    this.#path = path;
    this.#name = basename(path);
    this.#shape = shape;
    this.#handle = handle;
  }

  async add(pending: readonly Pending[]): Promise<readonly Pending[]> {
    const stats = await this.#handle.stat();
    const group = await this.#once(pending);
    let prepared: Prepared;
    try {
      prepared = await this.#prepare(stats.size, group);
    } catch (thrown) {
      failAll(group, fileError(thrown, this.#name));
      return [];
    }
    const { bytes, members, rest } = prepared;
    if (members.length === 0) return rest;
    const append = {
      file: this.#name,
      identity: identityOf(stats),
      offset: stats.size,
      length: bytes.length,
      checksum: crc32(bytes),
    };
    let id: number;
    try {
      const tasks = members.map(({ one }) => one.task);
      id = this.#journal.begin(append, tasks);
    } catch (thrown) {
      failAll(group, fileError(thrown, this.#name));
      return [];
    }
    if (await this.#write(bytes, stats.size, id, members)) {
      for (const { one, place } of members) one.written(place);
    }
    return rest;
  }

  /** Those that the file does not hold yet: a task that was sent again by a late worker is not written twice. */
  async #once(pending: readonly Pending[]): Promise<readonly Pending[]> {
    const group: Pending[] = [];
    const known = new Map<number, boolean>();
    for (const one of pending) {
      const append = this.#journal.find(one.task);
      if (!append || append.state === 'begun' || append.file !== this.#name) {
        group.push(one);
        continue;
      }
      const held = known.get(append.id) ?? (await holdsAppend(this.#path, append));
      known.set(append.id, held);
      const { offset, length } = append;
      if (held) one.written({ offset, length });
      else group.push(one);
    }
    return group;
  }

  async #prepare(size: number, group: readonly Pending[]): Promise<Prepared> {
    const lines = new AppendLines(size);
    // Somebody's last line without an end would run into ours.
    if (size > 0 && !(await this.#endsLine(size))) lines.text('\n');
    const render = this.#shape.format === 'csv' ? await this.#csv(size, group, lines) : ndjsonLine;
    for (const [index, one] of group.entries()) {
      if (lines.length >= MAX_BYTES) return { ...lines.made(), rest: group.slice(index) };
      try {
        lines.add(one, `${render(one.record)}${lines.end}`);
      } catch (thrown) {
        one.failed(fileError(thrown, this.#name), 'rejected');
      }
    }
    return { ...lines.made(), rest: [] };
  }

  /** How records become lines of CSV; the header goes before them where there is none yet. */
  async #csv(size: number, group: readonly Pending[], lines: AppendLines): Promise<(record: Json) => string> {
    const { delimiter } = this.#shape;
    const columns = size > 0 ? await this.#header(lines) : (this.#shape.columns ?? firstKeys(group));
    if (size === 0) lines.text(`${csvLine(columns, delimiter)}${lines.end}`);
    const names = new Set(columns);
    return (record) => csvLine(csvCells(record as JsonObject, names, this.#name), delimiter);
  }

  /** The columns that the file has. Throws `client.refused` where the options want others. */
  async #header(lines: AppendLines): Promise<readonly string[]> {
    const { delimiter, columns: wanted = [] } = this.#shape;
    const { columns, lineEnd } = await readHeader(this.#handle, { delimiter, quote: '"' }, this.#name);
    lines.end = lineEnd;
    const lacking = wanted.filter((column) => !columns.includes(column));
    if (lacking.length > 0) {
      const names = lacking.map((column) => `"${column}"`).join(', ');
      throw new MillraceError('client.refused', `The file "${this.#name}" has no column ${names}`, {
        hint: 'Move the file away, so that a new one is begun, or take the columns that it has.',
        file: this.#name,
        line: 1,
      });
    }
    return columns;
  }

  async #endsLine(size: number): Promise<boolean> {
    const { buffer } = await this.#handle.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] === 0x0a;
  }

  async #write(bytes: Buffer, size: number, id: number, members: readonly Member[]): Promise<boolean> {
    try {
      await this.#handle.appendFile(bytes);
      if (this.#shape.sync) {
        await this.#handle.datasync();
        if (size === 0) await syncFolder(dirname(this.#path));
      }
    } catch (thrown) {
      const error = fileError(thrown, this.#name);
      const undone = await this.#undo(size, id);
      for (const { one } of members) one.failed(error, undone ? 'retry' : 'unknown');
      if (!undone) throw error;
      return false;
    }
    this.#journal.done(id);
    return true;
  }

  async #undo(size: number, id: number): Promise<boolean> {
    try {
      await this.#handle.truncate(size);
      this.#journal.drop(id);
      return true;
    } catch {
      return false;
    }
  }
}

function firstKeys(group: readonly Pending[]): readonly string[] {
  const [first] = group;
  return first && isObject(first.record) ? Object.keys(first.record) : [];
}
