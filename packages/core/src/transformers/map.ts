import { defineTransformer } from '../define.ts';
import type { JsonObject } from '../json.ts';
import { Values } from '../schema.ts';

export const map = defineTransformer({
  description: 'Replaces the record by an object of values.',
  options: Values({ description: 'Keys of the new record, with their values' }),
  examples: [
    {
      title: 'A value, a text, a value that may be missing, a rule',
      options: {
        number: '&{id}',
        title: 'Ticket &{id}',
        phone: '?{user.phone}',
        urgent: { logic: { '==': [{ var: 'priority' }, 1] } },
      },
      given: { id: 7, priority: 1, user: {} },
      made: { number: 7, title: 'Ticket 7', urgent: true },
    },
  ],
  shape: (_, check) => check.value([]),
  create(options, { compile }) {
    const value = compile.object(options);
    return { transform: (data, { context }) => value(data, context) as JsonObject };
  },
});
