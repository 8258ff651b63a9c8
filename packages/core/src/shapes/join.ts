import { canonicalJson } from '../canonical-json.ts';
import { joinedFields } from './fields.ts';
import { type ListShape, NULL, type ObjectShape, plain, type Rest, type Shape, UNKNOWN } from './shape.ts';

const OPENNESS: readonly Rest[] = ['none', 'rare', 'any'];
/** So many written alternatives are remembered of one value. */
const MAX_EITHER = 50;

/** What a value is that has the one shape or the other: nothing is claimed that is not true of both. */
export function join(a: Shape, b: Shape): Shape {
  if (a === b) return a;
  if (a.kind === 'nothing') return b.kind === 'nothing' ? a : b;
  if (b.kind === 'nothing') return a;
  if (sameConstant(a, b)) return a;
  const either = [...writings(a), ...writings(b)].slice(0, MAX_EITHER);
  const joined = joinPlain(unwritten(a), unwritten(b));
  return either.length === 0 ? joined : { ...joined, either };
}

/** The shape of one of several. */
export function joinAll(shapes: readonly Shape[]): Shape {
  return shapes.length === 0 ? UNKNOWN : shapes.reduce(join);
}

function sameConstant(a: Shape, b: Shape): boolean {
  if (a.constant === undefined || b.constant === undefined || a.written !== b.written) return false;
  return canonicalJson(a.constant) === canonicalJson(b.constant);
}

function writings(shape: Shape): readonly Shape[] {
  return shape.either ?? (shape.written ? [shape] : []);
}

function unwritten(shape: Shape): Shape {
  const { constant, written, either, optional } = shape;
  const bare = constant === undefined && written === undefined && either === undefined && !optional;
  return bare ? shape : plain(shape);
}

function joinPlain(a: Shape, b: Shape): Shape {
  // Anything may be null: null adds nothing.
  if (a.kind === 'null') return b;
  if (b.kind === 'null') return a;
  if (a.kind === 'scalar' && b.kind === 'scalar') {
    const never = new Set([...(a.never ?? [])].filter((type) => b.never?.has(type)));
    const types = new Set([...a.types, ...b.types]);
    return { kind: 'scalar', types, ...(never.size > 0 && { never }) };
  }
  if (a.kind === 'list' && b.kind === 'list') return joinLists(a, b);
  if (a.kind === 'object' && b.kind === 'object') return joinObjects(a, b);
  return UNKNOWN;
}

function joinLists(a: ListShape, b: ListShape): ListShape {
  const members = a.members && b.members ? [...a.members, ...b.members] : undefined;
  const touched = a.touched || b.touched;
  return { kind: 'list', of: join(a.of, b.of), ...(members && { members }), ...(touched && { touched }) };
}

/** What stands where an object has no field that is known: nothing, or anything where it may have others. */
function absent({ rest }: ObjectShape): Shape {
  return rest === 'none' ? NULL : UNKNOWN;
}

function joinObjects(a: ObjectShape, b: ObjectShape): ObjectShape {
  const rest = OPENNESS[Math.max(OPENNESS.indexOf(a.rest), OPENNESS.indexOf(b.rest))] ?? 'any';
  const gone = a.gone && b.gone ? new Set([...a.gone].filter((name) => b.gone?.has(name))) : undefined;
  const { free: freeA, title: titleA } = a;
  const { free: freeB } = b;
  return {
    kind: 'object',
    fields: joinedFields(a.fields, b.fields, (left, right) => join(left ?? absent(a), right ?? absent(b))),
    rest,
    ...((a.touched || b.touched) && { touched: true }),
    ...((freeA || freeB) && { free: (name) => (freeA?.(name) ?? false) || (freeB?.(name) ?? false) }),
    ...(gone && gone.size > 0 && { gone }),
    ...(titleA !== undefined && titleA === b.title && { title: titleA }),
  };
}
