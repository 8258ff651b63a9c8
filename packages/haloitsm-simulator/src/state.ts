import { closeSync, openSync, readSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { Desk } from './data/desk.ts';
import { isObject, type JsonObject } from './data/json.ts';
import type { Records } from './data/records.ts';
import type { TableDump } from './data/table.ts';

const SAVE_AFTER_MS = 1000;
/** A file that takes long to write is written less often: this share of the time at most. */
const SHARE = 0.05;
const FORMAT = 'haloitsm-simulator/2';
/** The whole state in one JSON text. */
const OLD_FORMAT = 'haloitsm-simulator/1';
/** Characters that are written, and bytes that are read, at a time: in between, calls are answered. */
const CHUNK = 256 * 1024;

/**
 * Keeps the records in a file: written a moment after a change and at the end, whole or not at all. The first line says
 * of which seed they are; then each table is a line `["Tickets", {…}]`, and each of its records a line.
 */
export class StateFile {
  readonly #path: string;
  readonly #records: Records;
  #desk = { seed: 1, tickets: 0 };
  #timer: NodeJS.Timeout | undefined;
  #delayMs = SAVE_AFTER_MS;
  #saving: Promise<void> = Promise.resolve();

  constructor(path: string, records: Records) {
    this.#path = path;
    this.#records = records;
  }

  /** The desk that the records are of. */
  seeded({ seed, tickets }: Desk): void {
    this.#desk = { seed, tickets };
  }

  /** False where there is no file yet. Throws where it cannot be read or is none of ours. */
  load(): boolean {
    const lines = this.#lines();
    if (!lines) return false;
    const head = parse(lines.next().value ?? '');
    if (isObject(head) && head['format'] === OLD_FORMAT) this.#restoreOld(head['records']);
    else if (isObject(head) && head['format'] === FORMAT) this.#restore(head, lines);
    else throw new Error(`${this.#path} holds no state of this simulator; delete it, or name another file`);
    return true;
  }

  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.save().catch((error: Error) => process.stderr.write(`haloitsm-simulator: ${error.message}\n`));
    }, this.#delayMs).unref();
  }

  /** Rejects where the file cannot be written. */
  save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const next = () => this.#write();
    this.#saving = this.#saving.then(next, next);
    return this.#saving;
  }

  async #write(): Promise<void> {
    const start = performance.now();
    await mkdir(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.${process.pid}.tmp`;
    const file = await open(temporary, 'w');
    try {
      let text = '';
      for (const line of this.#texts()) {
        text += `${line}\n`;
        if (text.length < CHUNK) continue;
        await file.write(text);
        text = '';
      }
      await file.write(text);
    } finally {
      await file.close();
    }
    await rename(temporary, this.#path);
    this.#delayMs = Math.max(SAVE_AFTER_MS, (performance.now() - start) / SHARE);
  }

  /** The lines, of the records as they are now: what changes meanwhile is in the next file. */
  *#texts(): Generator<string> {
    yield JSON.stringify({ format: FORMAT, ...this.#desk });
    for (const { name, rows, ...head } of this.#records.dump()) {
      yield JSON.stringify([name, head]);
      for (const row of rows) yield JSON.stringify(row);
    }
  }

  #lines(): Generator<string> | undefined {
    let file: number;
    try {
      file = openSync(this.#path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    return linesOf(file);
  }

  #restore(head: JsonObject, lines: Generator<string>): void {
    const [seed, tickets] = [Number(head['seed']), Number(head['tickets'])];
    this.#desk = { seed, tickets };
    this.#records.later('Actions', new Desk(seed, tickets).actions());
    let table: string | undefined;
    for (const line of lines) {
      const value = parse(line);
      if (Array.isArray(value)) {
        table = String(value[0]);
        this.#records.restore({ name: table, ...(value[1] as Omit<TableDump, 'name' | 'rows'>) });
      } else if (table !== undefined && isObject(value)) this.#records.put(table, value);
      else throw new Error(`${this.#path} is damaged; delete it, or name another file`);
    }
  }

  #restoreOld(tables: unknown): void {
    if (!isObject(tables)) throw new Error(`${this.#path} is damaged; delete it, or name another file`);
    for (const [name, table] of Object.entries(tables as unknown as Record<string, TableDump>)) {
      for (const row of table.rows) this.#records.put(name, row);
      this.#records.restore({ name, nextIds: table.nextIds });
    }
  }
}

function* linesOf(file: number): Generator<string> {
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(CHUNK);
  let rest = '';
  try {
    for (let size = readSync(file, buffer); size > 0; size = readSync(file, buffer)) {
      const lines = (rest + decoder.write(buffer.subarray(0, size))).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(file);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
