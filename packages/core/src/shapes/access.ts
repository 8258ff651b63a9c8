import { assumed, listOf, type ObjectShape, type ScalarShape, type Shape, scalar, UNKNOWN } from './shape.ts';
import { slipOf } from './spelling.ts';

/** Why nothing can ever be found where something is looked for. */
export type Fault =
  | { readonly kind: 'unknown_field'; readonly name: string; readonly object: ObjectShape }
  | { readonly kind: 'field_of_list'; readonly name: string }
  | { readonly kind: 'field_of_scalar'; readonly name: string; readonly of: ScalarShape }
  | { readonly kind: 'not_a_list'; readonly of: Shape };

/** What is found there; a fault where nothing can be. After a fault nothing is known, so that it is told once. */
export interface Found {
  readonly shape: Shape;
  readonly fault?: Fault;
}

/** The field of an object, as JMESPath reads it: a list and a scalar have none. */
export function fieldOf(whole: Shape, name: string): Found {
  const shape = assumed(whole);
  if (shape.kind === 'object') return fieldOfObject(shape, name);
  if (shape.kind === 'list') return { shape: UNKNOWN, fault: { kind: 'field_of_list', name } };
  if (shape.kind === 'scalar') return { shape: UNKNOWN, fault: { kind: 'field_of_scalar', name, of: shape } };
  return { shape: UNKNOWN };
}

function fieldOfObject(object: ObjectShape, name: string): Found {
  const known = object.fields.get(name);
  if (known) return { shape: known };
  return isDoubtful(object, name)
    ? { shape: UNKNOWN, fault: { kind: 'unknown_field', name, object } }
    : { shape: UNKNOWN };
}

/** True where an object cannot have a field, or is most unlikely to. */
export function isDoubtful(object: ObjectShape, name: string): boolean {
  if (object.fields.get(name)) return false;
  if (object.gone?.has(name)) return true;
  if (object.rest === 'any' || object.free?.(name)) return false;
  return object.rest === 'none' || slipOf(name, object.fields.keys()) !== undefined;
}

/** What stands in a list. */
export function memberOf(whole: Shape): Found {
  const shape = assumed(whole);
  if (shape.kind === 'list') return { shape: shape.of };
  if (shape.kind === 'object' || shape.kind === 'scalar')
    return { shape: UNKNOWN, fault: { kind: 'not_a_list', of: shape } };
  return { shape: UNKNOWN };
}

const INDEX = /^(0|[1-9]\d*)$/;

/** The child at a segment of a path or of `var`: an index on a list, a key on an object. */
export function childOf(whole: Shape, segment: string): Found {
  const shape = assumed(whole);
  if (shape.kind === 'list') {
    return INDEX.test(segment)
      ? { shape: shape.of }
      : { shape: UNKNOWN, fault: { kind: 'field_of_list', name: segment } };
  }
  return fieldOf(shape, segment);
}

/** As {@link childOf}, for `var`: a list and a text have a length, a text has characters. */
export function varStep(whole: Shape, segment: string): Found {
  const shape = assumed(whole);
  const text = shape.kind === 'scalar' && (shape.types.has('text') || shape.types.has('date'));
  if (segment === 'length' && (shape.kind === 'list' || text)) return { shape: scalar('integer') };
  if (text && INDEX.test(segment)) return { shape: scalar('text') };
  return childOf(shape, segment);
}

/** The members of a list, or the values of an object. */
export function valuesOf(whole: Shape): Shape {
  const shape = assumed(whole);
  if (shape.kind === 'list') return shape;
  return listOf(UNKNOWN);
}
