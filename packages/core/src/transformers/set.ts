import { defineTransformer } from '../define.ts';
import { Values } from '../schema.ts';
import { compilePathValues } from './path-values.ts';

export const set = defineTransformer({
  description:
    'Sets paths to values, one after the other, and makes the objects that are missing on the way.',
  options: Values({ keys: 'path', description: 'Paths, with the values to set' }),
  create(options, { compile }) {
    const apply = compilePathValues(options, compile);
    return { transform: (data, { context }) => apply(data, context) };
  },
});
