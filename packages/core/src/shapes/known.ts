import { isObject, type Json } from '../json.ts';
import { joinAll } from './join.ts';
import { listOf, NULL, objectOf, plain, type Shape, scalar } from './shape.ts';

const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** The shape of a value that is known. */
export function shapeOf(value: Json): Shape {
  if (value === null || value === undefined) return NULL;
  if (typeof value === 'boolean') return { ...scalar('boolean'), constant: value };
  if (typeof value === 'number') {
    return { ...scalar(Number.isInteger(value) ? 'integer' : 'number'), constant: value };
  }
  if (typeof value === 'string') return { ...scalar(DATE.test(value) ? 'date' : 'text'), constant: value };
  if (isObject(value)) {
    const fields = new Map(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]));
    return { ...objectOf(fields), constant: value };
  }
  const members = (value as readonly Json[]).map(shapeOf);
  return { ...listOf(joinAll(members.map(plain))), members, constant: value };
}
