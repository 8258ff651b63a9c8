import { Type } from 'typebox';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { parsePath, setAt } from '../paths/path.ts';
import { Path } from '../schema.ts';
import { pathOf, recordOf, setShape } from '../shapes/places.ts';
import { type Shape, scalar, UNKNOWN } from '../shapes/shape.ts';

/** Where the answer of a step that asks a system goes. */
export const PLACE_OPTIONS = {
  to: Type.Optional(
    Path({ description: 'Where the answer goes. Default: it takes the place of the record' }),
  ),
  statusTo: Type.Optional(Path({ description: 'Where the status of the answer goes' })),
};

/** Statuses beside 2xx that count as an answer. */
export const EXPECT_OPTION = Type.Array(Type.Integer({ minimum: 300, maximum: 599 }), {
  default: [],
  description: 'Statuses beside 2xx that count as an answer, such as 404',
});

/** What a system said: its last status, and what is wanted of its answer; undefined where that had no body. */
export interface Answered {
  readonly status: number;
  readonly body: Json | undefined;
}

/**
 * Puts an answer where the options want it. Without a place an object replaces the record, anything else does as
 * `{value}`, and an answer without a body leaves it as it is.
 */
export function placeAnswer(options: {
  readonly to?: string;
  readonly statusTo?: string;
}): (data: JsonObject, answer: Answered) => JsonObject {
  const target = options.to === undefined ? [] : parsePath(options.to);
  const statusTarget = options.statusTo === undefined ? undefined : parsePath(options.statusTo);
  return (data, { status, body }) => {
    let record = data;
    if (target.length > 0) record = setAt(data, target, body ?? null);
    else if (body !== undefined) record = isObject(body) ? body : { value: body };
    return statusTarget ? setAt(record, statusTarget, status) : record;
  };
}

/** The shape of a record with an answer in its place, for the checks. */
export function placedShape(
  options: { readonly to?: string; readonly statusTo?: string },
  given: Shape,
  answer: Shape,
): Shape {
  const target = options.to === undefined ? [] : pathOf(options.to);
  const statusTarget = options.statusTo === undefined ? [] : pathOf(options.statusTo);
  if (!target || !statusTarget) return UNKNOWN;
  const record = target.length > 0 ? setShape(recordOf(given), target, answer) : recordOf(answer);
  return statusTarget.length > 0 ? setShape(record, statusTarget, scalar('integer')) : record;
}
