// Makes catalogue.json and fields.json from the OpenAPI document of a Halo instance: names and types, no texts.
//   pnpm --filter @millrace/haloitsm catalogue --from FILE|URL
// Every instance serves its own document at https://HOST/api/swagger/v2/swagger.json.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type CatalogueFile, changesBetween, type OperationRow } from './changes.ts';
import { buildFields, type FieldFile, fieldText, type SchemaDocument, type SeenRows } from './fields.ts';

interface DocumentParameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: { readonly type?: string; readonly format?: string };
}
interface DocumentOperation {
  readonly parameters?: readonly DocumentParameter[];
  readonly requestBody?: {
    readonly content?: Readonly<Record<string, { readonly schema?: { readonly type?: string } }>>;
  };
}
interface OpenApi {
  readonly info?: { readonly title?: string; readonly version?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>;
}

const METHODS = ['get', 'post', 'delete'] as const;
// The document's own words for types, and the letters that stand for ours in the catalogue.
const TYPES: Readonly<Record<string, string>> = {
  int: 'i',
  integer: 'i',
  double: 'n',
  number: 'n',
  bool: 'b',
  boolean: 'b',
  string: 's',
  'List<int>': 'l',
  DateTime: 'd',
};

function typeOf(parameter: DocumentParameter): string {
  const { type = '', format } = parameter.schema ?? {};
  return format === 'date-time' ? 'd' : (TYPES[type] ?? 'o');
}

// Lists that page on a live instance (they echo page_size, seen 2026-10) without saying so in the document. Read
// unpaged they stop at the acting agent's default page, silently.
const PAGING_UNDOCUMENTED = new Set(['Actions', 'Agent']);
const PAGING = 'pageinate:b page_size:i page_no:i';

/** `name:type` pairs; one listed twice counts once. */
function parameters(operation: DocumentOperation, place: string): string {
  const found = (operation.parameters ?? []).filter((one) => one.in === place);
  const unique = new Map(found.map((one) => [one.name, typeOf(one)]));
  return [...unique].map(([name, type]) => `${name}:${type}`).join(' ');
}

/** Path parameters in the order of the path, also those that the document forgets to list. */
function pathParameters(path: string, operation: DocumentOperation): string {
  const documented = new Map(
    (operation.parameters ?? []).filter((one) => one.in === 'path').map((one) => [one.name, typeOf(one)]),
  );
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? '');
  return names.map((name) => `${name}:${documented.get(name) ?? 's'}`).join(' ');
}

function bodyOf(operation: DocumentOperation): string {
  const content = operation.requestBody?.content;
  if (!content) return '';
  const schema = content['application/json']?.schema;
  if (!schema) return 'multipart';
  if (schema.type === 'array') return 'array';
  return schema.type === 'string' ? 'text' : 'object';
}

function build(document: OpenApi, envelopes: Readonly<Record<string, string>>): CatalogueFile {
  const queries = new Map<string, number>();
  const rows: OperationRow[] = [];
  for (const [rawPath, operations] of Object.entries(document.paths ?? {}).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    const path = rawPath.replace(/^\/(?:api\/)?/, '');
    for (const method of METHODS) {
      const operation = operations[method];
      if (!operation) continue;
      const documented = parameters(operation, 'query');
      const query =
        method === 'get' && PAGING_UNDOCUMENTED.has(path) ? `${documented} ${PAGING}` : documented;
      if (!queries.has(query)) queries.set(query, queries.size);
      const envelope = method === 'get' ? (envelopes[path] ?? '') : '';
      const body = method === 'post' ? bodyOf(operation) : '';
      rows.push([
        method.toUpperCase(),
        path,
        pathParameters(path, operation),
        queries.get(query) ?? 0,
        envelope,
        body,
      ]);
    }
  }
  return {
    title: document.info?.title ?? '',
    version: document.info?.version ?? '',
    queries: [...queries.keys()],
    operations: rows,
  };
}

function catalogueText({ title, version, queries, operations }: CatalogueFile): string {
  const list = (rows: readonly unknown[]) => rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
  return `{\n  "title": ${JSON.stringify(title)},\n  "version": ${JSON.stringify(version)},\n  "queries": [\n${list(queries)}\n  ],\n  "operations": [\n${list(operations)}\n  ]\n}\n`;
}

async function read(from: string): Promise<OpenApi & SchemaDocument> {
  if (!/^https?:/.test(from)) return JSON.parse(await readFile(from, 'utf8')) as OpenApi & SchemaDocument;
  const answer = await fetch(from);
  if (!answer.ok) throw new Error(`${from} answered ${answer.status}`);
  return (await answer.json()) as OpenApi & SchemaDocument;
}

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    /** Where the files are, and are written to. */
    folder: { type: 'string' },
    /** Only tells what would change. */
    'dry-run': { type: 'boolean', default: false },
  },
});
if (!values.from) {
  process.stderr.write(
    'usage: catalogue --from FILE|URL [--dry-run] [--folder DIR]   (URL: https://HOST/api/swagger/v2/swagger.json)\n',
  );
  process.exit(2);
}
const folder = values.folder ?? fileURLToPath(new URL('..', import.meta.url));
const [catalogueFile, fieldFile] = [join(folder, 'catalogue.json'), join(folder, 'fields.json')];
const json = async <T>(path: string | URL) => JSON.parse(await readFile(path, 'utf8')) as T;
const beside = <T>(name: string) => json<T>(new URL(name, import.meta.url));
const document = await read(values.from);
const catalogue = build(document, await beside<Readonly<Record<string, string>>>('./envelopes.json'));
if (catalogue.operations.length === 0) {
  process.stderr.write(`${values.from} describes no operation: is it an OpenAPI document?\n`);
  process.exit(2);
}
const described = buildFields(document, await beside<SeenRows>('./rows.json'));
const known: FieldFile = await json<FieldFile>(fieldFile).catch(() => ({
  schemas: {},
  bodies: {},
  rows: {},
}));
// Some instances serve a document without schemas: the fields that are known stay.
const hasSchemas = Object.keys(described.schemas).length > 0;
const fields = hasSchemas ? described : known;
const none: CatalogueFile = { title: '', version: '', queries: [], operations: [] };
const before = { catalogue: await json<CatalogueFile>(catalogueFile).catch(() => none), fields: known };
const changes = changesBetween(before, { catalogue, fields });
if (!values['dry-run']) {
  await writeFile(catalogueFile, catalogueText(catalogue));
  await writeFile(fieldFile, fieldText(fields));
}
const of = (sign: string) => changes.filter((line) => line.startsWith(sign)).length;
for (const line of changes) process.stdout.write(`${line}\n`);
process.stdout.write(
  `${catalogue.operations.length} operations: ${of('+')} new, ${of('-')} gone, ${of('~')} changed; fields of ${Object.keys(fields.bodies).length} bodies and ${Object.keys(fields.rows).length} answers${hasSchemas ? '' : ' (as they were: the document has no schemas)'}\n`,
);
