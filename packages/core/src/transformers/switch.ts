import { Type } from 'typebox';
import { canonicalJson } from '../canonical-json.ts';
import { defineTransformer } from '../define.ts';
import type { OptionFinding } from '../findings.ts';
import { Condition, Options, Steps } from '../schema.ts';
import { joinAll } from '../shapes/join.ts';
import type { Shape } from '../shapes/shape.ts';

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
  shape({ cases }, check) {
    const made: Shape[] = [];
    const seen = new Map<string, number>();
    let decided = false;
    for (const [index, { when }] of cases.entries()) {
      const consequences = {
        whenTrue: 'nothing behind this case is ever taken',
        whenFalse: 'the case is never taken',
      };
      const holds = check.condition(['cases', index, 'when'], consequences);
      const twin = seen.get(canonicalJson(when));
      if (twin !== undefined && holds === undefined) check.report(twinFinding(index, twin));
      seen.set(canonicalJson(when), index);
      const shape = check.steps(['cases', index, 'then']);
      if (!decided && holds !== false) made.push(shape);
      decided ||= holds === true;
    }
    const otherwise = check.steps(['else']);
    return joinAll(decided ? made : [...made, otherwise]);
  },
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

function twinFinding(index: number, twin: number): OptionFinding {
  return {
    severity: 'warning',
    code: 'config.unreachable_step',
    message: `This case is never taken: case ${twin + 1} has the same rule`,
    hint: 'Give it another rule, or take it out.',
    path: ['cases', index, 'when'],
  };
}
