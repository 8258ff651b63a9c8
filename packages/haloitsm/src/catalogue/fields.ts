import { readFileSync } from 'node:fs';

/**
 * The type of a field: `s` text, `i` whole number, `n` number, `b` boolean, `d` date and time, `o` anything, `>NAME` an object
 * of a schema; `*` before it: a list.
 */
export type FieldType = string;

/** What a GET operation answers with, record by record. */
export interface RowFields {
  readonly schema: string;
  /** A schema of list rows that has fields of its own. */
  readonly also?: string;
  /** Fields that were seen on live instances and are not in the document. */
  readonly more?: readonly string[];
  /** True where records have fields that neither names. */
  readonly open?: boolean;
}

interface FieldFile {
  readonly schemas: Readonly<Record<string, string>>;
  readonly bodies: Readonly<Record<string, FieldType>>;
  readonly rows: Readonly<Record<string, RowFields>>;
}

// Read when the first shape is asked for: nothing but checks needs it.
let loaded: FieldFile | undefined;

function load(): FieldFile {
  loaded ??= JSON.parse(readFileSync(new URL('../../fields.json', import.meta.url), 'utf8')) as FieldFile;
  return loaded;
}

const schemas = new Map<string, ReadonlyMap<string, FieldType>>();

/** Fields and types of a schema of the vendor's document. */
export function fieldsOf(schema: string): ReadonlyMap<string, FieldType> | undefined {
  const text = own(load().schemas, schema);
  if (text === undefined) return undefined;
  const known = schemas.get(schema) ?? parse(text);
  schemas.set(schema, known);
  return known;
}

function parse(text: string): ReadonlyMap<string, FieldType> {
  return new Map(
    text.split(' ').map((pair) => {
      const colon = pair.lastIndexOf(':');
      return [pair.slice(0, colon), pair.slice(colon + 1)];
    }),
  );
}

/** What the GET operation of a path answers with, as the catalogue writes the path. */
export function rowsOf(path: string): RowFields | undefined {
  return own(load().rows, path);
}

/** The type of what the POST operation of a path takes. */
export function takenBy(path: string): FieldType | undefined {
  return own(load().bodies, path);
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
