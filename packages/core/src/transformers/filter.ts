import { defineTransformer } from '../define.ts';
import { Condition } from '../schema.ts';
import { nothing } from '../shapes/shape.ts';

export const filter = defineTransformer({
  description: 'Drops the record where the JSON Logic rule is false.',
  options: Condition({ description: 'The rule: a record passes where it is true' }),
  examples: [
    {
      title: 'Closed tickets do not pass',
      options: { '!=': [{ var: 'status_id' }, 9] },
      given: [
        { id: 1, status_id: 9 },
        { id: 2, status_id: 1 },
      ],
      made: { id: 2, status_id: 1 },
    },
  ],
  shape(_, check) {
    const consequences = { whenTrue: 'no record is ever dropped', whenFalse: 'every record is dropped' };
    return check.condition([], consequences) === false ? nothing(check.record) : check.record;
  },
  create(rule, { compile }) {
    const passes = compile.condition(rule);
    return { transform: (data, { context }) => (passes(data, context) ? data : []) };
  },
});
