import { defineTransformer } from '../define.ts';
import type { JsonObject } from '../json.ts';
import { Values } from '../schema.ts';

export const map = defineTransformer({
  description: 'Replaces the record by an object of values.',
  options: Values({ description: 'Keys of the new record, with their values' }),
  create(options, { compile }) {
    const value = compile.object(options);
    return { transform: (data, { context }) => value(data, context) as JsonObject };
  },
});
