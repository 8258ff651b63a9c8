import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { constants, inflateSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { MillraceError } from '@millrace/core';
import { MIGRATIONS } from './schema.ts';

export type Cell = string | number | null | Uint8Array;
export type Row = Record<string, Cell>;

/** How long a write waits for another process's transaction. */
const BUSY_TIMEOUT_MS = 15_000;

/** One SQLite file: prepared statements, kept; transactions that happen whole or not at all. */
export class Database {
  readonly #connection: DatabaseSync;
  #synchronous: 'FULL' | 'NORMAL' = 'FULL';
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string) {
    this.#connection = open(path);
    this.#connection.exec(`
      PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA cache_size = -32000;
      PRAGMA temp_store = MEMORY;
      PRAGMA wal_autocheckpoint = 4000;
    `);
    this.#migrate(path);
  }

  /** Rows of a query. */
  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** The first row of a query. */
  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  /** Number of rows that a statement changed, and the last row id. */
  run(sql: string, ...values: SQLInputValue[]): { readonly changes: number; readonly lastId: number } {
    const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
    return { changes: Number(changes), lastId: Number(lastInsertRowid) };
  }

  /**
   * A transaction that is not on the disk yet when it returns. It survives the end of the process, and, like every later
   * one, is lost as a whole if the power fails before the next {@link transaction} or checkpoint.
   */
  quickTransaction<T>(body: () => T): T {
    this.#synchronize('NORMAL');
    return this.#transact(body);
  }

  /** On the disk when it returns. IMMEDIATE: takes the write lock at once, so that what is read inside is still true when it is written. */
  transaction<T>(body: () => T): T {
    this.#synchronize('FULL');
    return this.#transact(body);
  }

  #synchronize(mode: 'FULL' | 'NORMAL'): void {
    if (mode === this.#synchronous) return;
    this.#connection.exec(`PRAGMA synchronous = ${mode}`);
    this.#synchronous = mode;
  }

  #transact<T>(body: () => T): T {
    try {
      this.#statement('BEGIN IMMEDIATE').run();
      const result = body();
      this.#statement('COMMIT').run();
      return result;
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK');
      throw passing(error);
    }
  }

  close(): void {
    if (this.#connection.isOpen) this.#connection.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #migrate(path: string): void {
    const version = () => Number(this.get('PRAGMA user_version')?.['user_version'] ?? 0);
    if (version() > MIGRATIONS.length) {
      throw new MillraceError('store.newer', `"${path}" was written by a newer Millrace`, {
        hint: 'Use the version of Millrace that wrote it, or newer.',
      });
    }
    if (version() === MIGRATIONS.length) return;
    this.transaction(() => {
      // Asked again inside the transaction: another process may have been faster.
      for (let next = version(); next < MIGRATIONS.length; next++) {
        this.#connection.exec(MIGRATIONS[next] ?? '');
        this.#connection.exec(`PRAGMA user_version = ${next + 1}`);
      }
    });
  }
}

function open(path: string): DatabaseSync {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return new DatabaseSync(path);
  } catch (cause) {
    throw new MillraceError('store.unavailable', `The store "${path}" cannot be opened`, {
      hint: 'Check that the folder exists and may be written to, or name another file with --store.',
      cause,
    });
  }
}

// SQLite's own numbers of what may pass: see https://sqlite.org/rescode.html
const PASSING: Readonly<Record<number, readonly ['store.busy' | 'store.full', string, string]>> = {
  5: [
    'store.busy',
    'Another process holds the store',
    'Look for a command or a backup that keeps the file locked.',
  ],
  6: [
    'store.busy',
    'Another process holds the store',
    'Look for a command or a backup that keeps the file locked.',
  ],
  10: [
    'store.full',
    'The store cannot be written',
    'Check the disk, its free space and the rights on the folder.',
  ],
  13: [
    'store.full',
    'The disk of the store is full',
    'Make room, or let "millrace tasks prune" delete old tasks.',
  ],
};

/** What may pass when it is tried again gets a code of its own; nothing of the transaction was stored. */
function passing(error: unknown): unknown {
  const number = Number((error as { errcode?: unknown }).errcode) & 0xff;
  const [code, message, hint] = PASSING[number] ?? [];
  return code === undefined
    ? error
    : new MillraceError(code, message ?? '', { ...(hint && { hint }), cause: error });
}

/** A JSON column. */
export function toText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Characters of JSON above which a column of payload is compressed. */
const COMPRESS_ABOVE = 4096;

/** A JSON column that may be large: text, or compressed text above a size. */
export function pack(value: unknown): string | Uint8Array | null {
  const text = toText(value);
  return text === null || text.length <= COMPRESS_ABOVE ? text : zstdCompressSync(text, FAST);
}

// A quarter of what deflate takes, and smaller.
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Stores of the first versions have deflated columns. */
function unpack(packed: Uint8Array): string {
  const isZstd = packed[0] === 0x28 && packed[1] === 0xb5;
  return (isZstd ? zstdDecompressSync(packed) : inflateSync(packed)).toString();
}

/** What a JSON column holds, compressed or not; undefined for NULL. */
export function fromText<T>(cell: Cell | undefined): T | undefined {
  if (cell instanceof Uint8Array) return JSON.parse(unpack(cell)) as T;
  return typeof cell === 'string' ? (JSON.parse(cell) as T) : undefined;
}

export function isoTime(milliseconds: Cell | undefined): string | undefined {
  return typeof milliseconds === 'number' ? new Date(milliseconds).toISOString() : undefined;
}
