import { type Shape, shapes } from '@millrace/core';

const { assumed, mappedFields, overlay, plain, scalar, UNKNOWN } = shapes;

/** A record with another shape where a pattern leads: what lies below its first segment is not known any more. */
export function withPart(record: Shape, pattern: string, part: Shape): Shape {
  const whole = assumed(record);
  const [first = '', ...rest] = pattern.split('.');
  if (whole.kind !== 'object' || /[*?["]/.test(first)) return UNKNOWN;
  const field = rest.length === 0 ? part : UNKNOWN;
  return plain({ ...whole, fields: overlay(whole.fields, new Map([[first, field]])) });
}

/** A record whose texts and dates are others of their kind. */
export function withOtherTexts(record: Shape): Shape {
  const shape = assumed(record);
  switch (shape.kind) {
    case 'object':
      return plain({ ...shape, fields: mappedFields(shape.fields, withOtherTexts) });
    case 'list': {
      const { members: _, ...list } = shape;
      return plain({ ...list, of: withOtherTexts(shape.of) });
    }
    case 'scalar':
      return shape.types.has('text') || shape.types.has('date') ? scalar(...shape.types, 'text') : shape;
    default:
      return UNKNOWN;
  }
}
