import type { Json, JsonObject } from '@millrace/core';
import type { JournalEntry } from '@millrace/haloitsm-simulator';
import { type DescribedOperation, describedIn, type HaloDocument, type Schema } from './document.ts';
import { isDate, NEEDED } from './samples.ts';

interface Asked {
  readonly method: string;
  /** As the catalogue writes it: `Actions/{id}`. */
  readonly path: string;
}

// Live instances page these without saying so in the document (seen 2026-10).
const PAGED_UNDOCUMENTED = new Set(['Actions', 'Agent']);
const PAGING: Readonly<Record<string, Schema>> = {
  pageinate: { type: 'bool' },
  page_size: { type: 'int' },
  page_no: { type: 'int' },
};

const QUERY_FORMS: Readonly<Record<string, RegExp>> = {
  int: /^-?\d+$/,
  integer: /^-?\d+$/,
  double: /^-?\d+(\.\d+)?$/,
  number: /^-?\d+(\.\d+)?$/,
  bool: /^(true|false)$/,
  boolean: /^(true|false)$/,
  'List<int>': /^-?\d+(,-?\d+)*$/,
  DateTime: /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z?)?$/,
};

/** What is wrong with a request as it came in, held against the document of the API: a sentence each. */
export function requestFindings(document: HaloDocument, asked: Asked, request: JournalEntry): string[] {
  const described = describedIn(document, asked.method, asked.path);
  if (!described) return [`the document has no ${asked.method} /${asked.path}`];
  const findings: string[] = [];
  if (request.method !== asked.method) findings.push(`sent with ${request.method}`);
  if (!pathForm(asked.path, described).test(request.path))
    findings.push(`sent to ${request.path}, which is not /api/${asked.path}`);
  findings.push(...queryFindings(asked, described, request.query));
  findings.push(...bodyFindings(document, described, request.body));
  return findings;
}

/** The path of an operation with values in the places of its parameters. */
function pathForm(path: string, { parameters = [] }: DescribedOperation): RegExp {
  const types = new Map(
    parameters.filter((one) => one.in === 'path').map((one) => [one.name, one.schema?.type]),
  );
  const form = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{([^}]+)\}/g, (_, name: string) => {
    const type = types.get(name) ?? 'string';
    return type === 'int' || type === 'integer' ? '-?\\d+' : '[^/]+';
  });
  return new RegExp(`^/api/${form}$`);
}

function queryFindings(
  { method, path }: Asked,
  { parameters = [] }: DescribedOperation,
  query: Readonly<Record<string, string>>,
): string[] {
  const known = new Map(
    parameters.filter((one) => one.in === 'query').map((one) => [one.name, one.schema ?? {}]),
  );
  const pages = method === 'GET' && PAGED_UNDOCUMENTED.has(path);
  return Object.entries(query).flatMap(([name, value]) => {
    const schema = known.get(name) ?? (pages ? PAGING[name] : undefined);
    if (!schema && NEEDED[path]?.[name] !== undefined) return [];
    if (!schema) return [`the query parameter "${name}" is not in the document`];
    const form =
      QUERY_FORMS[
        isDate(name, schema.type) || schema.format === 'date-time' ? 'DateTime' : (schema.type ?? '')
      ];
    return form && !form.test(value) ? [`${name}=${value} is no ${schema.type}`] : [];
  });
}

function bodyFindings(
  document: HaloDocument,
  { requestBody }: DescribedOperation,
  body: Json | undefined,
): string[] {
  const content = requestBody?.content;
  if (!content) return body === undefined ? [] : ['a body is sent where the document has none'];
  const schema = content['application/json']?.schema;
  if (!schema) {
    const isForm = typeof body === 'string' && /^--.+\r\ncontent-disposition: form-data/i.test(body);
    return isForm ? [] : ['the body is no form in parts'];
  }
  return valueFindings(document, schema, body ?? null, 'the body');
}

/** A value against a schema: the kinds of JSON, and the names of fields. */
function valueFindings(document: HaloDocument, schema: Schema, value: Json, where: string): string[] {
  if (schema.$ref !== undefined) {
    const named = document.components?.schemas?.[schema.$ref.split('/').at(-1) ?? ''];
    return named && !named.enum ? valueFindings(document, named, value, where) : [];
  }
  if (value === null) return where === 'the body' ? ['no body is sent'] : [];
  switch (schema.type) {
    case 'array': {
      if (!Array.isArray(value)) return [`${where} is no list`];
      const items = schema.items ?? {};
      return value.flatMap((one: Json, index) => valueFindings(document, items, one, `${where}[${index}]`));
    }
    case 'object':
      return objectFindings(document, schema, value, where);
    case 'integer':
      return Number.isInteger(value) ? [] : [`${where} is no whole number`];
    case 'number':
      return typeof value === 'number' ? [] : [`${where} is no number`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${where} is neither true nor false`];
    case 'string': {
      if (typeof value !== 'string') return [`${where} is no text`];
      const isRight = schema.format !== 'date-time' || !Number.isNaN(Date.parse(value));
      return isRight ? [] : [`${where} is no date`];
    }
    default:
      return [];
  }
}

function objectFindings(document: HaloDocument, schema: Schema, value: Json, where: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${where} is no object`];
  const { properties } = schema;
  if (!properties) return [];
  return Object.entries(value as JsonObject).flatMap(([name, member]) => {
    const field = properties[name];
    if (!field) return [`${where} has "${name}", which the document does not know`];
    return valueFindings(document, field, member ?? null, `${where}.${name}`);
  });
}
