import { Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import type { JsonObject } from '../json.ts';
import { Options, Values } from '../schema.ts';

export const use = defineTransformer({
  description: 'Runs a saved chain of `transformers/`, with parameters.',
  options: Options({
    transformer: Type.String({ description: 'Id of the file in `transformers/`', minLength: 1 }),
    with: Type.Optional(Values({ description: 'Parameters, read inside as `@{parameters.NAME}`' })),
  }),
  create({ transformer, with: given }, { compile }) {
    const saved = compile.saved(transformer);
    const values = compile.object(given ?? {});
    return {
      transform(data, run) {
        const parameters = { ...saved.defaults, ...(values(data, run.context) as JsonObject) };
        return saved.chain(data, { ...run, context: { ...run.context, parameters } });
      },
    };
  },
});
