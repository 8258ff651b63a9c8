import { Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import { Condition, Options, Steps } from '../schema.ts';

export const switchTransformer = defineTransformer({
  description: 'Runs the chain of the first case whose rule is true, or `else` where none is.',
  options: Options({
    cases: Type.Array(
      Options({
        when: Condition({ description: 'The rule, in JSON Logic' }),
        then: Steps({ description: 'Transformers where it is the first true one', default: [] }),
      }),
      { minItems: 1, description: 'Rules with their chains, tried in order' },
    ),
    else: Steps({ description: 'Transformers where no rule is true', default: [] }),
  }),
  examples: [
    {
      title: 'The first true case wins',
      options: {
        cases: [
          { when: { '>=': [{ var: 'priority' }, 4] }, then: [{ set: { level: 'low' } }] },
          { when: { '>=': [{ var: 'priority' }, 2] }, then: [{ set: { level: 'normal' } }] },
        ],
        else: [{ set: { level: 'urgent' } }],
      },
      given: [{ priority: 4 }, { priority: 3 }, { priority: 1 }],
      made: [
        { priority: 4, level: 'low' },
        { priority: 3, level: 'normal' },
        { priority: 1, level: 'urgent' },
      ],
    },
  ],
  create(options, { compile }) {
    const cases = options.cases.map(({ when, then }, index) => ({
      when: compile.condition(when),
      chain: compile.chain(then, ['cases', index, 'then']),
    }));
    const otherwise = compile.chain(options.else, 'else');
    return {
      transform(data, run) {
        const found = cases.find(({ when }) => when(data, run.context));
        return (found?.chain ?? otherwise)(data, run);
      },
    };
  },
});
