import {
  constantExpression,
  isObject,
  type Json,
  type JsonObject,
  NO_SERVICES,
  type ShapeCheck,
} from '@millrace/core';

/** What tells entities apart, and what does not count as a change, on the records that a file makes. */
export function checkIdentity({ entity, tasks }: JsonObject, check: ShapeCheck): void {
  if (isObject(entity)) {
    identifier(entity['identifier'] ?? null, check);
    if (typeof entity['version'] === 'string') check.expression(['entity', 'version']);
  }
  const ignore = isObject(tasks) ? tasks['ignore'] : undefined;
  if (Array.isArray(ignore)) for (const index of ignore.keys()) check.place(['tasks', 'ignore', index]);
}

function identifier(given: Json, check: ShapeCheck): void {
  const at = ['entity', 'identifier'];
  const parts = Array.isArray(given) ? (given as readonly Json[]) : [given];
  for (const index of parts.keys()) check.expression(Array.isArray(given) ? [...at, index] : at);
  const constant = parts.every((part) => typeof part === 'string' && constantExpression(part, NO_SERVICES));
  if (!constant || parts.length === 0) return;
  check.report({
    severity: 'warning',
    code: 'config.constant_identifier',
    message: 'Every record has the same identifier, so that all of them are one entity',
    hint: 'Name the field that tells records apart, without quotation marks inside the text: identifier: id.',
    path: at,
  });
}
