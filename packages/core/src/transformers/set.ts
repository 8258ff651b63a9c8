import { defineTransformer } from '../define.ts';
import { Values } from '../schema.ts';
import { compilePathValues, pathValuesShape } from './path-values.ts';

export const set = defineTransformer({
  description:
    'Sets paths to values, one after the other, and makes the objects that are missing on the way.',
  options: Values({ keys: 'path', description: 'Paths, with the values to set' }),
  examples: [
    {
      title: 'Each sees what was set before it',
      options: { 'client.label': '&{client.name} (&{client.id})', title: '&{client.label}' },
      given: { client: { id: 7, name: 'Acme' } },
      made: { client: { id: 7, name: 'Acme', label: 'Acme (7)' }, title: 'Acme (7)' },
    },
  ],
  shape: (options, check) => pathValuesShape(options, check),
  create(options, { compile }) {
    const apply = compilePathValues(options, compile);
    return { transform: (data, { context }) => apply(data, context) };
  },
});
