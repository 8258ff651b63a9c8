import { parsePath, parseSegments } from '../paths/path.ts';
import { compileSegment, isLiteral } from '../paths/pattern.ts';
import { childOf, type Found } from './access.ts';
import { mappedFields, overlay } from './fields.ts';
import { join, joinAll } from './join.ts';
import {
  assumed,
  type ListShape,
  listOf,
  NULL,
  type ObjectShape,
  objectOf,
  plain,
  type Shape,
  UNKNOWN,
} from './shape.ts';

/** A segment of a pattern: one key, or a test for many. */
export interface Step {
  readonly key?: string;
  /** True for `*`, which every key matches. */
  readonly any?: boolean;
  readonly matches: (key: string) => boolean;
}

/** The segments of a path or pattern; undefined where it is none. */
export function stepsOf(pattern: string): readonly Step[] | undefined {
  try {
    return parseSegments(pattern).map((segment) => {
      const matcher = compileSegment(segment, pattern);
      return {
        ...(isLiteral(segment) ? { key: segment.text } : segment.text === '*' && { any: true }),
        matches: (key) => matcher(key) !== undefined,
      };
    });
  } catch {
    return undefined;
  }
}

/** The keys of a path without wildcards; undefined where it is none. */
export function pathOf(text: string): readonly string[] | undefined {
  try {
    return parsePath(text);
  } catch {
    return undefined;
  }
}

export function literalSteps(path: readonly string[]): readonly Step[] {
  return path.map((key) => ({ key, matches: (other) => other === key }));
}

/** A record of which nothing is known is an object all the same. */
export function recordOf(shape: Shape): Shape {
  const known = assumed(shape);
  return known.kind === 'unknown' ? objectOf({}, { rest: 'any' }) : known;
}

/** A node as a record of its own: what is no object is `{value}`. */
export function nodeRecord(node: Shape): Shape {
  const shape = assumed(node);
  if (shape.kind === 'unknown') return shape;
  if (shape.kind !== 'object') return objectOf({ value: shape });
  // A node that is null becomes a value, too.
  return shape.fields.get('value') ? shape : withField(shape, 'value', NULL);
}

/** A member of a list as a record of its own; the list itself may be named, or its members. */
export function memberRecord(node: Shape): Shape {
  const shape = assumed(node);
  return nodeRecord(shape.kind === 'list' ? shape.of : shape);
}

/** So many fields are joined into one shape; what holds more has nothing in common. */
const MANY = 60;

/** The fields of an object that a segment matches, as far as they are known. */
function matching(object: ObjectShape, step: Step): readonly (readonly [string, Shape])[] {
  const names = step.key !== undefined ? [step.key] : [...object.fields.keys()].filter(step.matches);
  return names.flatMap((name) => {
    const shape = object.fields.get(name);
    return shape ? [[name, shape] as const] : [];
  });
}

/** What stands where a pattern leads, and why nothing can, with the way to the fault. */
export function shapeAt(whole: Shape, steps: readonly Step[]): Found & { readonly parent: string } {
  let shape = assumed(whole);
  let parent = '';
  for (const step of steps) {
    const found: Found = step.key !== undefined ? childOf(shape, step.key) : anyChild(shape, step);
    if (found.fault) return { ...found, parent };
    shape = assumed(found.shape);
    parent = [parent, step.key ?? '*'].filter(Boolean).join('.');
  }
  return { shape, parent };
}

function anyChild(shape: Shape, step: Step): Found {
  if (shape.kind === 'list') return { shape: shape.of };
  if (shape.kind === 'object') {
    const known = matching(shape, step).map(([, child]) => child);
    const complete = shape.rest === 'none' && known.length > 0 && known.length <= MANY;
    return { shape: complete ? plain(joinAll(known)) : UNKNOWN };
  }
  if (shape.kind === 'scalar') return { shape: UNKNOWN, fault: { kind: 'not_a_list', of: shape } };
  return { shape: UNKNOWN };
}

/** An object with a field set, or, with `undefined`, taken away. */
export function withField(object: ObjectShape, name: string, value: Shape | undefined): ObjectShape {
  const { constant: _, ...rest } = object;
  if (value) {
    const gone = new Set([...(object.gone ?? [])].filter((other) => other !== name));
    return { ...rest, fields: overlay(object.fields, new Map([[name, value]])), gone, touched: true };
  }
  const gone = new Set([...(object.gone ?? []), name]);
  return { ...rest, fields: overlay(object.fields, new Map(), new Set([name])), gone };
}

