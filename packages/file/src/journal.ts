import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { MillraceError } from '@millrace/core';

/** Lines that were added to a file in one go. */
export interface Append {
  readonly id: number;
  /** Name of the file, in the folder of the journal. */
  readonly file: string;
  /** Tells the file from another one that bears its name later. */
  readonly identity: string;
  readonly offset: number;
  readonly length: number;
  /** CRC-32 of its bytes. */
  readonly checksum: number;
  /** `begun`: may stand in the file whole, in part, or not at all. `doubtful`: nobody can tell any more. */
  readonly state: 'begun' | 'done' | 'doubtful';
}

/** Records of a process that are remembered at least: more than can be under way in one at a time. */
const KEPT_RECORDS = 20_000;
const KEPT_MS = 7 * 86_400_000;
/** Every so many appends, what need not be remembered is forgotten. */
const FORGET_EVERY = 64;

const SCHEMA = `
  CREATE TABLE appends (
    id INTEGER PRIMARY KEY, file TEXT NOT NULL, identity TEXT NOT NULL, offset INTEGER NOT NULL,
    length INTEGER NOT NULL, checksum INTEGER NOT NULL, state TEXT NOT NULL,
    writer TEXT NOT NULL, records INTEGER NOT NULL, at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX appends_by_writer ON appends (writer);
  CREATE INDEX appends_begun ON appends (id) WHERE state = 'begun';
  CREATE TABLE records (
    task TEXT PRIMARY KEY, append INTEGER NOT NULL REFERENCES appends (id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX records_by_append ON records (append);
  PRAGMA user_version = 1;
`;

const BUSY = 5;

/**
 * What was to be appended to a file, written down before it was: so that a torn end can be told from a whole one, and
 * a task's record can be found after a kill. While a process has it open, no other one can: it is the file's lock,
 * too, and the operating system takes it back from a process that was killed.
 */
export class Journal {
  readonly #database: DatabaseSync;
  readonly #writer: string;
  /** An append that is whole; the next transaction says so. */
  #whole: number | undefined;

  private constructor(database: DatabaseSync, writer: string) {
    this.#database = database;
    this.#writer = writer;
  }

  /**
   * Opens a journal for a writer, an id of this process. Undefined where another process has it open. `sync`: what is
   * written down is on the disk, not only with the operating system. Throws `client.unreadable` for a damaged one.
   */
  static open(path: string, writer: string, sync: boolean): Journal | undefined {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true });
      database.exec(`
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = ${sync ? 'FULL' : 'NORMAL'};
        BEGIN IMMEDIATE;
      `);
      const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
        user_version: number;
      };
      if (version === 0) database.exec(SCHEMA);
      database.exec('COMMIT');
      return new Journal(database, writer);
    } catch (cause) {
      if (database?.isOpen) database.close();
      const code = Number((cause as { errcode?: number }).errcode ?? 0) & 0xff;
      if (code === BUSY) return undefined;
      throw broken(path, cause);
    }
  }

  /** Appends of which it is not known whether they came to an end. */
  begun(): Append[] {
    const rows = this.#database.prepare(`SELECT * FROM appends WHERE state = 'begun'`).all();
    return (rows as unknown as Append[]).filter(({ id }) => id !== this.#whole);
  }

  /** The append that holds a task's record. */
  find(task: string): Append | undefined {
    const sql = 'SELECT appends.* FROM records JOIN appends ON appends.id = append WHERE task = ?';
    const found = this.#database.prepare(sql).get(task) as unknown as Append | undefined;
    return found && found.id === this.#whole ? { ...found, state: 'done' } : found;
  }

  /** Writes down what is about to be appended; gives its id. */
  begin(append: Omit<Append, 'id' | 'state'>, tasks: readonly string[]): number {
    return this.#transaction(() => {
      const { file, identity, offset, length, checksum } = append;
      const { lastInsertRowid } = this.#run(
        `INSERT INTO appends (file, identity, offset, length, checksum, state, writer, records, at)
         VALUES (?, ?, ?, ?, ?, 'begun', ?, ?, ?)`,
        ...[file, identity, offset, length, checksum, this.#writer, tasks.length, Date.now()],
      );
      const insert = this.#database.prepare('INSERT OR REPLACE INTO records (task, append) VALUES (?, ?)');
      for (const task of tasks) insert.run(task, lastInsertRowid);
      const id = Number(lastInsertRowid);
      if (id % FORGET_EVERY === 0) this.#forget();
      return id;
    });
  }

  /** The append stands in its file. */
  done(id: number): void {
    this.#confirm();
    this.#whole = id;
  }

  /** Nothing of the append stands in its file. */
  drop(id: number): void {
    this.#run('DELETE FROM appends WHERE id = ?', id);
  }

  doubt(id: number): void {
    this.#run(`UPDATE appends SET state = 'doubtful' WHERE id = ?`, id);
  }

  /** Lets others have it. */
  close(): void {
    try {
      this.#confirm();
    } catch {
      // A full disk, say. Who opens it next looks into the file itself.
    }
    if (this.#database.isOpen) this.#database.close();
  }

  #confirm(): void {
    if (this.#whole === undefined) return;
    this.#run(`UPDATE appends SET state = 'done' WHERE id = ?`, this.#whole);
    this.#whole = undefined;
  }

  #forget(): void {
    this.#run(`DELETE FROM appends WHERE at < ? AND state <> 'begun'`, Date.now() - KEPT_MS);
    this.#run(
      `DELETE FROM appends WHERE writer = ?1 AND state <> 'begun' AND id <= (
         SELECT max(id) FROM (
           SELECT id, sum(records) OVER (ORDER BY id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newer
           FROM appends WHERE writer = ?1
         ) WHERE newer >= ?2)`,
      ...[this.#writer, KEPT_RECORDS],
    );
  }

  #transaction<T>(body: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#confirm();
      const result = body();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #run(sql: string, ...values: SQLInputValue[]) {
    return this.#database.prepare(sql).run(...values);
  }
}

const UNREADABLE: ReadonlySet<number> = new Set([11, 26]);

function broken(path: string, cause: unknown): unknown {
  const code = Number((cause as { errcode?: number }).errcode ?? 0) & 0xff;
  if (!UNREADABLE.has(code)) return cause;
  return new MillraceError('client.unreadable', `"${path}" is damaged`, {
    hint: 'Look at the end of the file that it belongs to, then remove it: a task whose outcome is not known is written again.',
    cause,
  });
}
