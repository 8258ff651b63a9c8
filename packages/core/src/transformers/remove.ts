import { Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import { compilePattern } from '../paths/pattern.ts';
import { without } from '../paths/shape.ts';
import { Pattern } from '../schema.ts';
import { changeShape, recordOf, stepsOf } from '../shapes/places.ts';
import { type Shape, UNKNOWN } from '../shapes/shape.ts';

export const remove = defineTransformer({
  description: 'Removes every node that one of the patterns matches.',
  options: Type.Array(Pattern({ description: 'A pattern such as `customfields.*.label`' }), { minItems: 1 }),
  examples: [
    {
      options: ['internal', 'customfields.*.label'],
      given: { id: 7, internal: true, customfields: [{ label: 'Cost', value: 5 }] },
      made: { id: 7, customfields: [{ value: 5 }] },
    },
  ],
  shape(patterns, check) {
    return patterns.reduce<Shape>((record, pattern, index) => {
      check.place([index], record);
      const steps = stepsOf(pattern);
      return steps ? (changeShape(record, steps, () => undefined) ?? UNKNOWN) : record;
    }, recordOf(check.record));
  },
  create(patterns) {
    const compiled = patterns.map(compilePattern);
    return { transform: (data) => without(data, compiled) };
  },
});
