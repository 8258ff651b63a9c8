import { Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import { compilePattern } from '../paths/pattern.ts';
import { only } from '../paths/shape.ts';
import { Pattern } from '../schema.ts';
import { keepShape, recordOf, stepsOf } from '../shapes/places.ts';

export const keep = defineTransformer({
  description: 'Keeps only the nodes that one of the patterns matches, each in its place.',
  options: Type.Array(Pattern({ description: 'A pattern such as `customfields.*.value`' }), { minItems: 1 }),
  examples: [
    {
      options: ['id', 'customfields.*.value'],
      given: { id: 7, summary: 'Printer', customfields: [{ name: 'cost', value: 5 }] },
      made: { id: 7, customfields: [{ value: 5 }] },
    },
  ],
  shape(patterns, check) {
    for (const index of patterns.keys()) check.place([index]);
    return keepShape(
      recordOf(check.record),
      patterns.map((pattern) => stepsOf(pattern) ?? []),
    );
  },
  create(patterns) {
    const compiled = patterns.map(compilePattern);
    return { transform: (data) => only(data, compiled) };
  },
});
