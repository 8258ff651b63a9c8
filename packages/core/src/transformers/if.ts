import { defineTransformer } from '../define.ts';
import { Condition, Options, Steps } from '../schema.ts';
import { join } from '../shapes/join.ts';

export const ifTransformer = defineTransformer({
  description: 'Runs one chain of transformers where the rule is true, another one where it is false.',
  options: Options({
    when: Condition({ description: 'The rule, in JSON Logic' }),
    then: Steps({ description: 'Transformers where the rule is true', default: [] }),
    else: Steps({ description: 'Transformers where it is false', default: [] }),
  }),
  examples: [
    {
      options: {
        when: { '==': [{ var: 'priority' }, 1] },
        then: [{ set: { queue: 'duty' } }],
        else: [{ set: { queue: 'desk' } }],
      },
      given: [{ priority: 1 }, { priority: 3 }],
      made: [
        { priority: 1, queue: 'duty' },
        { priority: 3, queue: 'desk' },
      ],
    },
  ],
  shape(_, check) {
    const consequences = { whenTrue: '"else" is never taken', whenFalse: '"then" is never taken' };
    const holds = check.condition(['when'], consequences);
    const [yes, no] = [check.steps(['then']), check.steps(['else'])];
    return holds === undefined ? join(yes, no) : holds ? yes : no;
  },
  create(options, { compile }) {
    const when = compile.condition(options.when);
    const yes = compile.chain(options.then, 'then');
    const no = compile.chain(options.else, 'else');
    return { transform: (data, run) => (when(data, run.context) ? yes(data, run) : no(data, run)) };
  },
});
