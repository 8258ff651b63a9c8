import { join } from '../shapes/join.ts';
import { changeShape, loosenShape, pathOf, recordOf, setShape, stepsOf } from '../shapes/places.ts';
import { inWords, type Shape, UNKNOWN } from '../shapes/shape.ts';
import type { ShapeCheck } from '../shapes/shape-check.ts';

/**
 * What comes of a record when what is made of each matched node goes in its place, or to the target. Told where only nodes
 * of some kinds can be converted and they are none: every record would fail.
 */
export function convertedShape(
  { at, to }: { readonly at: string; readonly to?: string },
  made: Shape,
  check: ShapeCheck,
  kinds?: readonly Shape['kind'][],
): Shape {
  const node = check.place(['at']);
  if (kinds && (node.kind === 'list' || node.kind === 'object') && !kinds.includes(node.kind)) {
    check.report({
      severity: 'warning',
      code: 'config.wrong_type',
      message: `"${at}" is ${inWords(node)}, and only a text can be parsed: every record fails`,
      hint: 'Name the text, or leave this step out.',
      path: ['at'],
    });
  }
  const record = recordOf(check.record);
  if (to === undefined) return changeShape(record, stepsOf(at) ?? [], () => made) ?? UNKNOWN;
  const target = pathOf(to);
  if (!target) return record;
  const variable = target.findIndex((segment) => segment.includes('$'));
  const converted =
    variable < 0 ? setShape(record, target, made) : loosenShape(record, target.slice(0, variable));
  // Null, and what is not there, leaves the target as it is.
  return join(record, converted);
}
