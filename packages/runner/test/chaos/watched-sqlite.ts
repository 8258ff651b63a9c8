import { DatabaseSync, type SQLInputValue, StatementSync } from 'node:sqlite';
import type { Sighting, Statement } from './points.ts';

interface Connection {
  /** Statements of the open transaction. */
  transaction: Statement[] | undefined;
}

const connections = new Map<DatabaseSync, Connection>();
const prepared = new WeakMap<StatementSync, { readonly db: DatabaseSync; readonly sql: string }>();
const { exec, prepare } = DatabaseSync.prototype;

function of(db: DatabaseSync): Connection {
  const known = connections.get(db);
  if (known) return known;
  const connection: Connection = { transaction: undefined };
  connections.set(db, connection);
  return connection;
}

/** Shows every write of every connection of this process, in the middle of its transaction. */
export function watchSqlite(see: (seen: Sighting) => void): void {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      const code = Number((error as { errcode?: unknown }).errcode) & 0xff;
      if (code > 0) see({ kind: 'refused', code });
      throw error;
    }
  };
  const ran = (db: DatabaseSync, statement: Statement) => {
    const { transaction } = of(db);
    transaction?.push(statement);
    see({ kind: 'statement', open: transaction !== undefined, ...statement });
  };
  const done = (db: DatabaseSync, statement: Statement) => {
    const connection = of(db);
    const { sql } = statement;
    if (/^\s*BEGIN\b/i.test(sql)) connection.transaction = [];
    else if (/^\s*COMMIT\b/i.test(sql)) {
      const statements = connection.transaction ?? [];
      connection.transaction = undefined;
      see({ kind: 'commit', statements });
    } else if (/^\s*ROLLBACK\b/i.test(sql)) connection.transaction = undefined;
    else ran(db, statement);
  };
  DatabaseSync.prototype.exec = function (sql) {
    attempt(() => exec.call(this, sql));
    done(this, { sql, values: [] });
  };
  DatabaseSync.prototype.prepare = function (sql, ...options) {
    const statement = prepare.call(this, sql, ...options);
    prepared.set(statement, { db: this, sql });
    return statement;
  };
  // A write may also give rows back: UPDATE … RETURNING is read with get.
  for (const name of ['run', 'get'] as const) {
    type Execute = (this: StatementSync, ...values: SQLInputValue[]) => unknown;
    const execute = StatementSync.prototype[name] as Execute;
    const watched: Execute = function (...values) {
      const result = attempt(() => execute.call(this, ...values));
      const origin = prepared.get(this);
      if (origin && !/^\s*SELECT\b|^\s*PRAGMA user_version$/i.test(origin.sql)) {
        done(origin.db, { sql: origin.sql, values });
      }
      return result;
    };
    Object.assign(StatementSync.prototype, { [name]: watched });
  }
}

/** Lets the files of this process grow no further, as a full disk does: SQLite itself answers SQLITE_FULL. */
export function fillDisk(): void {
  for (const db of connections.keys()) if (db.isOpen) exec.call(db, 'PRAGMA max_page_count = 1');
}

export function makeRoom(): void {
  for (const db of connections.keys()) if (db.isOpen) exec.call(db, 'PRAGMA max_page_count = 4294967294');
}
