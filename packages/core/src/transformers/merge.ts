import { defineTransformer } from '../define.ts';
import { MillraceError } from '../errors.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { Options, Steps, Values } from '../schema.ts';
import { andThen } from '../sequence.ts';
import { join } from '../shapes/join.ts';
import { mergeShape } from '../shapes/merged.ts';
import { recordOf } from '../shapes/places.ts';

export const merge = defineTransformer({
  description:
    'Runs steps on a copy of the record, and merges values of what they make into the record: objects key by key, everything else is replaced. Where the steps drop the copy, the record stays as it is.',
  options: Options({
    do: Steps({ description: 'Transformers that run on the copy', default: [], contained: true }),
    with: Values({ description: 'Keys of the record, with values on what the steps made' }),
  }),
  examples: [
    {
      title: 'Something is worked out on the side',
      options: {
        do: [{ map: { main: '&{sites[?main] | [0]}' } }],
        with: { client: { city: '&{main.city}' } },
      },
      given: { client: { name: 'Acme' }, sites: [{ city: 'Ghent' }, { city: 'Breda', main: true }] },
      made: {
        client: { name: 'Acme', city: 'Breda' },
        sites: [{ city: 'Ghent' }, { city: 'Breda', main: true }],
      },
    },
    {
      title: 'The copy is dropped',
      options: { do: [{ filter: { '==': [{ var: 'type' }, 'asset'] } }], with: { seen: true } },
      given: { type: 'ticket' },
      made: { type: 'ticket' },
    },
    {
      title: 'The steps must leave one record at most',
      options: { do: [{ branch: { at: 'lines.*' } }], with: { line: '&{n}' } },
      given: { lines: [{ n: 1 }, { n: 2 }] },
      error: 'node.many_records',
    },
  ],
  shape(_, check) {
    const record = recordOf(check.record);
    const made = check.steps(['do']);
    const merged = mergeShape(record, check.value(['with'], made));
    // Where the steps drop the copy, the record stays as it is.
    return join(record, merged);
  },
  create(options, { compile }) {
    const chain = compile.chain(options.do, 'do');
    const values = compile.object(options.with);
    return {
      transform: (data, run) =>
        andThen(chain(data, run), ([made, ...more]) => {
          if (more.length > 0) {
            throw new MillraceError(
              'node.many_records',
              `The steps made ${more.length + 1} records of one copy`,
              {
                hint: 'Let the steps leave one, for instance with a filter.',
              },
            );
          }
          return made ? mergeInto(data, values(made, run.context) as JsonObject) : data;
        }),
    };
  },
});

function mergeInto(into: JsonObject, from: JsonObject): JsonObject {
  const merged = new Map<string, Json>(Object.entries(into));
  for (const [key, value] of Object.entries(from)) {
    const before = merged.get(key);
    merged.set(key, isObject(before) && isObject(value) ? mergeInto(before, value) : value);
  }
  return Object.fromEntries(merged);
}
