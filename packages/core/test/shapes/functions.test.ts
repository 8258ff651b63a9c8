import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../src/expressions/functions.ts';
import { NO_SERVICES } from '../../src/expressions/services.ts';
import type { Json } from '../../src/json.ts';
import { conforms } from '../../src/shapes/conforms.ts';
import { functionShape } from '../../src/shapes/function-shapes.ts';
import { shapeOf } from '../../src/shapes/known.ts';
import { plain } from '../../src/shapes/shape.ts';

const examples = Object.entries(FUNCTIONS).flatMap(([name, { examples }]) =>
  examples.map(([args, result]) => [name, args, result] as const),
);

describe('the shape of what a function comes to', () => {
  it.each(examples)('%s: is that of its example %j', (name, args, result) => {
    const services = {
      ...NO_SERVICES,
      tables: new Map([['priorities', new Map<string, Json>([['1', 'high']])]]),
    };
    const shapes = (args as readonly Json[]).map((arg) => plain(shapeOf(arg)));
    expect(conforms(result as Json, functionShape(name, shapes, services))).toBe(true);
  });
});
