import { Big } from 'big.js';
import type { Json } from '../../json.ts';
import { absent, list, MAX_LIST, nameOf, number, numberIn, text, whole } from './arguments.ts';
import { BoundedCache } from './bounded-cache.ts';
import { decimal, exactSum, nearestNumber, tooLong } from './decimal.ts';
import type { Call, LanguageFunction } from './function.ts';
import { checkLocale, refuse } from './refuse.ts';

function toNumber(value: Json | undefined): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  const read = numberIn(value);
  if (read === undefined) return null;
  // Up to 15 digits a number holds every decimal.
  if (value.length > 15 && !new Big(read).eq(decimal(value))) throw new RangeError(tooLong(value.trim()));
  return read;
}

const TRUE = new Set(['true', 'yes', 'on', '1']);
const FALSE = new Set(['false', 'no', 'off', '0', '']);

function toBoolean([value]: readonly Json[]): boolean | null {
  const word = text(value).trim().toLowerCase();
  return TRUE.has(word) ? true : FALSE.has(word) ? false : null;
}

function round([value, decimals]: readonly Json[]): number {
  const places = absent(decimals) ? 0 : whole(decimals, 'decimals');
  if (Math.abs(places) > 100) throw new RangeError('decimals must be between -100 and 100');
  return nearestNumber(decimal(value).round(places, Big.roundHalfUp));
}

interface Style {
  readonly decimals: number | null;
  readonly locale: string;
  readonly grouping: boolean;
}

const styles = new BoundedCache((key) => {
  const { decimals, locale, grouping } = JSON.parse(key) as Style;
  return new Intl.NumberFormat(locale, {
    useGrouping: grouping,
    minimumFractionDigits: decimals ?? 0,
    maximumFractionDigits: decimals ?? 20,
  });
});

function styleOf([, decimals, locale, grouping]: readonly (Json | undefined)[]): Intl.NumberFormat {
  const places = absent(decimals) ? null : whole(decimals, 'decimals');
  if (places !== null && (places < 0 || places > 20))
    throw new RangeError('decimals must be between 0 and 20');
  const style: Style = {
    decimals: places,
    locale: absent(locale) ? 'en' : checkLocale(text(locale)),
    grouping: absent(grouping) || grouping === true,
  };
  return styles.get(JSON.stringify(style));
}

function format(style: Intl.NumberFormat, value: Json | undefined): string {
  // As text, so that neither digits of a long one are lost nor 1.005 is taken for a little less.
  return style.format(decimal(value).toFixed() as Intl.StringNumericLiteral);
}

/** Keeps the style where all that makes it stands in the file. */
function prepareFormat(known: readonly (Json | undefined)[]): Call | undefined {
  if (known.slice(1).some((argument) => argument === undefined)) return undefined;
  const style = refuse(() => styleOf(known));
  return ([value]) => format(style, value);
}

function compare(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  throw new TypeError(`only numbers or only texts can be compared, not ${nameOf(a)} and ${nameOf(b)}`);
}

/** The order of texts by their characters' code points, as JMESPath has it. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    if (a.charCodeAt(index) === b.charCodeAt(index)) continue;
    return (a.codePointAt(index) ?? 0) - (b.codePointAt(index) ?? 0);
  }
  return a.length - b.length;
}

/** The order of numbers or of texts; throws for a mixture, and for anything else. */
export function sorted(values: readonly Json[]): readonly Json[] {
  const [first] = values;
  if (values.length === 1 && first !== undefined) compare(first, first);
  return [...values].sort(compare);
}

/** The member that stands last in an order; null where there is none. */
function extreme(sign: 1 | -1) {
  return ([value]: readonly Json[]): Json => {
    const members = list(value);
    const [first = null] = members;
    if (members.length > 0) compare(first, first);
    return members.reduce<Json>((best, member) => (sign * compare(member, best) > 0 ? member : best), first);
  };
}

function range([first, second, step]: readonly Json[]): Json {
  const [start, end] = absent(second)
    ? [0, whole(first, 'end')]
    : [whole(first, 'start'), whole(second, 'end')];
  const by = absent(step) ? 1 : whole(step, 'step');
  if (by === 0) throw new RangeError('step must not be 0');
  const length = Math.max(0, Math.ceil((end - start) / by));
  if (length > MAX_LIST) throw new RangeError(`the list would have ${length} members, more than ${MAX_LIST}`);
  return Array.from({ length }, (_, index) => start + index * by);
}

