import type { Json, JsonObject } from '../../json.ts';
import { list, object, objectOf, text } from './arguments.ts';
import type { LanguageFunction } from './function.ts';
import { keyText } from './lists.ts';

function namesIn(args: readonly Json[]): ReadonlySet<string> {
  return new Set(args.flatMap((one) => (Array.isArray(one) ? (one as readonly Json[]) : [one])).map(text));
}

function filterKeys(keep: boolean) {
  return ([value, ...names]: readonly Json[]): JsonObject => {
    const wanted = namesIn(names);
    return Object.fromEntries(Object.entries(object(value)).filter(([key]) => wanted.has(key) === keep));
  };
}

function fromPairs([value]: readonly Json[]): JsonObject {
  return objectOf(
    list(value).map((pair) => {
      if (!Array.isArray(pair) || pair.length !== 2)
        throw new TypeError('each member must be a list of a key and a value');
      return [keyText(pair[0]), pair[1]] as const;
    }),
  );
}

const toPairs = ([value]: readonly Json[]): Json => Object.entries(object(value));

export const OBJECT_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  keys: {
    description: 'The keys of an object, in its order.',
    parameters: ['object'],
    required: 1,
    jmespath: [['object']],
    examples: [[[{ a: 1, b: 2 }], ['a', 'b']]],
    call: ([value]) => Object.keys(object(value)),
  },
  values: {
    description: 'The values of an object, in its order.',
    parameters: ['object'],
    required: 1,
    jmespath: [['object']],
    examples: [[[{ a: 1, b: 2 }], [1, 2]]],
    call: ([value]) => Object.values(object(value)),
  },
  merge: {
    description: 'One object of several; what comes later wins. Objects inside them are not merged.',
    parameters: ['object', 'others'],
    required: 1,
    variadic: true,
    jmespath: [['object'], ['object']],
    jsonLogic: {
      description: 'One list of the members of its arguments.',
      examples: [[{ merge: [[1, 2], { var: 'n' }] }, { n: 3 }, [1, 2, 3]]],
    },
    examples: [[[{ a: 1, b: 2 }, { b: 3 }], { a: 1, b: 3 }]],
    call: (args) => Object.fromEntries(args.flatMap((one) => Object.entries(object(one)))),
  },
  pick: {
    description: 'An object with nothing but the keys named, one by one or in a list.',
    parameters: ['object', 'keys'],
    required: 2,
    variadic: true,
    examples: [
      [[{ a: 1, b: 2, c: 3 }, 'a', 'b'], { a: 1, b: 2 }],
      [[{ a: 1, b: 2 }, ['b', 'x']], { b: 2 }],
    ],
    call: filterKeys(true),
  },
  omit: {
    description: 'An object without the keys named, one by one or in a list.',
    parameters: ['object', 'keys'],
    required: 2,
    variadic: true,
    examples: [[[{ a: 1, b: 2, c: 3 }, ['b', 'c']], { a: 1 }]],
    call: filterKeys(false),
  },
  from_pairs: {
    description: 'An object of a list of `[key, value]`.',
    parameters: ['pairs'],
    required: 1,
    examples: [
      [
        [
          [
            ['a', 1],
            ['b', 2],
          ],
        ],
        { a: 1, b: 2 },
      ],
    ],
    call: fromPairs,
  },
  to_pairs: {
    description: 'A list of `[key, value]` of an object.',
    parameters: ['object'],
    required: 1,
    examples: [
      [
        [{ a: 1, b: 2 }],
        [
          ['a', 1],
          ['b', 2],
        ],
      ],
    ],
    call: toPairs,
  },
  from_items: {
    description: 'Another name of `from_pairs`.',
    parameters: ['pairs'],
    required: 1,
    examples: [[[[['a', 1]]], { a: 1 }]],
    call: fromPairs,
  },
  items: {
    description: 'Another name of `to_pairs`.',
    parameters: ['object'],
    required: 1,
    examples: [[[{ a: 1 }], [['a', 1]]]],
    call: toPairs,
  },
};
