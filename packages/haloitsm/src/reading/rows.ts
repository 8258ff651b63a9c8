import { isObject, type Json, type JsonObject, MillraceError } from '@millrace/core';
import { identityOf, type Operation } from '../catalogue/index.ts';

/** What an answer holds: its records, and how many there are in all where it says so. */
export interface Rows {
  readonly rows: readonly JsonObject[];
  readonly total?: number;
  /** The answer is the record itself, no list. */
  readonly single?: boolean;
}

/**
 * Finds the records of an answer: under the envelope key that the catalogue knows, else under the only list of an
 * answer with `record_count`, else the bare list. A bare object is the one record of an operation that answers one.
 * Anything else is an error, never "no records": a Halo whose answers change must not look empty.
 *
 * A field without which the id of a record says nothing, such as an action's `ticket_id`, may stand in the envelope only:
 * the record is given it.
 */
export function readRows(operation: Operation, body: Json | undefined): Rows {
  if (Array.isArray(body)) return { rows: objects(operation, body, {}) };
  if (!isObject(body))
    throw unexpected(operation, body === undefined ? 'an empty answer' : `a ${typeof body}`);
  const total = totalOf(body);
  const { envelope } = operation;
  if (envelope !== undefined && Array.isArray(body[envelope])) {
    return { rows: objects(operation, body[envelope], body), ...(total !== undefined && { total }) };
  }
  if (total !== undefined) {
    const lists = Object.keys(body).filter((key) => Array.isArray(body[key]) && key !== 'columns');
    const [only] = lists;
    if (lists.length === 1 && only !== undefined)
      return { rows: objects(operation, body[only] as Json, body), total };
    throw unexpected(operation, `record_count with ${lists.length} lists (${Object.keys(body).join(', ')})`);
  }
  // Lists never come without an envelope key or a count; what is left is the record itself.
  if (operation.pages || envelope !== undefined) {
    throw unexpected(
      operation,
      `an object without the list "${envelope ?? '?'}" (${Object.keys(body).join(', ')})`,
    );
  }
  return { rows: [body], single: true };
}

function totalOf(body: JsonObject): number | undefined {
  const count = body['record_count'];
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : undefined;
}

function objects(operation: Operation, list: Json, around: JsonObject): readonly JsonObject[] {
  const members = Array.isArray(list) ? (list as readonly Json[]) : [];
  const within = identityOf(operation).filter((field) => field !== 'id' && Object.hasOwn(around, field));
  // A few lists hold texts or numbers: each becomes a record, so that nothing that came is passed over.
  return members.map((member) => {
    if (isObject(member)) return withFields(member, within, around);
    if (member === null) throw unexpected(operation, 'null among its records');
    return { value: member };
  });
}

function withFields(row: JsonObject, fields: readonly string[], around: JsonObject): JsonObject {
  const missing = fields.filter((field) => !Object.hasOwn(row, field));
  if (missing.length === 0) return row;
  return { ...row, ...Object.fromEntries(missing.map((field) => [field, around[field] ?? null])) };
}

function unexpected(operation: Operation, found: string): MillraceError {
  return new MillraceError(
    'client.protocol',
    `GET ${operation.path} should answer with records, but answered ${found}`,
    {
      hint: 'Rebuild the catalogue from your instance, or name another operation.',
    },
  );
}
