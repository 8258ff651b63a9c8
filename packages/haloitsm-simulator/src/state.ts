import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject } from './data/json.ts';
import type { Dump, Records } from './data/records.ts';

const SAVE_AFTER_MS = 1000;
/** A file that takes long to write is written less often: this share of the time at most. */
const SHARE = 0.05;
const FORMAT = 'haloitsm-simulator/1';

/** Keeps the records in a file: written a moment after a change and at the end, whole or not at all. */
export class StateFile {
  readonly #path: string;
  readonly #records: Records;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = SAVE_AFTER_MS;

  constructor(path: string, records: Records) {
    this.#path = path;
    this.#records = records;
  }

  /** False where there is no file yet. Throws where it cannot be read or is none of ours. */
  load(): boolean {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    const state = parse(text);
    if (!isObject(state) || state['format'] !== FORMAT || !isObject(state['records'])) {
      throw new Error(`${this.#path} holds no state of this simulator; delete it, or name another file`);
    }
    this.#records.restore(state['records'] as unknown as Dump);
    return true;
  }

  changed(): void {
    this.#timer ??= setTimeout(() => this.#saveOrSay(), this.#delayMs).unref();
  }

  /** Throws where the file cannot be written. */
  save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const start = performance.now();
    mkdirSync(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.${process.pid}.tmp`;
    writeFileSync(temporary, JSON.stringify({ format: FORMAT, records: this.#records.dump() }));
    renameSync(temporary, this.#path);
    this.#delayMs = Math.max(SAVE_AFTER_MS, (performance.now() - start) / SHARE);
  }

  #saveOrSay(): void {
    try {
      this.save();
    } catch (error) {
      process.stderr.write(`haloitsm-simulator: ${(error as Error).message}\n`);
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
