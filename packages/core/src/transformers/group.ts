import { defineTransformer } from '../define.ts';
import { MillraceError } from '../errors.ts';
import { FORBIDDEN_KEYS, isObject, type Json } from '../json.ts';
import { parsePath, setAt } from '../paths/path.ts';
import { compilePattern } from '../paths/pattern.ts';
import { Options, Path, Pattern, Value } from '../schema.ts';
import { memberRecord, pathOf, recordOf, setShape } from '../shapes/places.ts';
import { objectOf } from '../shapes/shape.ts';

export const group = defineTransformer({
  description:
    'Groups the members of a list by a value: an object with a key for each value, whose members are the lists of those that have it, in order.',
  options: Options({
    at: Pattern({ description: 'The list, such as `lines`, or its members, such as `lines.*`' }),
    by: Value({
      description: 'What they are grouped by, on each member; its text is the key, null is `null`',
    }),
    to: Path({ description: 'Where the groups go' }),
  }),
  examples: [
    {
      title: 'Lines by the warehouse that has them',
      options: { at: 'lines', by: '&{warehouse}', to: 'shipments' },
      given: {
        lines: [
          { sku: 'a', warehouse: 'EHV' },
          { sku: 'b', warehouse: 'AMS' },
          { sku: 'c', warehouse: 'EHV' },
        ],
      },
      made: {
        lines: [
          { sku: 'a', warehouse: 'EHV' },
          { sku: 'b', warehouse: 'AMS' },
          { sku: 'c', warehouse: 'EHV' },
        ],
        shipments: {
          EHV: [
            { sku: 'a', warehouse: 'EHV' },
            { sku: 'c', warehouse: 'EHV' },
          ],
          AMS: [{ sku: 'b', warehouse: 'AMS' }],
        },
      },
    },
    {
      title: 'Members that are no objects are `value`; the groups take the place of the list',
      options: { at: 'numbers.*', by: { logic: { '%': [{ var: 'value' }, 2] } }, to: 'numbers' },
      given: { numbers: [1, 2, 3] },
      made: { numbers: { '0': [2], '1': [1, 3] } },
    },
  ],
  shape({ to }, check) {
    check.value(['by'], memberRecord(check.place(['at'])));
    const path = pathOf(to);
    const record = recordOf(check.record);
    return path ? setShape(record, path, objectOf({}, { rest: 'any' })) : record;
  },
  create({ at, by, to }, { compile }) {
    const pattern = compilePattern(at);
    const value = compile.value(by);
    const target = parsePath(to);
    return {
      transform(data, { context }) {
        const groups = new Map<string, Json[]>();
        const members = pattern.match(data).flatMap((match) => listOf(match.value));
        for (const member of members) {
          const by = value(isObject(member) ? member : { value: member }, context) ?? null;
          const key = typeof by === 'string' ? by : JSON.stringify(by);
          if (FORBIDDEN_KEYS.has(key)) throw new MillraceError('path.conflict', `"${key}" cannot be a key`);
          const members = groups.get(key);
          if (members) members.push(member);
          else groups.set(key, [member]);
        }
        return setAt(data, target, Object.fromEntries(groups));
      },
    };
  },
});

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value];
}
