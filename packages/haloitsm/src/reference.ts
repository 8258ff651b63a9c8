import {
  defineReference,
  type Json,
  type JsonObject,
  MillraceError,
  type NamedRecord,
  Options,
} from '@millrace/core';
import { Type } from 'typebox';
import type { Operation } from './catalogue/index.ts';
import { client, type HaloClient } from './client.ts';
import { checkOperation, operationOf, toRequest } from './operation-request.ts';
import { readRows } from './rows.ts';

const PAGE_SIZE = 100;
const MOST_PAGES = 1000;
/** What stands for a record in others, where it is not its `id`: priorities are kept once for each SLA. */
const IDS: Readonly<Record<string, string>> = { Priority: 'priorityid' };

interface Table {
  readonly entity: string;
  readonly id?: string;
  readonly name?: string;
  readonly query?: JsonObject;
}

const TableOptions = Type.Unsafe<string | Table>({
  type: ['string', 'object'],
  minLength: 1,
  additionalProperties: false,
  required: ['entity'],
  properties: {
    entity: { type: 'string', minLength: 1, description: 'The operation that lists them, such as Status' },
    id: { type: 'string', minLength: 1, description: 'Field of the id. Default: id; of Priority priorityid' },
    name: { type: 'string', minLength: 1, description: 'Field of the name. Default: name' },
    query: {
      type: 'object',
      additionalProperties: { description: 'Its value' },
      description: 'The query string, such as { type: ticket }',
    },
  },
  description: 'The operation that lists the records, such as Status; or that, and the fields of id and name',
});

export const reference = defineReference({
  client,
  description:
    'What stands for the names of HaloITSM: statuses, priorities, ticket types, teams, agents, custom fields, or the records of any other GET operation.',
  options: Options({
    tables: Type.Unsafe<Readonly<Record<string, string | Table>>>({
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: '^[a-z0-9-]+$' },
      additionalProperties: TableOptions,
      description:
        'Names of the tables, and what they hold: { status: Status } in references/halo.yaml makes the table halo/status',
    }),
  }),
  check({ tables }, report) {
    for (const [name, table] of Object.entries(tables)) {
      const { entity, query = {} } = tableOf(table);
      const here = typeof table === 'string' ? ['tables', name] : ['tables', name, 'entity'];
      checkOperation('GET', { entity, strict: true, parameters: { query } }, true, (finding) => {
        const [first, second] = finding.path;
        const inQuery = first === 'parameters' && second === 'query';
        report({ ...finding, path: inQuery ? ['tables', name, ...finding.path.slice(1)] : here });
      });
    }
  },
  tables: ({ tables }) => Object.keys(tables),
  create({ tables }, { client: halo }) {
    return {
      async read(name, signal) {
        const table = tableOf(tables[name] ?? '');
        const operation = operationOf('GET', table.entity, true);
        if (!operation) throw new MillraceError('config.unknown_operation', `There is no table "${name}"`);
        const rows = await list(halo, operation, table.query ?? {}, signal);
        const [idField, nameField] = [table.id ?? IDS[operation.path] ?? 'id', table.name ?? 'name'];
        return rows.flatMap((row) => named(row, idField, nameField));
      },
    };
  },
});

function tableOf(table: string | Table): Table {
  return typeof table === 'string' ? { entity: table } : table;
}

/** Records without a name, or without an id, cannot be named. */
function named(row: JsonObject, idField: string, nameField: string): NamedRecord[] {
  const [id, name] = [row[idField], row[nameField]];
  const isId = typeof id === 'number' || (typeof id === 'string' && id !== '');
  return isId && isName(name) ? [{ id, name }] : [];
}

function isName(name: Json | undefined): name is string {
  return typeof name === 'string' && name.trim() !== '';
}

/** All records of a list, to the announced total. */
async function list(
  halo: HaloClient,
  operation: Operation,
  query: JsonObject,
  signal: AbortSignal,
): Promise<readonly JsonObject[]> {
  const rows: JsonObject[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const paging = operation.pages ? { pageinate: true, page_size: PAGE_SIZE, page_no: page } : {};
    const request = toRequest(operation, { path: {}, query: { ...query, ...paging } });
    const { body } = await halo.request({ method: 'GET', path: request.path, query: request.query, signal });
    const found = readRows(operation, body);
    rows.push(...found.rows);
    if (!operation.pages || found.total === undefined || rows.length >= found.total) return rows;
    if (found.rows.length === 0) break;
  }
  throw new MillraceError('source.no_progress', `GET ${operation.path} announced more records than it gave`);
}
