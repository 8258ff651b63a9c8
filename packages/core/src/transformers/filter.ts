import { defineTransformer } from '../define.ts';
import { Condition } from '../schema.ts';

export const filter = defineTransformer({
  description: 'Drops the record where the JSON Logic rule is false.',
  options: Condition({ description: 'The rule: a record passes where it is true' }),
  create(rule, { compile }) {
    const passes = compile.condition(rule);
    return { transform: (data, { context }) => (passes(data, context) ? data : []) };
  },
});
