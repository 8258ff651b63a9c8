import { type Json, type Shape, type ShapeCheck, shapes } from '@millrace/core';
import type { Operation } from './catalogue/index.ts';
import { payloadShape, queryShape } from './record-shapes.ts';

const { assumed, join, objectOf, UNKNOWN } = shapes;

interface Given {
  readonly strict: boolean;
  readonly payload: Json;
  /** True where the id in the path is found when the record is sent. */
  readonly identified?: boolean;
}

/** Holds what a publisher sends of messages of a shape against what its operation takes. */
export function checkSent(operation: Operation, given: Given, check: ShapeCheck): void {
  const message = assumed(check.record);
  const prepared = objectOf({
    path: merged(check.value(['parameters', 'path']), carried(message, 'path')),
    query: merged(check.value(['parameters', 'query']), carried(message, 'query')),
    payload: payloadOf(operation, given.payload, message, check),
  });
  const request = check.steps(['request'], prepared);
  if (!given.strict) return;
  checkSentQuery(operation, request, check);
  const payload = part(request, 'payload');
  check.fits(payload, payloadShape(operation, assumed(payload)));
  if (!given.identified) checkSentPath(operation, part(request, 'path'), check);
}

/** Where a publisher finds what to send, unless it is told. */
export const DEFAULT_PAYLOAD = '&{payload}';

/** A message without a payload is refused where the operation needs one. */
function payloadOf(operation: Operation, source: Json, message: Shape, check: ShapeCheck): Shape {
  if (operation.method !== 'POST' || operation.body === undefined) return UNKNOWN;
  if (source !== DEFAULT_PAYLOAD) return check.value(['payload']);
  const payload = carried(message, 'payload');
  if (payload) return payload;
  check.report({
    severity: 'warning',
    code: 'config.unknown_field',
    message: `The records that come here have no "payload", and POST ${operation.path} needs one: all are rejected`,
    hint: 'Put what is to be sent under "payload" in the route, or say where it is: payload: "&{@}".',
    path: ['entity'],
  });
  return UNKNOWN;
}

/** What a message carries under a name; undefined where it carries nothing. */
function carried(message: Shape, name: string): Shape | undefined {
  if (message.kind !== 'object') return UNKNOWN;
  return message.fields.get(name) ?? (message.rest === 'any' ? UNKNOWN : undefined);
}

/** What a message says wins over what the options say, key by key. */
function merged(options: Shape, message: Shape | undefined): Shape {
  const [a, b] = [options.kind === 'unknown' ? objectOf({}) : assumed(options), message && assumed(message)];
  if (!b) return a;
  return a.kind === 'object' && b.kind === 'object' ? join(a, b) : UNKNOWN;
}

function part(request: Shape, name: string): Shape {
  const shape = assumed(request);
  return (shape.kind === 'object' ? shape.fields.get(name) : undefined) ?? UNKNOWN;
}

/** Reports parameters of a query that the operation does not know. */
export function checkSentQuery(operation: Operation, request: Shape, check: ShapeCheck): void {
  check.fits(part(request, 'query'), queryShape(operation), 'config.unknown_parameter');
}

/** A path that nothing fills rejects every record. */
function checkSentPath(operation: Operation, path: Shape, check: ShapeCheck): void {
  const given = assumed(path);
  if (given.kind !== 'object' || given.rest !== 'none') return;
  for (const { name } of operation.pathParameters) {
    if (given.fields.get(name)) continue;
    check.report({
      severity: 'warning',
      code: 'config.missing_parameter',
      message: `Nothing gives ${operation.path} its path parameter "${name}", so that every record is rejected`,
      hint: `Add it: parameters: { path: { ${name}: "&{…}" } }, or set path.${name} in the route.`,
      path: ['entity'],
    });
  }
}
