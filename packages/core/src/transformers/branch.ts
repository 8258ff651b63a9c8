import { Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import { isObject, type JsonObject } from '../json.ts';
import { compilePattern } from '../paths/pattern.ts';
import { Options, Pattern, Values } from '../schema.ts';
import { withValues } from '../shapes/merged.ts';
import { nodeRecord } from '../shapes/places.ts';

export const branch = defineTransformer({
  description: 'Makes a record of each node that the pattern matches; a scalar becomes `{value}`.',
  splits: true,
  options: Options({
    at: Pattern({ description: 'A pattern such as `lines.*`' }),
    keep: Type.Optional(Values({ description: 'Values of the parent that each record carries' })),
  }),
  examples: [
    {
      title: 'A record of each line, with the number of its order',
      options: { at: 'lines.*', keep: { order: '&{id}' } },
      given: { id: 7, lines: [{ sku: 'a' }, { sku: 'b' }] },
      made: [
        { sku: 'a', order: 7 },
        { sku: 'b', order: 7 },
      ],
    },
    {
      title: 'Nodes that are no objects',
      options: { at: 'tags.*' },
      given: { tags: ['printer', 'vip'] },
      made: [{ value: 'printer' }, { value: 'vip' }],
    },
    { title: 'Nothing to make records of', options: { at: 'lines.*' }, given: { id: 7 }, made: [] },
  ],
  shape({ keep }, check) {
    const node = nodeRecord(check.place(['at']));
    return keep ? withValues(node, check.value(['keep'])) : node;
  },
  create({ at, keep }, { compile }) {
    const pattern = compilePattern(at);
    const carried = compile.object(keep ?? {});
    return {
      transform: (data, { context }) => {
        const values = carried(data, context) as JsonObject;
        return pattern
          .match(data)
          .map(({ value }) => ({ ...(isObject(value) ? value : { value }), ...values }));
      },
    };
  },
});
