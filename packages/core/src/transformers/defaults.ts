import { defineTransformer } from '../define.ts';
import { getAt } from '../paths/path.ts';
import { Values } from '../schema.ts';
import { compilePathValues, pathValuesShape } from './path-values.ts';

export const defaults = defineTransformer({
  description: 'Sets paths to values where they are absent or null.',
  options: Values({ keys: 'path', description: 'Paths, with the values to set where there is none' }),
  examples: [
    {
      options: { priority: 3, 'client.country': 'NL' },
      given: { priority: 0, client: { name: 'Acme', country: null } },
      made: { priority: 0, client: { name: 'Acme', country: 'NL' } },
    },
  ],
  shape: (options, check) => pathValuesShape(options, check, true),
  create(options, { compile }) {
    const apply = compilePathValues(
      options,
      compile,
      (record, path) => (getAt(record, path) ?? null) === null,
    );
    return { transform: (data, { context }) => apply(data, context) };
  },
});
