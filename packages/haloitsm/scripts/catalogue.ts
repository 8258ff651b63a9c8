// Makes catalogue.json and fields.json from the OpenAPI document of a Halo instance: names and types, no texts.
//   pnpm --filter @millrace/haloitsm catalogue --from FILE|URL
// Every instance serves its own document at https://HOST/api/swagger/v2/swagger.json.
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { buildFields, fieldText, type SchemaDocument, type SeenRows } from './fields.ts';

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

function build(document: OpenApi, envelopes: Readonly<Record<string, string>>) {
  const queries = new Map<string, number>();
  const rows: (string | number)[][] = [];
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

/** Names of operations that only one of two catalogues has. */
function difference(before: readonly (string | number)[][], after: readonly (string | number)[][]) {
  const names = (rows: readonly (string | number)[][]) =>
    new Set(rows.map(([method, path]) => `${method} ${path}`));
  const [old, now] = [names(before), names(after)];
  return {
    added: [...now].filter((name) => !old.has(name)),
    gone: [...old].filter((name) => !now.has(name)),
  };
}

async function read(from: string): Promise<OpenApi & SchemaDocument> {
  if (!/^https?:/.test(from)) return JSON.parse(await readFile(from, 'utf8')) as OpenApi & SchemaDocument;
  const answer = await fetch(from);
  if (!answer.ok) throw new Error(`${from} answered ${answer.status}`);
  return (await answer.json()) as OpenApi & SchemaDocument;
}

const { values } = parseArgs({ options: { from: { type: 'string' } } });
if (!values.from) {
  process.stderr.write(
    'usage: catalogue --from FILE|URL   (URL: https://HOST/api/swagger/v2/swagger.json)\n',
  );
  process.exit(2);
}
const target = new URL('../catalogue.json', import.meta.url);
const beside = async (name: string) => JSON.parse(await readFile(new URL(name, import.meta.url), 'utf8'));
const document = await read(values.from);
const catalogue = build(document, await beside('./envelopes.json'));
if (catalogue.operations.length === 0) {
  process.stderr.write(`${values.from} describes no operation: is it an OpenAPI document?\n`);
  process.exit(2);
}
const before = await readFile(target, 'utf8').then(
  (text) => JSON.parse(text).operations as (string | number)[][],
  () => [],
);
const { added, gone } = difference(before, catalogue.operations);
const list = (rows: readonly unknown[]) => rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
await writeFile(
  target,
  `{\n  "title": ${JSON.stringify(catalogue.title)},\n  "version": ${JSON.stringify(catalogue.version)},\n  "queries": [\n${list(catalogue.queries)}\n  ],\n  "operations": [\n${list(catalogue.operations)}\n  ]\n}\n`,
);
const fields = buildFields(document, (await beside('./rows.json')) as SeenRows);
await writeFile(new URL('../fields.json', import.meta.url), fieldText(fields));
process.stdout.write(
  `fields of ${Object.keys(fields.bodies).length} bodies and ${Object.keys(fields.rows).length} answers\n`,
);
process.stdout.write(`${catalogue.operations.length} operations; ${added.length} new, ${gone.length} gone\n`);
for (const name of added.slice(0, 50)) process.stdout.write(`  + ${name}\n`);
for (const name of gone.slice(0, 50)) process.stdout.write(`  - ${name}\n`);
