import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { JsonObject } from './data/json.ts';
import type { Records } from './data/records.ts';

const SAVE_AFTER_MS = 1000;

/** Keeps the records in a file: written a moment after a change and at the end, whole or not at all. */
export class StateFile {
  readonly #path: string;
  readonly #records: Records;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, records: Records) {
    this.#path = path;
    this.#records = records;
  }

  /** False where there is no file yet. Throws where it cannot be read. */
  load(): boolean {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    this.#records.restore(JSON.parse(text) as Record<string, { nextId: number; rows: JsonObject[] }>);
    return true;
  }

  changed(): void {
    this.#timer ??= setTimeout(() => this.save(), SAVE_AFTER_MS).unref();
  }

  save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    mkdirSync(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.${process.pid}.tmp`;
    writeFileSync(temporary, JSON.stringify(this.#records.dump()));
    renameSync(temporary, this.#path);
  }
}
