import { Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import { FORBIDDEN_KEYS, isObject, type JsonObject } from '../json.ts';
import { getAt, parsePath, setAt } from '../paths/path.ts';
import { join } from '../shapes/join.ts';
import { changeShape, literalSteps, pathOf, recordOf, withField } from '../shapes/places.ts';
import { type Shape, UNKNOWN } from '../shapes/shape.ts';

export const rename = defineTransformer({
  description:
    'Gives keys new names; they stay where they are. A key that the record has not is passed over.',
  options: Type.Unsafe<Readonly<Record<string, string>>>({
    type: 'object',
    millraceKeys: 'path',
    minProperties: 1,
    additionalProperties: { type: 'string', minLength: 1, description: 'The new name' },
    description: 'Old paths, with the new names of their last keys',
  }),
  examples: [
    {
      options: { id: 'number', 'client.name': 'title' },
      given: { id: 7, client: { name: 'Acme' } },
      made: { number: 7, client: { title: 'Acme' } },
    },
  ],
  check(options, report) {
    for (const [old, name] of Object.entries(options)) {
      if (FORBIDDEN_KEYS.has(name)) {
        report({ code: 'config.invalid_path', message: `"${name}" cannot be a key`, path: [old] });
      }
    }
  },
  shape(options, check) {
    return Object.entries(options).reduce<Shape>((record, [text, name]) => {
      const found = check.place([text], record, text);
      const path = pathOf(text);
      const [key = '', parent = []] = [path?.at(-1), path?.slice(0, -1)];
      const rename = (shape: Shape): Shape => {
        if (shape.kind !== 'object' || key === name) return shape;
        const before = shape.fields.get(name) ?? (shape.rest === 'none' ? found : UNKNOWN);
        return withField(withField(shape, key, undefined), name, join(found, before));
      };
      return changeShape(record, literalSteps(parent), rename) ?? UNKNOWN;
    }, recordOf(check.record));
  },
  create(options) {
    const entries = Object.entries(options).map(([old, name]) => [parsePath(old), name] as const);
    return {
      transform: (data) => entries.reduce((record, [old, name]) => renameKey(record, old, name), data),
    };
  },
});

function renameKey(data: JsonObject, old: readonly string[], name: string): JsonObject {
  const parentPath = old.slice(0, -1);
  const key = old.at(-1) ?? '';
  const parent = getAt(data, parentPath);
  if (!isObject(parent) || !Object.hasOwn(parent, key) || key === name) return data;
  // A key of the new name that was there before gives way.
  const entries = Object.entries(parent).filter(([other]) => other !== name);
  const renamed = Object.fromEntries(entries.map(([other, value]) => [other === key ? name : other, value]));
  return setAt(data, parentPath, renamed);
}
