import { appendFile, readFile, rename, stat, writeFile } from 'node:fs/promises';

/** One append: where it begins, how long it is, and whose records it holds. */
export interface Append {
  readonly offset: number;
  readonly length: number;
  readonly tasks: readonly string[];
}

/** Appends that are remembered at least; who asks, asks about the last few. */
const KEPT = 1000;

/**
 * What was to be appended to a file, written down before it was: so that a torn end can be told from a whole one,
 * and a task's record can be found after a kill.
 */
export class AppendJournal {
  readonly #path: string;
  #appends: Append[] = [];
  #size = -1;

  constructor(path: string) {
    this.#path = path;
  }

  get last(): Append | undefined {
    return this.#appends.at(-1);
  }

  find(task: string): Append | undefined {
    return this.#appends.findLast((append) => append.tasks.includes(task));
  }

  /** Reads what other processes wrote since. */
  async refresh(): Promise<void> {
    const size = await stat(this.#path).then(
      (found) => found.size,
      () => 0,
    );
    if (size === this.#size) return;
    const text = size === 0 ? '' : await readFile(this.#path, 'utf8');
    this.#appends = text.split('\n').flatMap(readLine);
    this.#size = size;
  }

  async add(append: Append): Promise<void> {
    const line = `${JSON.stringify([append.offset, append.length, append.tasks])}\n`;
    if (this.#appends.length >= 2 * KEPT) await this.#compact();
    await appendFile(this.#path, line);
    this.#appends.push(append);
    this.#size += Buffer.byteLength(line);
  }

  /** Forgets everything: the file that it speaks of is gone. */
  async clear(): Promise<void> {
    await writeFile(this.#path, '');
    this.#appends = [];
    this.#size = 0;
  }

  async #compact(): Promise<void> {
    this.#appends = this.#appends.slice(-KEPT);
    const text = this.#appends
      .map(({ offset, length, tasks }) => `${JSON.stringify([offset, length, tasks])}\n`)
      .join('');
    const temporary = `${this.#path}.tmp`;
    await writeFile(temporary, text);
    await rename(temporary, this.#path);
    this.#size = Buffer.byteLength(text);
  }
}

/** A line that was torn by a kill says nothing: what it announced was not begun. */
function readLine(line: string): Append[] {
  try {
    const [offset, length, tasks] = JSON.parse(line) as [number, number, string[]];
    return [{ offset, length, tasks }];
  } catch {
    return [];
  }
}
