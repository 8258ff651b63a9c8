import type { Json, JsonObject } from '@millrace/core';
import type { Operation, Parameter } from '@millrace/haloitsm/catalogue';
import { describedIn, type HaloDocument, type Schema } from './document.ts';

// They are what the subscriber sets by itself, or they change what an answer is made of.
const LEFT_OUT =
  /^(?:pageinate|page_size|page_no|count|order\d*|orderby|orderdesc\d*|.*idonly|loadreport|.*only)$/;

const BY_TYPE: Readonly<Record<Parameter['type'], Json | undefined>> = {
  string: 'a',
  integer: 1,
  number: 1.5,
  boolean: true,
  'date-time': '2026-01-01T00:00:00',
  integers: [1, 2],
  other: undefined,
};

/** The document calls most dates texts, and two of them booleans. */
export function isDate(name: string, type: string | undefined): boolean {
  return /^lastupdate(?:from|to)date$/.test(name) || (type === 'string' && /date$/.test(name));
}

/** A value for every parameter of an operation's query that narrows what it answers. */
export function sampleQuery({ query }: Operation): JsonObject {
  const pairs = query
    .filter(({ name }) => !LEFT_OUT.test(name))
    .flatMap(({ name, type }): [string, Json][] => {
      const value = isDate(name, type) ? BY_TYPE['date-time'] : BY_TYPE[type];
      return value === undefined ? [] : [[name, value]];
    });
  return Object.fromEntries(pairs);
}

/** What an operation answers nothing without, whatever the document says. */
export const NEEDED: Readonly<Record<string, JsonObject>> = {
  'Field/{id}': { kind: 'a' },
  'Lookup/{id}': { lookupid: 1 },
};

/** A value for every parameter of a path: the id of a record, text for the others. */
export function samplePath({ pathParameters }: Operation, id: number): JsonObject {
  return Object.fromEntries(
    pathParameters.map(({ name, type }) => [name, type === 'string' && name !== 'id' ? 'a' : id]),
  );
}

/**
 * A record with every field of its schema that is text, number, date or yes or no, and none that means another record:
 * there may be none of that number.
 */
export function samplePayload(document: HaloDocument, operation: Operation): Json {
  if (operation.body === undefined) return null;
  if (operation.body === 'text') return 'a';
  const content = describedIn(document, operation.method, operation.path)?.requestBody?.content;
  const schema = content?.['application/json']?.schema ?? {};
  const one = (schema.type === 'array' ? schema.items : schema) ?? {};
  return scalar(one) ?? record(document, one);
}

function record(document: HaloDocument, schema: Schema): JsonObject {
  const name = schema.$ref?.split('/').at(-1);
  const { properties } = (name === undefined ? schema : document.components?.schemas?.[name]) ?? {};
  // A document without schemas says of no field that it is wrong.
  if (!properties) return { summary: 'a' };
  const pairs = Object.entries(properties).flatMap(([field, type]): [string, Json][] => {
    if (/id$|^_|guid/i.test(field)) return [];
    const value = scalar(type);
    return value === undefined ? [] : [[field, value]];
  });
  // More than the simulator's journal keeps whole would say nothing more.
  return Object.fromEntries(pairs.slice(0, 100));
}

function scalar({ type, format }: Schema): Json | undefined {
  switch (type) {
    case 'string':
      return format === 'date-time' ? '2026-01-01T00:00:00' : 'a';
    case 'integer':
      return 1;
    case 'number':
      return 1.5;
    case 'boolean':
      return true;
    default:
      return undefined;
  }
}
