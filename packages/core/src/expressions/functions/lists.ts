import { canonicalJson } from '../../canonical-json.ts';
import { isObject, type Json } from '../../json.ts';
import { absent, list, MAX_LIST, nameOf, text, whole } from './arguments.ts';
import { characters } from './characters.ts';
import type { LanguageFunction } from './function.ts';
import { sorted } from './numbers.ts';

const MAX_DEPTH = 100;

function unique([value]: readonly Json[]): Json {
  const seen = new Set<string>();
  return list(value).filter((member) => {
    const key = canonicalJson(member);
    return seen.has(key) ? false : seen.add(key);
  });
}

function chunk([value, size]: readonly Json[]): Json {
  const members = list(value);
  const length = whole(size, 'size');
  if (length < 1) throw new RangeError('size must be 1 or more');
  return Array.from({ length: Math.ceil(members.length / length) }, (_, index) =>
    members.slice(index * length, (index + 1) * length),
  );
}

function flatten([value, depth]: readonly Json[]): Json {
  const levels = absent(depth) ? 1 : Math.min(MAX_DEPTH, whole(depth, 'depth'));
  const flat: Json[] = [];
  const add = (members: readonly Json[], left: number): void => {
    for (const member of members) {
      if (Array.isArray(member) && left > 0) add(member, left - 1);
      else if (flat.push(member) > MAX_LIST)
        throw new RangeError(`the list would have more than ${MAX_LIST} members`);
    }
  };
  add(list(value), levels);
  return flat;
}

function count([value]: readonly Json[]): number {
  if (Array.isArray(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  throw new TypeError(`a list or an object is wanted, not ${nameOf(value)}`);
}

function length([value]: readonly Json[]): number {
  return typeof value === 'string' ? characters(value) : count([value ?? null]);
}

function zip(args: readonly Json[]): Json {
  const lists = args.map(list);
  const shortest = lists.reduce((least, one) => Math.min(least, one.length), Number.POSITIVE_INFINITY);
  return Array.from({ length: shortest }, (_, index) => lists.map((one) => one[index] ?? null));
}

function reverse([value]: readonly Json[]): Json {
  return typeof value === 'string' ? [...value].reverse().join('') : list(value).toReversed();
}

export const LIST_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  first: {
    description: 'The first member of a list; null where it is empty.',
    parameters: ['list'],
    required: 1,
    examples: [
      [[[1, 2]], 1],
      [[[]], null],
    ],
    call: ([value]) => list(value)[0] ?? null,
  },
  last: {
    description: 'The last member of a list; null where it is empty.',
    parameters: ['list'],
    required: 1,
    examples: [[[[1, 2]], 2]],
    call: ([value]) => list(value).at(-1) ?? null,
  },
  count: {
    description: 'How many members a list has, or how many keys an object.',
    parameters: ['list'],
    required: 1,
    examples: [
      [[[1, 2]], 2],
      [[{ a: 1 }], 1],
    ],
    call: count,
  },
  length: {
    description: 'How many characters a text has, members a list, or keys an object.',
    parameters: ['value'],
    required: 1,
    jmespath: [['string', 'array', 'object']],
    examples: [
      [['abc'], 3],
      [[[1, 2]], 2],
    ],
    call: length,
  },
  unique: {
    description: 'The members of a list, each once, in order.',
    parameters: ['list'],
    required: 1,
    examples: [
      [[[1, 2, 1]], [1, 2]],
      [
        [
          [
            { a: 1, b: 2 },
            { b: 2, a: 1 },
          ],
        ],
        [{ a: 1, b: 2 }],
      ],
    ],
    call: unique,
  },
  sort: {
    description: 'A list of numbers or of texts in order.',
    parameters: ['list'],
    required: 1,
    jmespath: [['array-number', 'array-string']],
    examples: [
      [[[10, 9, 1]], [1, 9, 10]],
      [[['b', 'a']], ['a', 'b']],
    ],
    call: ([value]) => sorted(list(value)),
  },
  reverse: {
    description: 'A list, or a text, from its end to its beginning.',
    parameters: ['value'],
    required: 1,
    jmespath: [['string', 'array']],
    examples: [
      [[[1, 2]], [2, 1]],
      [['abc'], 'cba'],
    ],
    call: reverse,
  },
  chunk: {
    description: 'The members of a list in lists of so many.',
    parameters: ['list', 'size'],
    required: 2,
    examples: [
      [
        [[1, 2, 3], 2],
        [[1, 2], [3]],
      ],
    ],
    call: chunk,
  },
  flatten: {
    description:
      'A list with the members of the lists in it in their place, so many levels deep (default 1).',
    parameters: ['list', 'depth'],
    required: 1,
    examples: [
      [[[1, [2, [3]]]], [1, 2, [3]]],
      [
        [[1, [2, [3]]], 2],
        [1, 2, 3],
      ],
    ],
    call: flatten,
  },
  zip: {
    description: 'The members of several lists side by side, as far as the shortest goes.',
    parameters: ['list', 'others'],
    required: 1,
    variadic: true,
    examples: [
      [
        [
          ['a', 'b'],
          [1, 2, 3],
        ],
        [
          ['a', 1],
          ['b', 2],
        ],
      ],
    ],
    call: zip,
  },
  to_array: {
    description: 'A list as it is, anything else as the only member of one.',
    parameters: ['value'],
    required: 1,
    jmespath: [['any']],
    examples: [
      [['a'], ['a']],
      [[[1]], [1]],
    ],
    call: ([value = null]) => (Array.isArray(value) ? value : [value]),
  },
};

/** Keys as text, so that numbers can be keys, too. */
export function keyText(value: Json): string {
  if (typeof value === 'object' && value !== null)
    throw new TypeError(`a key must be a text or a number, not ${nameOf(value)}`);
  return text(value);
}
