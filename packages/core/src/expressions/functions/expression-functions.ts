import type { Json } from '../../json.ts';
import { nameOf, objectOf } from './arguments.ts';
import type { ExpressionFunction } from './function.ts';
import { keyText } from './lists.ts';
import { compareTexts } from './numbers.ts';

const ALL_NUMBERS_OR_TEXTS = 'the expression must come to numbers only, or to texts only';

/** What an expression comes to on each member, all of one kind that has an order. */
function keysOf(list: readonly Json[], expression: (member: Json) => Json): readonly (number | string)[] {
  const keys = list.map(expression);
  const kind = typeof keys[0];
  for (const key of keys) {
    if ((typeof key !== 'number' && typeof key !== 'string') || typeof key !== kind)
      throw new TypeError(`${ALL_NUMBERS_OR_TEXTS}, not to ${nameOf(key)}`);
  }
  return keys as readonly (number | string)[];
}

function compare(a: number | string | undefined, b: number | string | undefined): number {
  return typeof a === 'number' ? a - Number(b) : compareTexts(String(a), String(b));
}

function sortBy(list: readonly Json[], expression: (member: Json) => Json): Json {
  const keys = keysOf(list, expression);
  const order = list.map((_, index) => index).sort((a, b) => compare(keys[a], keys[b]));
  return order.map((index) => list[index] ?? null);
}

function extremeBy(sign: 1 | -1) {
  return (list: readonly Json[], expression: (member: Json) => Json): Json => {
    const keys = keysOf(list, expression);
    let best = 0;
    for (let index = 1; index < keys.length; index++) {
      if (sign * compare(keys[index], keys[best]) > 0) best = index;
    }
    return list[best] ?? null;
  };
}

function groupBy(list: readonly Json[], expression: (member: Json) => Json): Json {
  const groups = new Map<string, Json[]>();
  for (const member of list) {
    const key = keyText(expression(member));
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  return objectOf(groups);
}

const PEOPLE: Json = {
  people: [
    { name: 'Bo', age: 40, team: 'A' },
    { name: 'Al', age: 30, team: 'B' },
    { name: 'Cy', age: 35, team: 'A' },
  ],
};

/** Functions that take an expression: in JMESPath only, since a rule of JSON Logic is no value. */
export const EXPRESSION_FUNCTIONS: Readonly<Record<string, ExpressionFunction>> = {
  sort_by: {
    description: 'A list in the order of what an expression comes to on its members: numbers, or texts.',
    parameters: ['list', 'expression'],
    expression: 1,
    jmespath: true,
    examples: [['sort_by(people, &age)[].name', PEOPLE, ['Al', 'Cy', 'Bo']]],
    call: sortBy,
  },
  group_by: {
    description:
      'An object with the members of a list, in lists, by the text of what an expression comes to on them; null counts as an empty text.',
    parameters: ['list', 'expression'],
    expression: 1,
    jmespath: false,
    examples: [['group_by(people, &team).A[].name', PEOPLE, ['Bo', 'Cy']]],
    call: groupBy,
  },
  map: {
    description: 'What an expression comes to on each member of a list, nulls included.',
    parameters: ['expression', 'list'],
    expression: 0,
    jmespath: true,
    examples: [['map(&upper(name), people)', PEOPLE, ['BO', 'AL', 'CY']]],
    call: (list, expression) => list.map(expression),
  },
  max_by: {
    description:
      'The member of a list on which an expression comes to the most; null where the list is empty.',
    parameters: ['list', 'expression'],
    expression: 1,
    jmespath: true,
    examples: [['max_by(people, &age).name', PEOPLE, 'Bo']],
    call: extremeBy(1),
  },
  min_by: {
    description:
      'The member of a list on which an expression comes to the least; null where the list is empty.',
    parameters: ['list', 'expression'],
    expression: 1,
    jmespath: true,
    examples: [['min_by(people, &age).name', PEOPLE, 'Al']],
    call: extremeBy(-1),
  },
};
