import { canonicalJson } from '../canonical-json.ts';
import { isObject, type Json } from '../json.ts';
import type { ObjectShape, ScalarShape, ScalarType, Shape } from './shape.ts';

/** Whether a value is one of those that a shape stands for. */
export function conforms(value: Json, shape: Shape): boolean {
  if (value === null || shape.kind === 'unknown') return true;
  if (shape.constant !== undefined && canonicalJson(shape.constant) !== canonicalJson(value)) return false;
  switch (shape.kind) {
    case 'nothing':
    case 'null':
      return false;
    case 'scalar':
      return conformsScalar(value, shape);
    case 'list':
      return Array.isArray(value) && (value as readonly Json[]).every((member) => conforms(member, shape.of));
    case 'object':
      return (
        isObject(value) && Object.entries(value).every(([key, member]) => conformsField(key, member, shape))
      );
  }
}

function conformsField(key: string, value: Json, { fields, rest, gone, free }: ObjectShape): boolean {
  const known = fields.get(key);
  if (known) return conforms(value, known);
  return (rest !== 'none' || free?.(key) === true) && !gone?.has(key);
}

const TESTS: Readonly<Record<ScalarType, (value: Json) => boolean>> = {
  text: (value) => typeof value === 'string',
  date: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
};

function conformsScalar(value: Json, { types, never }: ScalarShape): boolean {
  if (
    typeof value === 'string' &&
    never?.has('number') &&
    value.trim() !== '' &&
    !Number.isNaN(Number(value))
  )
    return false;
  return [...types].some((type) => TESTS[type](value));
}
