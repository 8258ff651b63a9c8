import type { Operation } from '@millrace/haloitsm/catalogue';
import { type Answer, json } from '../answer.ts';
import type { Json } from '../data/json.ts';

/**
 * What is wrong with a body before its fields are looked at. `value` is undefined where it is no JSON; `strict` refuses
 * an object where an array is wanted.
 */
export function shapeError(
  wanted: Operation['body'],
  bytes: number,
  value: Json | undefined,
  strict: boolean,
): Answer | undefined {
  if (bytes === 0)
    return wanted === undefined ? undefined : json(400, { '': ['A non-empty request body is required.'] });
  if (value === undefined) {
    const problem = "Unexpected character encountered while parsing value. Path '', line 1, position 1.";
    return json(400, { '': [problem] });
  }
  const isList = Array.isArray(value);
  if (wanted === 'array' && !isList && strict) return shapeAnswer('object', 'List`1', 'array');
  if (wanted === 'object' && isList) return shapeAnswer('array', 'Object', 'object');
  return undefined;
}

function shapeAnswer(given: string, type: string, wanted: string): Answer {
  const message = `Cannot deserialize the current JSON ${given} into type '${type}' because the type requires a JSON ${wanted} to deserialize correctly. Path '', line 1, position 1.`;
  return json(400, { '': [message] });
}
