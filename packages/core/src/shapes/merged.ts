import { mappedFields, overlay } from './fields.ts';
import { join } from './join.ts';
import { assumed, NULL, type ObjectShape, objectOf, type Shape, UNKNOWN } from './shape.ts';

/** What comes of a value into which another one is merged: objects key by key, everything else is replaced. */
export function mergeShape(into: Shape, from: Shape): Shape {
  const given = assumed(from);
  if (given.kind !== 'object') return given.kind === 'unknown' ? UNKNOWN : from;
  const before = assumed(into);
  if (before.kind === 'object') return mergeFields(before, given);
  // What may be an object keeps the fields that it has.
  return before.kind === 'unknown' ? mergeFields(objectOf({}, { rest: 'any' }), given) : from;
}

function mergeFields(into: ObjectShape, from: ObjectShape): Shape {
  const merged = new Map<string, Shape>();
  for (const name of from.fields.keys()) {
    const value = from.fields.get(name) ?? UNKNOWN;
    const before = into.fields.get(name) ?? (into.rest === 'none' ? undefined : UNKNOWN);
    const made = before ? mergeShape(before, value) : value;
    merged.set(name, value.optional && before ? join(before, made) : made);
  }
  const { constant: _, written: __, gone, ...rest } = into;
  const left = new Set([...(gone ?? [])].filter((name) => !merged.has(name)));
  // Fields of the one that are not known may replace those of the other.
  const base =
    from.rest === 'none' ? into.fields : mappedFields(into.fields, (field) => join(field, UNKNOWN));
  return {
    ...rest,
    fields: overlay(base, merged),
    touched: true,
    ...(left.size > 0 && { gone: left }),
    ...(from.rest !== 'none' && { rest: 'any' as const }),
  };
}

/** A record to which values are added, whatever it had under their names. */
export function withValues(record: Shape, values: Shape): Shape {
  const [base, given] = [assumed(record), assumed(values)];
  if (base.kind !== 'object' || given.kind !== 'object') return UNKNOWN;
  const added = [...given.fields.keys()].map((name) => {
    const value = given.fields.get(name) ?? UNKNOWN;
    const before = base.fields.get(name) ?? (base.rest === 'none' ? NULL : UNKNOWN);
    return [name, value.optional ? join(before, value) : value] as const;
  });
  const { constant: _, written: __, gone: ___, ...rest } = base;
  return { ...rest, fields: overlay(base.fields, new Map(added)), touched: true };
}
