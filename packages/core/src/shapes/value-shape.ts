import { parsePlaceholders, type Segment } from '../expressions/placeholder.ts';
import { isObject, type Json } from '../json.ts';
import { expressionShape } from './jmespath-shape.ts';
import { joinAll } from './join.ts';
import { shapeOf } from './known.ts';
import { ruleShape } from './rule-shape.ts';
import {
  listOf,
  objectOf,
  plain,
  type ScalarType,
  type Shape,
  scalar,
  UNKNOWN,
  type Written,
  writtenAt,
} from './shape.ts';
import { below, reportAt, type SourceScope } from './source-scope.ts';

/**
 * What a value of the options comes to for records of a shape; every part of it knows where it was written. What it
 * reads and cannot find is reported.
 */
export function valueShape(source: Json, input: Shape, scope: SourceScope, origin: Written['report']): Shape {
  const here = (shape: Shape, at = scope): Shape => writtenAt(shape, { report: origin, path: at.at });
  if (typeof source === 'string') return here(textShape(source, input, scope));
  if (Array.isArray(source)) {
    const members = (source as readonly Json[]).map((member, index) =>
      valueShape(member, input, below(scope, index), origin),
    );
    return here({ ...listOf(joinAll(members.map(plain))), members });
  }
  if (!isObject(source)) return here(shapeOf(source));
  const keys = Object.keys(source);
  if (keys.length === 1 && keys[0] === 'literal') {
    return writtenBelow(shapeOf(source['literal'] ?? null), below(scope, 'literal'), origin);
  }
  if (keys.length === 1 && keys[0] === 'logic') {
    const { shape } = ruleShape(source['logic'] ?? null, input, below(scope, 'logic'));
    return here(plain(shape));
  }
  const fields = keys.map(
    (key) => [key, valueShape(source[key] ?? null, input, below(scope, key), origin)] as const,
  );
  return here(objectOf(new Map(fields)));
}

/** A literal whose parts know where they stand. */
function writtenBelow(shape: Shape, scope: SourceScope, origin: Written['report']): Shape {
  const written = { report: origin, path: scope.at };
  if (shape.kind === 'object') {
    const fields = [...shape.fields.keys()].map(
      (key) => [key, writtenBelow(shape.fields.get(key) ?? UNKNOWN, below(scope, key), origin)] as const,
    );
    return writtenAt({ ...shape, fields: new Map(fields) }, written);
  }
  if (shape.kind === 'list' && shape.members) {
    const members = shape.members.map((member, index) => writtenBelow(member, below(scope, index), origin));
    return writtenAt({ ...shape, members }, written);
  }
  return writtenAt(shape, written);
}

/** What the fixed parts of a text may consist of where the whole is to be read as something else. */
const POSSIBLE: readonly (readonly [ScalarType, RegExp])[] = [
  ['integer', /^[\s\d+-]*$/],
  ['number', /^[\s\d.eE+-]*$/],
  ['boolean', /^[truefals01]*$/i],
  ['date', /^[\s\d.:TZ+-]*$/],
];

function textShape(source: string, input: Shape, scope: SourceScope): Shape {
  const segments = parsePlaceholders(source);
  if (typeof segments === 'string') return UNKNOWN;
  const [only] = segments;
  if (segments.length === 1 && only) {
    if (only.kind === '?') return { ...readShape(only, input, scope), optional: true };
    if (only.kind !== 'text') return readShape(only, input, scope);
    return { ...shapeOf(only.text), ...(scope.isVariable(scope.at) && { variable: true }) };
  }
  for (const segment of segments) if (segment.kind !== 'text') readShape(segment, input, scope);
  const texts = segments.flatMap((segment) => (segment.kind === 'text' ? [segment.text] : []));
  const never = POSSIBLE.filter(([, letters]) => texts.some((text) => !letters.test(text)));
  return { ...scalar('text'), never: new Set(never.map(([type]) => type)) };
}

function readShape(segment: Exclude<Segment, { kind: 'text' }>, input: Shape, scope: SourceScope): Shape {
  if (segment.kind === '@') return UNKNOWN;
  const reading = { services: scope.services, report: reportAt(scope) };
  return expressionShape(segment.expression, input, reading);
}
