import { defineTransformer } from '../define.ts';
import { getAt, parsePath, setAt } from '../paths/path.ts';
import { Values } from '../schema.ts';

export const defaults = defineTransformer({
  description: 'Sets paths to values where they are absent or null.',
  options: Values({ keys: 'path', description: 'Paths, with the values to set where there is none' }),
  create(options, { compile }) {
    const entries = Object.entries(options).map(
      ([path, source]) => [parsePath(path), compile.value(source)] as const,
    );
    return {
      transform: (data, { context }) =>
        entries.reduce((record, [path, evaluate]) => {
          if ((getAt(record, path) ?? null) !== null) return record;
          const value = evaluate(record, context);
          return value === undefined ? record : setAt(record, path, value);
        }, data),
    };
  },
});