function isIndex(key: string): boolean {
  return /^(0|[1-9]\d*)$/.test(key);
}

/** A list in which some members have another shape. */
function withMember(list: ListShape, of: Shape): ListShape {
  return listOf(plain(join(plain(list.of), plain(of))));
}

/** The shape after a path was set: missing objects are made, scalars on the way are overwritten. */
export function setShape(whole: Shape, path: readonly string[], value: Shape): Shape {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const shape = assumed(whole);
  // What may be a list stays one, and a list that is not there becomes an object.
  if (shape.kind === 'list' || (shape.kind === 'unknown' && isIndex(key))) return UNKNOWN;
  const object =
    shape.kind === 'object' ? shape : objectOf({}, { rest: shape.kind === 'unknown' ? 'any' : 'none' });
  const child = object.fields.get(key) ?? (object.rest === 'none' ? { kind: 'null' as const } : UNKNOWN);
  return withField(object, key, setShape(child, rest, value));
}

/** The shape in which what stands at the matched places is another one; `undefined` takes it away. */
export function changeShape(
  whole: Shape,
  steps: readonly Step[],
  change: (shape: Shape) => Shape | undefined,
): Shape | undefined {
  const shape = assumed(whole);
  const [step, ...rest] = steps;
  if (!step) return change(shape);
  if (shape.kind === 'object') {
    return matching(shape, step).reduce<ObjectShape>(
      (object, [name, child]) => withField(object, name, changeShape(child, rest, change)),
      shape,
    );
  }
  if (shape.kind !== 'list' || (step.key !== undefined && !isIndex(step.key))) return shape;
  const member = changeShape(shape.of, rest, change);
  if (!member) return listOf(shape.of);
  return { ...(step.any ? listOf(member) : withMember(shape, member)), touched: true };
}

/** The shape of which only the matched places are left. */
export function keepShape(whole: Shape, patterns: readonly (readonly Step[])[]): Shape {
  const shape = assumed(whole);
  if (patterns.some((steps) => steps.length === 0)) return shape;
  if (shape.kind === 'list') {
    const below = patterns
      .filter(([step]) => step?.key === undefined || isIndex(step.key))
      .map((steps) => steps.slice(1));
    return listOf(keepShape(shape.of, below));
  }
  return shape.kind === 'object' ? keepFields(shape, patterns) : shape;
}

function keepFields(object: ObjectShape, patterns: readonly (readonly Step[])[]): ObjectShape {
  const literal = patterns.flatMap(([step]) => (step?.key === undefined ? [] : [step.key]));
  const wild = patterns.filter(([step]) => step && step.key === undefined);
  const many =
    wild.length > 0
      ? [...object.fields.keys()].filter((key) => wild.some(([step]) => step?.matches(key)))
      : [];
  const fields = [...new Set([...literal, ...many])].flatMap((name) => {
    const child = object.fields.get(name) ?? (object.rest === 'none' ? undefined : UNKNOWN);
    const below = patterns.filter(([step]) => step?.matches(name)).map((steps) => steps.slice(1));
    // In a scalar nothing can match: it goes.
    const scalar = child && (child.kind === 'scalar' || child.kind === 'null');
    if (!child || (scalar && below.every((steps) => steps.length > 0))) return [];
    return [[name, keepShape(child, below)] as const];
  });
  const { free, gone, constant: _, ...rest } = object;
  return {
    ...rest,
    fields: new Map(fields),
    rest: wild.length > 0 ? object.rest : 'none',
    ...(wild.length > 0 && free && { free }),
    ...(wild.length > 0 && gone && { gone }),
  };
}

/** The shape after fields of names that only a record knows were set below a path. */
export function loosenShape(whole: Shape, path: readonly string[]): Shape {
  const shape = recordOf(whole);
  const [key, ...rest] = path;
  if (key === undefined) {
    if (shape.kind !== 'object') return UNKNOWN;
    const { constant: _, gone: __, ...object } = shape;
    return { ...object, fields: mappedFields(shape.fields, (field) => join(field, UNKNOWN)), rest: 'any' };
  }
  if (shape.kind !== 'object') return UNKNOWN;
  return withField(shape, key, loosenShape(shape.fields.get(key) ?? UNKNOWN, rest));
}
