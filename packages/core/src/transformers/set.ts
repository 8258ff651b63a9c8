import { defineTransformer } from '../define.ts';
import { parsePath, setAt } from '../paths/path.ts';
import { Values } from '../schema.ts';

export const set = defineTransformer({
  description:
    'Sets paths to values, one after the other, and makes the objects that are missing on the way.',
  options: Values({ keys: 'path', description: 'Paths, with the values to set' }),
  create(options, { compile }) {
    const entries = Object.entries(options).map(
      ([path, source]) => [parsePath(path), compile.value(source)] as const,
    );
    return {
      transform: (data, { context }) =>
        entries.reduce((record, [path, evaluate]) => {
          const value = evaluate(record, context);
          return value === undefined ? record : setAt(record, path, value);
        }, data),
    };
  },
});
