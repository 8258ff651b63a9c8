import type { Json, JsonObject } from '../data/json.ts';
import type { Records } from '../data/records.ts';

/** A report never gives more. */
const MAX_ROWS = 50_000;
/** Tables of the database, and the resources that show them. */
const TABLES: Readonly<Record<string, string>> = {
  faults: 'Tickets',
  actions: 'Actions',
  device: 'Asset',
  area: 'Client',
  site: 'Site',
  users: 'Users',
  uname: 'Agent',
  tstatus: 'Status',
};
const COLUMNS: Readonly<Record<string, string>> = { faultid: 'id', symptom: 'summary' };

/**
 * The content of a report. This is no database: of the SQL only the columns, TOP and FROM are read. What cannot be
 * run is told in `load_error`, and the HTTP status is 200 all the same.
 */
export function runReport(records: Records, sql: string): JsonObject {
  const match = /^\s*select\s+(?:top\s+(\d+)\s+)?(.+?)\s+from\s+(\w+)/is.exec(sql);
  const [, top, columns = '', table = ''] = match ?? [];
  const resource = Object.hasOwn(TABLES, table.toLowerCase()) ? TABLES[table.toLowerCase()] : undefined;
  if (resource === undefined) {
    const what = match ? `(208) - Invalid object name '${table}'.` : '(102) - Incorrect syntax.';
    return { rows: [], load_error: `A database error occurred ${what}` };
  }
  const limit = Math.min(Number(top ?? MAX_ROWS), MAX_ROWS);
  const names = columns.split(',').map((name) => name.trim());
  const rows = records.all(resource).slice(0, limit);
  return { rows: rows.map((row) => pick(row, names)) };
}

function pick(row: JsonObject, names: readonly string[]): Json {
  if (names.includes('*')) return flat(row);
  return Object.fromEntries(
    names.map((name) => {
      const field = COLUMNS[name.toLowerCase()] ?? name.toLowerCase();
      return [name, Object.hasOwn(row, field) ? (row[field] ?? null) : null];
    }),
  );
}

/** The columns of a table are plain values. */
function flat(row: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => typeof value !== 'object'));
}
