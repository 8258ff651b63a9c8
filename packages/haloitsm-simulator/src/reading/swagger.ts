import { type Operation, operations, type Parameter } from '@millrace/haloitsm/catalogue';
import type { JsonObject } from '../data/json.ts';

// The vendor's document has words of its own for types.
const TYPES: Readonly<Record<Parameter['type'], string>> = {
  string: 'string',
  integer: 'int',
  number: 'double',
  boolean: 'bool',
  'date-time': 'DateTime',
  integers: 'List<int>',
  other: 'object',
};

/** The OpenAPI document that an instance serves, made from the catalogue: it describes what is simulated. */
export function openApi(): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const operation of operations()) {
    const key = `/${operation.path}`;
    paths[key] = { ...paths[key], [operation.method.toLowerCase()]: describe(operation) };
  }
  return {
    openapi: '3.0.1',
    info: { title: 'Halo API (simulator)', version: 'v2' },
    servers: [{ url: '/api' }],
    paths,
  };
}

function describe({ path, pathParameters, query, body }: Operation): JsonObject {
  const parameters = [
    ...pathParameters.map((parameter) => describeParameter(parameter, 'path')),
    ...query.map((parameter) => describeParameter(parameter, 'query')),
  ];
  return {
    tags: [path.split('/')[0] ?? ''],
    parameters,
    ...(body !== undefined && { requestBody: { content: contentOf(body) } }),
    responses: { default: { description: '' } },
  };
}

function describeParameter({ name, type }: Parameter, place: string): JsonObject {
  return { name, in: place, ...(place === 'path' && { required: true }), schema: { type: TYPES[type] } };
}

function contentOf(body: NonNullable<Operation['body']>): JsonObject {
  switch (body) {
    case 'multipart':
      return { 'multipart/form-data': { schema: { type: 'object' } } };
    case 'array':
      return { 'application/json': { schema: { type: 'array', items: { type: 'object' } } } };
    case 'text':
      return { 'application/json': { schema: { type: 'string' } } };
    default:
      return { 'application/json': { schema: { type: 'object' } } };
  }
}
