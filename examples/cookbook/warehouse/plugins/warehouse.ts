import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  defineClient,
  definePlugin,
  definePublisher,
  type Json,
  type JsonObject,
  MillraceError,
  Options,
  type Outcome,
} from '@millrace/core';
import { Type } from 'typebox';

/** What names of tables and columns may be: they stand in statements, where no parameter can. */
const Name = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,62}$' });

export const client = defineClient({
  description: 'An SQLite file that stands for any SQL data warehouse.',
  options: Options({
    file: Type.String({ minLength: 1, description: 'The database file; it is made where there is none' }),
  }),
  create({ file }) {
    let opened: DatabaseSync | undefined;
    const database = () => {
      try {
        opened ??= new DatabaseSync(file, { timeout: 5000 });
        return opened;
      } catch (cause) {
        throw new MillraceError('client.unreachable', `The database "${file}" cannot be opened`, { cause });
      }
    };
    return {
      database,
      ping: async (signal) => {
        signal.throwIfAborted();
        database().prepare('SELECT 1').get();
      },
      close: async () => opened?.close(),
    };
  },
});

type ColumnType = 'text' | 'integer' | 'real' | 'json';
type Columns = Readonly<Record<string, ColumnType>>;

export const publisher = definePublisher({
  client,
  description: 'Inserts each record as a row of a table, or updates the row that has its key.',
  options: Options({
    table: Type.String({ ...Name, description: 'The table; it is made where there is none' }),
    key: Type.Array(Name, { minItems: 1, description: 'The columns that tell one row from another' }),
    columns: Type.Record(Name, Type.Unsafe<ColumnType>({ enum: ['text', 'integer', 'real', 'json'] }), {
      additionalProperties: false,
      description: 'Every column and what it holds; the keys of the records',
    }),
  }),
  check({ key, columns }, report) {
    key.forEach((name, index) => {
      if (columns[name] !== undefined) return;
      const message = `The key "${name}" is no column`;
      report({ code: 'config.invalid_value', message, path: ['key', index] });
    });
  },
  create({ table, key, columns }, { client: { database } }) {
    let ready = false;
    return {
      async publish(messages, { signal }) {
        signal.throwIfAborted();
        let sql: DatabaseSync | undefined;
        try {
          sql = database();
          if (!ready) prepareTable(sql, table, key, columns);
          ready = true;
          const upsert = sql.prepare(upsertOf(table, key, Object.keys(columns)));
          sql.exec('BEGIN IMMEDIATE');
          // A statement that fails undoes itself only: the other rows of the transaction stay.
          const outcomes = messages.map(({ data }) => put(upsert, data, columns));
          sql.exec('COMMIT');
          return outcomes;
        } catch (thrown) {
          // Nothing of it is there, so that all of it may go out later.
          if (sql?.isTransaction) sql.exec('ROLLBACK');
          return messages.map(() => outcomeOf(thrown));
        }
      },
    };
  },
});

export default definePlugin({ name: 'warehouse', components: { client, publisher } });

/** Makes the table, and adds the columns that it does not have yet. STRICT: a text in a column of numbers is refused. */
function prepareTable(sql: DatabaseSync, table: string, key: readonly string[], columns: Columns): void {
  const typed = ([name, type]: [string, ColumnType]) => `"${name}" ${type === 'json' ? 'TEXT' : type}`;
  const all = Object.entries(columns);
  sql.exec(
    `CREATE TABLE IF NOT EXISTS "${table}" (${all.map(typed).join(', ')}, PRIMARY KEY (${quoted(key)})) STRICT`,
  );
  const known = sql.prepare('SELECT name FROM pragma_table_info(?)').all(table);
  const missing = all.filter(([name]) => !known.some((column) => column['name'] === name));
  for (const column of missing) sql.exec(`ALTER TABLE "${table}" ADD COLUMN ${typed(column)}`);
}

function upsertOf(table: string, key: readonly string[], columns: readonly string[]): string {
  const rest = columns.filter((name) => !key.includes(name));
  const updates = rest.map((name) => `"${name}" = excluded."${name}"`);
  const then = rest.length > 0 ? `DO UPDATE SET ${updates.join(', ')}` : 'DO NOTHING';
  const places = columns.map(() => '?').join(', ');
  return `INSERT INTO "${table}" (${quoted(columns)}) VALUES (${places}) ON CONFLICT (${quoted(key)}) ${then}`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/** Values in the order of the columns; what the record does not have is NULL. Throws `entity.rejected`. */
function rowOf(data: JsonObject, columns: Columns): SQLInputValue[] {
  const stray = Object.keys(data).find((name) => !Object.hasOwn(columns, name));
  if (stray !== undefined) throw new MillraceError('entity.rejected', `"${stray}" is no column of the table`);
  return Object.entries(columns).map(([name, type]) => cellOf(name, type, data[name] ?? null));
}

function cellOf(name: string, type: ColumnType, value: Json): SQLInputValue {
  if (value === null) return null;
  if (type === 'json') return JSON.stringify(value);
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'object') return value;
  throw new MillraceError('entity.rejected', `"${name}" is an object or a list, and its column ${type}`);
}

function put(upsert: StatementSync, data: JsonObject, columns: Columns): Outcome {
  try {
    upsert.run(...rowOf(data, columns));
    return { status: 'delivered' };
  } catch (thrown) {
    return outcomeOf(thrown);
  }
}

/** SQLite's codes: 5 and 6 busy, 13 full, 19 a value that the table refuses, 20 one of the wrong type. */
function outcomeOf(thrown: unknown): Outcome {
  if (thrown instanceof MillraceError)
    return { status: thrown.kind === 'entity' ? 'rejected' : 'retry', error: thrown };
  const { errcode = 0, message } = thrown as { errcode?: number; message: string };
  const code = errcode & 0xff;
  const refused = code === 19 || code === 20;
  const error = new MillraceError(refused ? 'entity.rejected' : 'entity.failed', message, { cause: thrown });
  if (refused) return { status: 'rejected', error };
  return { status: [5, 6, 13].includes(code) ? 'retry' : 'failed', error };
}
