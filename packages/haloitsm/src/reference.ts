import {
  defineReference,
  type Json,
  type JsonObject,
  MillraceError,
  type NamedRecord,
  Options,
  type RunContext,
} from '@millrace/core';
import { Type } from 'typebox';
import type { Operation } from './catalogue/index.ts';
import { client, type HaloClient } from './client.ts';
import { checkOperation, operationOf, toRequest } from './operation-request.ts';
import { readRows } from './reading/rows.ts';
import { wholeList } from './reading/whole-list.ts';

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
      async read(name, run) {
        const table = tableOf(tables[name] ?? '');
        const operation = operationOf('GET', table.entity, true);
        if (!operation) throw new MillraceError('config.unknown_operation', `There is no table "${name}"`);
        const rows = await list(halo, operation, table.query ?? {}, run);
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

/** All records of a list: whole, or it rejects. */
async function list(
  halo: HaloClient,
  operation: Operation,
  query: JsonObject,
  run: RunContext,
): Promise<readonly JsonObject[]> {
  if (operation.pages) return wholeList(halo, operation, { path: {}, query }, run);
  const request = toRequest(operation, { path: {}, query, payload: null });
  const { body } = await halo.request({ ...request, signal: run.signal });
  return readRows(operation, body).rows;
}
