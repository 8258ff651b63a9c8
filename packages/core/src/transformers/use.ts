import { Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import type { JsonObject } from '../json.ts';
import { fillParameters } from '../parameters.ts';
import { Options, Values } from '../schema.ts';

export const use = defineTransformer({
  description:
    'Runs a saved chain of `transformers/`, with parameters. What they are of is checked: before a run where it can be known, else on each record.',
  options: Options({
    transformer: Type.String({ description: 'Id of the file in `transformers/`', minLength: 1 }),
    with: Type.Optional(Values({ description: 'Parameters, read inside as `@{parameters.NAME}`' })),
  }),
  examples: [
    {
      options: { transformer: 'prefixed', with: { field: 'number', prefix: 'T-' } },
      transformers: {
        prefixed: {
          parameters: { field: { type: 'string' }, prefix: { type: 'string', default: 'ID-' } },
          transformers: [{ set: { label: '@{parameters.prefix}&{id}', from: '@{parameters.field}' } }],
        },
      },
      given: { id: 7 },
      made: { id: 7, label: 'T-7', from: 'number' },
    },
    {
      title: 'A parameter of another type',
      options: { transformer: 'limited', with: { limit: '&{limit}' } },
      transformers: {
        limited: {
          parameters: { limit: { type: 'number' } },
          transformers: [{ filter: { '<': [{ var: 'n' }, { context: 'parameters.limit' }] } }],
        },
      },
      given: { n: 1, limit: 'many' },
      error: 'value.wrong_type',
    },
  ],
  shape({ transformer }, check) {
    check.value(['with']);
    return check.saved(transformer);
  },
  create({ transformer, with: given }, { compile }) {
    const saved = compile.saved(transformer);
    const values = compile.object(given ?? {});
    return {
      transform(data, run) {
        const parameters = fillParameters(
          saved.parameters,
          values(data, run.context) as JsonObject,
          transformer,
        );
        return saved.chain(data, { ...run, context: { ...run.context, parameters } });
      },
    };
  },
});
