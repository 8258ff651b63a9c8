import { type Shape, type ShapeCheck, shapes } from '@millrace/core';
import type { Operation } from './catalogue/index.ts';
import { payloadShape, queryShape } from './record-shapes.ts';

const { assumed, join, objectOf, UNKNOWN } = shapes;

/** Holds what a publisher sends of messages of a shape against what its operation takes. */
export function checkSent(operation: Operation, strict: boolean, check: ShapeCheck): void {
  const message = assumed(check.record);
  const prepared = objectOf({
    path: merged(check.value(['parameters', 'path']), carried(message, 'path')),
    query: merged(check.value(['parameters', 'query']), carried(message, 'query')),
    payload: operation.method === 'POST' && operation.body !== undefined ? check.value(['payload']) : UNKNOWN,
  });
  const request = check.steps(['request'], prepared);
  if (!strict) return;
  checkSentQuery(operation, request, check);
  const payload = part(request, 'payload');
  check.fits(payload, payloadShape(operation, assumed(payload)));
  checkSentPath(operation, part(request, 'path'), check);
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
