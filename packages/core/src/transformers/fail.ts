import { Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import { MillraceError } from '../errors.ts';
import { Condition, Options, Value } from '../schema.ts';
import { nothing } from '../shapes/shape.ts';

export const fail = defineTransformer({
  description: 'Fails the record with a message of your own, where the rule is true or there is none.',
  options: Options({
    message: Value({ description: 'Why; stands in the task' }),
    when: Type.Optional(Condition({ description: 'The rule, in JSON Logic' })),
  }),
  examples: [
    {
      title: 'A ticket must have a client',
      options: { message: 'Ticket &{id} has no client', when: { '!': [{ var: 'client_id' }] } },
      given: { id: 7 },
      error: 'entity.failed',
    },
    {
      title: 'One that has a client passes',
      options: { message: 'Ticket &{id} has no client', when: { '!': [{ var: 'client_id' }] } },
      given: { id: 7, client_id: 3 },
      made: { id: 7, client_id: 3 },
    },
  ],
  shape({ when }, check) {
    check.value(['message']);
    const consequences = { whenTrue: 'every record fails', whenFalse: 'no record ever fails' };
    const fails = when === undefined ? true : check.condition(['when'], consequences);
    return fails === true ? nothing(check.record) : check.record;
  },
  create(options, { compile }) {
    const message = compile.value(options.message);
    const when = options.when === undefined ? () => true : compile.condition(options.when);
    return {
      transform(data, { context }) {
        if (!when(data, context)) return data;
        const value = message(data, context) ?? null;
        throw new MillraceError('entity.failed', typeof value === 'string' ? value : JSON.stringify(value), {
          hint: 'The configuration fails such records: see the step.',
        });
      },
    };
  },
});
