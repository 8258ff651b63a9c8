import {
  type BodyStream,
  isObject,
  type Json,
  type JsonObject,
  MillraceError,
  type OptionPath,
  type Report,
  shapes,
  suggestion,
} from '@millrace/core';
import {
  type Method,
  nearestOperations,
  type Operation,
  type Parameter,
  resolveEntity,
} from './catalogue/index.ts';
import { formBody } from './writing/form-body.ts';
import { haloPayload } from './writing/payload.ts';

/** The operation of a name; with `strict: false` any path is one. Undefined where there is none. */
export function operationOf(method: Method, entity: string, strict: boolean): Operation | undefined {
  const found = resolveEntity(method, entity);
  if (found || strict) return found;
  const path = entity.replace(/^\/+/, '');
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? '');
  const pathParameters = names.map((name) => ({ name, type: 'string' as const }));
  return {
    method,
    path,
    pathParameters,
    query: [],
    pages: false,
    ...(method === 'POST' && { body: 'array' as const }),
  };
}

export interface Parameters {
  readonly path: JsonObject;
  readonly query: JsonObject;
}

/** Fills the path of an operation. Throws `request.missing_parameter`, by which the record is rejected. */
export function fillPath(operation: Operation, values: JsonObject): string {
  return operation.path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if ((typeof value === 'string' && value !== '') || typeof value === 'number')
      return encodeURIComponent(value);
    const what = value === undefined || value === null ? 'is not given' : 'is no text and no number';
    throw new MillraceError(
      'request.missing_parameter',
      `The path parameter "${name}" of ${operation.path} ${what}`,
      {
        hint: `Set path.${name} in the options, or in the record before it is sent.`,
      },
    );
  });
}

/** A request that may be sent; with a member, one that an array of several can stand in for. */
export interface Ready {
  readonly method: Method;
  readonly path: string;
  readonly query: JsonObject;
  readonly json?: Json;
  readonly stream?: BodyStream;
  readonly member?: Json;
}

/**
 * Makes the request of `{path, query, payload}`; dates of the payload without a zone are of `timezone`. Throws `request.*`
 * errors, by which the record is rejected.
 */
export function toRequest(
  operation: Operation,
  prepared: { readonly path: JsonObject; readonly query: JsonObject; readonly payload: Json },
  timezone = 'UTC',
): Ready {
  const target = {
    method: operation.method,
    path: fillPath(operation, prepared.path),
    query: prepared.query,
  };
  if (operation.method !== 'POST') return target;
  const payload = haloPayload(operation, prepared.payload, timezone);
  if (payload === null && operation.body !== undefined) {
    throw new MillraceError(
      'request.missing_payload',
      `POST ${operation.path} needs a payload, and the record has none`,
      {
        hint: 'Put what is to be sent under "payload", or say where it is: payload: "&{…}".',
      },
    );
  }
  if (payload === null) return target;
  if (operation.body === 'multipart') {
    if (isObject(payload)) return { ...target, ...formBody(payload) };
    throw new MillraceError(
      'request.invalid',
      `POST ${operation.path} takes a form: its payload is an object`,
    );
  }
  const wrap = operation.body === 'array' && !Array.isArray(payload);
  return wrap ? { ...target, member: payload } : { ...target, json: payload };
}

export function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

interface Given {
  readonly entity: string;
  readonly strict: boolean;
  readonly parameters?: { readonly path?: JsonObject; readonly query?: JsonObject };
}

/**
 * Checks what a configuration says of an operation. `complete`: nothing can add path parameters later, so that one
 * that is not given is a mistake.
 */
export function checkOperation(
  method: Method,
  given: Given,
  complete: boolean,
  report: Report,
): Operation | undefined {
  const operation = operationOf(method, given.entity, given.strict);
  if (!operation) {
    const nearest = nearestOperations(method, given.entity).map((path) => `"${path}"`);
    report({
      code: 'config.unknown_operation',
      message: `HaloITSM has no ${method} operation "${given.entity}"`,
      hint: `did you mean ${nearest.join(', ')}? (strict: false lets any path through)`,
      path: ['entity'],
    });
    return undefined;
  }
  const { path = {}, query = {} } = given.parameters ?? {};
  checkPath(operation, path, complete, given.parameters?.path ? ['parameters', 'path'] : ['entity'], report);
  if (given.strict) checkQuery(operation, query, report);
  return operation;
}

function checkPath(
  operation: Operation,
  path: JsonObject,
  complete: boolean,
  at: OptionPath,
  report: Report,
): void {
  const names = operation.pathParameters.map((parameter) => parameter.name);
  for (const name of Object.keys(path)) {
    if (names.includes(name)) continue;
    const hint = suggestion(name, names, 'its path parameters');
    const message = `${operation.path} has no path parameter "${name}"`;
    report({
      code: 'config.unknown_parameter',
      message,
      hint,
      path: ['parameters', 'path', name],
      atKey: true,
    });
  }
  for (const name of complete ? names : []) {
    if (Object.hasOwn(path, name)) continue;
    report({
      code: 'config.missing_parameter',
      message: `${operation.path} needs the path parameter "${name}"`,
      hint: `Add it: parameters: { path: { ${name}: … } }`,
      path: at,
    });
  }
}

function checkQuery(operation: Operation, query: JsonObject, report: Report): void {
  const known = new Map(operation.query.map((parameter) => [parameter.name.toLowerCase(), parameter]));
  for (const [name, value] of Object.entries(query)) {
    const path = ['parameters', 'query', name];
    const parameter = known.get(name.toLowerCase());
    if (!parameter) {
      const names = operation.query.map((one) => one.name);
      report({
        severity: 'warning',
        code: 'config.unknown_parameter',
        message: `The catalogue knows no query parameter "${name}" of ${operation.path}`,
        hint: shapes.nameHint(name, names, 'parameters'),
        path,
        atKey: true,
      });
    } else if (!fits(value, parameter.type)) {
      const message = `"${name}" of ${operation.path} is ${TYPE_NAMES[parameter.type]}, not ${JSON.stringify(value)}`;
      report({ code: 'config.wrong_type', message, path });
    }
  }
}

const TYPE_NAMES: Readonly<Record<Parameter['type'], string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  'date-time': 'a date and time',
  integers: 'a list of whole numbers',
  other: 'anything',
};

function isRule(value: Json): boolean {
  return isObject(value) && Object.keys(value).length === 1 && 'logic' in value;
}

/** Whether a literal can be read as the documented type; what is only known later always can. */
function fits(value: Json, type: Parameter['type']): boolean {
  if (value === null || isRule(value)) return true;
  if (isObject(value) && Object.keys(value).length === 1 && 'literal' in value)
    return fits(value['literal'] ?? null, type);
  const text = typeof value === 'object' ? undefined : String(value);
  if (text !== undefined && /[&?@]\{/.test(text)) return true;
  switch (type) {
    case 'integer':
      return text !== undefined && /^-?\d+$/.test(text);
    case 'number':
      return text !== undefined && text.trim() !== '' && Number.isFinite(Number(text));
    case 'boolean':
      return text !== undefined && /^(true|false|1|0)$/i.test(text);
    // The document calls lastupdatefromdate a boolean in places, and dates are texts of many forms.
    default:
      return text !== undefined || Array.isArray(value) || isObject(value);
  }
}
