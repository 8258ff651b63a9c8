import { type Shape, shapes } from '@millrace/core';
import { type FieldType, fieldsOf, type Operation, rowsOf, takenBy } from './catalogue/index.ts';

const { UNKNOWN, lazyFields, listOf, objectOf, scalar } = shapes;

const SCALARS: Readonly<Record<string, Shape>> = {
  s: scalar('text'),
  i: scalar('integer'),
  n: scalar('number'),
  b: scalar('boolean'),
  d: scalar('date'),
};

/** Names that instances make themselves: custom fields, and fields of asset types. */
const OWN = /^(?:CF|infofield_\d)/i;

/** Flags such as `_novalidate`, of which there are more than the document lists. */
function isFree(name: string, names: readonly string[]): boolean {
  return OWN.test(name) || (name.startsWith('_') && shapes.slipOf(name, names) === undefined);
}

/** How sure the document is of an object's fields: rows may have a few more inside, bodies may not. */
type Side = 'row' | 'body';

const made = new Map<string, Shape>();

function schemaShape(name: string, side: Side): Shape {
  const key = `${side} ${name}`;
  const known = made.get(key);
  if (known) return known;
  const fields = fieldsOf(name);
  const shape = fields ? objectShape(fields, side, side === 'row' ? 'rare' : 'none', undefined) : UNKNOWN;
  made.set(key, shape);
  return shape;
}

function objectShape(
  fields: ReadonlyMap<string, FieldType>,
  side: Side,
  rest: 'none' | 'rare',
  title: string | undefined,
): Shape {
  const names = [...fields.keys()];
  return objectOf(
    lazyFields(names, (field) => typeShape(fields.get(field) ?? 'o', side)),
    { rest, free: (field) => isFree(field, names), ...(title !== undefined && { title }) },
  );
}

function typeShape(type: FieldType, side: Side): Shape {
  if (type.startsWith('*')) return listOf(typeShape(type.slice(1), side));
  return type.startsWith('>') ? schemaShape(type.slice(1), side) : (SCALARS[type] ?? UNKNOWN);
}

/** What a GET operation answers with, record by record; unknown where neither document nor instances tell. */
export function rowShape(operation: Operation): Shape {
  const rows = rowsOf(operation.path);
  const fields = rows && fieldsOf(rows.schema);
  if (!rows || !fields) return UNKNOWN;
  const all = new Map<string, FieldType>(fields);
  for (const [name, type] of (rows.also && fieldsOf(rows.also)) || [])
    if (!all.has(name)) all.set(name, type);
  for (const name of rows.more ?? []) if (!all.has(name)) all.set(name, 'o');
  return objectShape(all, 'row', rows.open ? 'rare' : 'none', `what GET ${operation.path} answers with`);
}

/** What a POST operation takes: a record, or a list of them where it takes an array. */
export function payloadShape(operation: Operation, given: Shape): Shape {
  const type = takenBy(operation.path);
  if (operation.method !== 'POST' || type === undefined) return UNKNOWN;
  const array = type.startsWith('*');
  const record = recordShape(array ? type.slice(1) : type, operation, shapes.assumed(given));
  // One record is wrapped into the array that the operation takes.
  return array && given.kind === 'list' ? listOf(record) : record;
}

function recordShape(type: FieldType, operation: Operation, given: Shape): Shape {
  const fields = type.startsWith('>') ? fieldsOf(type.slice(1)) : undefined;
  if (!fields) return typeShape(type, 'body');
  const all = new Map<string, FieldType>(fields);
  for (const name of rowsOf(operation.path)?.more ?? []) if (!all.has(name)) all.set(name, 'o');
  // They may be written as an object of values, which becomes the list that Halo takes.
  for (const name of ['customfields', 'fields']) if (isObjectIn(given, name)) all.set(name, 'o');
  return objectShape(all, 'body', 'none', `what POST ${operation.path} takes`);
}

function isObjectIn(given: Shape, name: string): boolean {
  const field = given.kind === 'object' ? given.fields.get(name) : undefined;
  return field !== undefined && shapes.assumed(field).kind === 'object';
}

const QUERY_TYPES: Readonly<Record<string, Shape>> = {
  integer: scalar('integer'),
  number: scalar('number'),
  boolean: scalar('boolean'),
};

/** The query parameters of an operation, in any letter case. Dates are texts of many forms, and any text is one. */
export function queryShape(operation: Operation): Shape {
  const known = new Map(
    operation.query.map(({ name, type }) => [name.toLowerCase(), QUERY_TYPES[type] ?? UNKNOWN]),
  );
  const names = operation.query.map(({ name }) => name);
  const fields = {
    get: (name: string) => known.get(name.toLowerCase()),
    keys: () => names,
    size: names.length,
  };
  return objectOf(fields, { title: `the query of ${operation.method} ${operation.path}` });
}
