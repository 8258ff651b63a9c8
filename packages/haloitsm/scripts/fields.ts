// The names and types of the fields of bodies and answers, from the schemas of a Halo OpenAPI document.

/** As much of a schema as is read. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly $ref?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}
type Content = Readonly<Record<string, { readonly schema?: Schema }>>;
interface Operation {
  readonly requestBody?: { readonly content?: Content };
  readonly responses?: Readonly<Record<string, { readonly content?: Content }>>;
}
export interface SchemaDocument {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/**
 * What has been seen of the rows of live instances: `more`, fields that the document does not list; `open`, rows in which
 * many such fields were seen, so that nothing is said of an unknown name but where it looks like a slip of the pen.
 */
export type SeenRows = Readonly<
  Record<string, { readonly more: readonly string[]; readonly open?: boolean }>
>;

interface Rows {
  readonly schema: string;
  /** A schema of list rows that has fields of its own. */
  readonly also?: string;
  readonly more?: readonly string[];
  readonly open?: boolean;
}

/** What fields.json holds. A type is a letter as in catalogue.json, `o` for anything, `>NAME` for a schema; `*` before it: a list. */
export interface FieldFile {
  /** By name: `field:type` pairs. */
  readonly schemas: Readonly<Record<string, string>>;
  /** Of POST operations by path: the type of the body. */
  readonly bodies: Readonly<Record<string, string>>;
  /** Of GET operations by path: what a row, or the one object, is. */
  readonly rows: Readonly<Record<string, Rows>>;
}

const JSON_TYPE = 'application/json';

/** Reads the fields of every operation that says what it takes or answers. */
export function buildFields(document: SchemaDocument, seen: SeenRows): FieldFile {
  const schemas = document.components?.schemas ?? {};
  const bodies: Record<string, string> = {};
  const rows: Record<string, Rows> = {};
  const paths = Object.entries(document.paths ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const byName = new Map(paths.map(([path, operations]) => [nameOf(path), operations]));
  for (const [path, operations] of byName) {
    const body = bodyOf(operations['post']);
    if (body) bodies[path] = typeOf(body, schemas);
    const found = operations['get'] && rowsOf(path, operations['get'], byName, schemas, seen);
    if (found) rows[path] = found;
  }
  const names = [...Object.values(bodies).flatMap(refs), ...Object.values(rows).flatMap(rowSchemas)];
  return { schemas: reachable(names, schemas), bodies, rows };
}

function nameOf(path: string): string {
  return path.replace(/^\/(?:api\/)?/, '');
}

function bodyOf(operation: Operation | undefined): Schema | undefined {
  return operation?.requestBody?.content?.[JSON_TYPE]?.schema;
}

function typeOf(schema: Schema, schemas: Readonly<Record<string, Schema>>): string {
  if (schema.$ref !== undefined) {
    const name = refName(schema.$ref);
    // Named values are taken by number and by name.
    return schemas[name]?.enum ? 'o' : `>${name}`;
  }
  switch (schema.type) {
    case 'array':
      return `*${schema.items ? typeOf(schema.items, schemas) : 'o'}`;
    case 'integer':
      return 'i';
    case 'number':
      return 'n';
    case 'boolean':
      return 'b';
    case 'string':
      return schema.format === 'date-time' ? 'd' : 's';
    default:
      return 'o';
  }
}

function refName(ref: string): string {
  return ref.split('/').at(-1) ?? '';
}

function refs(type: string): readonly string[] {
  const name = /^\**>(.+)$/.exec(type)?.[1];
  return name === undefined ? [] : [name];
}

function rowSchemas({ schema, also }: Rows): readonly string[] {
  return also === undefined ? [schema] : [schema, also];
}

/**
 * What an answer of a GET holds. Where the document gives no schema of it: the records of a path are those that a POST on
 * the same path takes, and of a path with one parameter behind it, too.
 */
function rowsOf(
  path: string,
  operation: Operation,
  byName: ReadonlyMap<string, Readonly<Record<string, Operation>>>,
  schemas: Readonly<Record<string, Schema>>,
  seen: SeenRows,
): Rows | undefined {
  const base = path.replace(/\/\{[^}]+\}$/, '');
  const documented = answerOf(operation, schemas);
  const body = bodyOf(byName.get(base)?.['post']);
  const schema = documented ?? refName((body?.items ?? body)?.$ref ?? '');
  if (schemas[schema]?.properties === undefined) return undefined;
  const known = seen[base];
  const open = known ? known.open === true : documented === undefined;
  const list = `${schema}_List`;
  return {
    schema,
    ...(schemas[list]?.properties && { also: list }),
    ...(known && known.more.length > 0 && { more: known.more }),
    ...(open && { open }),
  };
}

/** The schema of the records in an answer: bare, in a list, or in the only list of an envelope with a count. */
function answerOf(operation: Operation, schemas: Readonly<Record<string, Schema>>): string | undefined {
  const content = operation.responses?.['200']?.content;
  const schema = content?.[JSON_TYPE]?.schema ?? content?.['text/json']?.schema;
  const ref = (schema?.items ?? schema)?.$ref;
  if (ref === undefined) return undefined;
  const name = refName(ref);
  const properties = schemas[name]?.properties ?? {};
  const lists = Object.values(properties).flatMap((property) => property.items?.$ref ?? []);
  const [only] = lists;
  return properties['record_count'] && lists.length === 1 && only !== undefined ? refName(only) : name;
}

/** The schemas of some names, and all that they lead to. */
function reachable(
  names: readonly string[],
  schemas: Readonly<Record<string, Schema>>,
): Record<string, string> {
  const found = new Map<string, string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const properties = schemas[name]?.properties;
    if (!properties || found.has(name)) continue;
    const pairs = Object.entries(properties).map(
      ([field, schema]) => [field, typeOf(schema, schemas)] as const,
    );
    found.set(name, pairs.map(([field, type]) => `${field}:${type}`).join(' '));
    for (const [, type] of pairs) open.push(...refs(type));
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The file's text: a line for each schema and operation, so that a change of one shows as one. */
export function fieldText({ schemas, bodies, rows }: FieldFile): string {
  const lines = (entries: object) =>
    Object.entries(entries)
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(',\n');
  return `{\n  "schemas": {\n${lines(schemas)}\n  },\n  "bodies": {\n${lines(bodies)}\n  },\n  "rows": {\n${lines(rows)}\n  }\n}\n`;
}