export const NUMBER_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  to_number: {
    description:
      'The number that a text spells out; null for any other value. Fails where digits would be lost: such a text (a long id) is kept as it is, or rounded.',
    parameters: ['value'],
    required: 1,
    jmespath: [['any']],
    examples: [
      [['1.50'], 1.5],
      [['1e3'], 1000],
      [['abc'], null],
      [[''], null],
    ],
    call: ([value]) => toNumber(value),
  },
  to_string: {
    description: 'The text of a value: a text as it is, everything else as JSON.',
    parameters: ['value'],
    required: 1,
    jmespath: [['any']],
    examples: [
      [[42], '42'],
      [[[1, 'a']], '[1,"a"]'],
      [['a'], 'a'],
    ],
    call: ([value]) => (typeof value === 'string' ? value : JSON.stringify(value ?? null)),
  },
  to_boolean: {
    description: 'True for true, 1, "true", "yes", "on", "1"; false for their opposites; null for the rest.',
    parameters: ['value'],
    required: 1,
    examples: [
      [['Yes'], true],
      [[0], false],
      [['perhaps'], null],
    ],
    call: toBoolean,
  },
  round: {
    description:
      'The number rounded to so many decimals (default 0; negative: before the point), halves away from zero, as on paper.',
    parameters: ['number', 'decimals'],
    required: 1,
    examples: [
      [[1.005, 2], 1.01],
      [[-2.5], -3],
      [['12.3456', 1], 12.3],
      [[1250, -2], 1300],
    ],
    call: round,
  },
  floor: {
    description: 'The next whole number below.',
    parameters: ['number'],
    required: 1,
    jmespath: [['number']],
    examples: [
      [[1.9], 1],
      [[-1.1], -2],
    ],
    call: ([value]) => Math.floor(number(value)),
  },
  ceil: {
    description: 'The next whole number above.',
    parameters: ['number'],
    required: 1,
    jmespath: [['number']],
    examples: [[[1.1], 2]],
    call: ([value]) => Math.ceil(number(value)) + 0,
  },
  abs: {
    description: 'The number without its sign.',
    parameters: ['number'],
    required: 1,
    jmespath: [['number']],
    examples: [[[-7], 7]],
    call: ([value]) => Math.abs(number(value)),
  },
  format_number: {
    description:
      'The number as text, with so many decimals (default: those that it has) in the way of a locale (default `en`), thousands in groups unless `grouping` is false. Takes the text of a number, too, with all its digits.',
    parameters: ['number', 'decimals', 'locale', 'grouping'],
    required: 1,
    examples: [
      [[1234.5, 2], '1,234.50'],
      [[1234.5, 2, 'de'], '1.234,50'],
      [[1.005, 2], '1.01'],
      [[1234.5, 2, 'en', false], '1234.50'],
      [['12345678901234567890.5'], '12,345,678,901,234,567,890.5'],
    ],
    prepare: prepareFormat,
    call: (args) => format(styleOf(args), args[0]),
  },
  sum: {
    description:
      'The sum of the numbers of a list, as on paper: 0.1 and 0.2 are 0.3. An empty list sums to 0.',
    parameters: ['list'],
    required: 1,
    jmespath: [['array-number']],
    examples: [
      [[[1, 2, 3]], 6],
      [[[0.1, 0.2]], 0.3],
      [[[]], 0],
    ],
    call: ([value]) => exactSum(list(value)),
  },
  avg: {
    description: 'The mean of the numbers of a list; null where it is empty.',
    parameters: ['list'],
    required: 1,
    jmespath: [['array-number']],
    examples: [
      [[[1, 2, 6]], 3],
      [[[]], null],
    ],
    call: ([value]) => (list(value).length === 0 ? null : exactSum(list(value)) / list(value).length),
  },
  min: {
    description:
      'The smallest of a list of numbers, or the first of a list of texts; null where it is empty.',
    parameters: ['list'],
    required: 1,
    jmespath: [['array-number', 'array-string']],
    jsonLogic: {
      description: 'The smallest of its arguments, which are numbers.',
      examples: [[{ min: [3, { var: 'n' }] }, { n: 2 }, 2]],
    },
    examples: [
      [[[3, 2]], 2],
      [[['b', 'a']], 'a'],
    ],
    call: extreme(-1),
  },
  max: {
    description: 'The largest of a list of numbers, or the last of a list of texts; null where it is empty.',
    parameters: ['list'],
    required: 1,
    jmespath: [['array-number', 'array-string']],
    jsonLogic: {
      description: 'The largest of its arguments, which are numbers.',
      examples: [[{ max: [3, { var: 'n' }] }, { n: 4 }, 4]],
    },
    examples: [
      [[[3, 4]], 4],
      [[[]], null],
    ],
    call: extreme(1),
  },
  range: {
    description:
      'Whole numbers from a start (default 0) up to but without an end, in steps (default 1). With one argument, that is the end.',
    parameters: ['start', 'end', 'step'],
    required: 1,
    examples: [
      [[3], [0, 1, 2]],
      [
        [1, 4],
        [1, 2, 3],
      ],
      [
        [10, 0, -5],
        [10, 5],
      ],
    ],
    call: range,
  },
};
