import type { Json } from '../json.ts';
import type { Services } from './services.ts';

/** One function of the language: the same in JMESPath (`upper(name)`) and in JSON Logic (`{"upper": [...]}`). */
export interface LanguageFunction {
  readonly description: string;
  /** Names of the arguments; the last ones may be left out. */
  readonly parameters: readonly string[];
  /** How many of them must be given. */
  readonly required: number;
  /** True where more arguments may follow. */
  readonly variadic?: boolean;
  /** Null as the first argument answers null, unless the function says that it takes nulls. */
  readonly takesNull?: boolean;
  /** True where the same arguments do not always come to the same. */
  readonly varies?: boolean;
  /** Arguments, and what they come to; run as tests. */
  readonly examples: readonly (readonly [args: readonly Json[], result: Json])[];
  readonly call: (args: readonly Json[], services: Services) => Json;
}

function text(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}

function whole(value: Json | undefined, name: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new TypeError(`${name} must be a number`);
  return Math.trunc(number);
}

/** A text longer than this is a mistake, or somebody's attack on the memory. */
const MAX_PAD = 100_000;

function pad(side: 'padStart' | 'padEnd') {
  return ([value, width = 0, fill = ' ']: readonly Json[]) => {
    const length = whole(width, 'width');
    if (length > MAX_PAD) throw new RangeError(`width must not be more than ${MAX_PAD}`);
    return text(value)[side](length, text(fill));
  };
}

function isEmpty(value: Json | undefined): boolean {
  if (value === null || value === undefined || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function list(value: Json | undefined): readonly Json[] {
  if (!Array.isArray(value)) throw new TypeError('a list is wanted');
  return value as readonly Json[];
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

function stripHtml(html: string): string {
  return html
    .replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>/gi, '')
    .replace(/<(?:br|\/p|\/div|\/li|\/tr|\/h[1-6])\b[^>]*>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole_, decimal, hex, name) => {
      if (name) return ENTITIES[String(name).toLowerCase()] ?? whole_;
      const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole_;
    })
    .replace(/[ \t]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Every function that Millrace adds to both languages. */
export const FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  upper: {
    description: 'The text in capital letters.',
    parameters: ['text'],
    required: 1,
    examples: [[['Ann'], 'ANN']],
    call: ([value]) => text(value).toUpperCase(),
  },
  lower: {
    description: 'The text in small letters.',
    parameters: ['text'],
    required: 1,
    examples: [[['Ann'], 'ann']],
    call: ([value]) => text(value).toLowerCase(),
  },
  trim: {
    description: 'The text without blanks at its ends.',
    parameters: ['text'],
    required: 1,
    examples: [[[' Ann '], 'Ann']],
    call: ([value]) => text(value).trim(),
  },
  capitalize: {
    description: 'The text with its first letter as a capital.',
    parameters: ['text'],
    required: 1,
    examples: [[['ann lee'], 'Ann lee']],
    call: ([value]) => text(value).slice(0, 1).toUpperCase() + text(value).slice(1),
  },
  replace: {
    description: 'The text with every occurrence of one text replaced by another.',
    parameters: ['text', 'search', 'replacement'],
    required: 3,
    examples: [[['a-b-c', '-', '.'], 'a.b.c']],
    call: ([value, search, replacement]) => text(value).replaceAll(text(search), () => text(replacement)),
  },
  split: {
    description: 'The parts of a text between separators.',
    parameters: ['text', 'separator'],
    required: 2,
    examples: [
      [
        ['a,b', ','],
        ['a', 'b'],
      ],
    ],
    call: ([value, separator]) => text(value).split(text(separator)),
  },
  substring: {
    description:
      'Part of a text: from a position (counted from 0; negative: from the end), so many characters.',
    parameters: ['text', 'start', 'length'],
    required: 2,
    examples: [
      [['INC0042', 3], '0042'],
      [['INC0042', 0, 3], 'INC'],
    ],
    call: ([value, start, length]) => {
      const characters = text(value).slice(whole(start, 'start'));
      return length === undefined || length === null
        ? characters
        : characters.slice(0, Math.max(0, whole(length, 'length')));
    },
  },
  truncate: {
    description: 'The text cut to a length, with an ending (default "…") that counts as part of it.',
    parameters: ['text', 'length', 'ending'],
    required: 2,
    examples: [
      [['Printer on fire', 8], 'Printer…'],
      [['short', 8], 'short'],
    ],
    call: ([value, length, ending = '…']) => {
      const max = Math.max(0, whole(length, 'length'));
      const full = text(value);
      return full.length <= max
        ? full
        : `${full.slice(0, Math.max(0, max - text(ending).length))}${text(ending)}`.slice(0, max);
    },
  },
  pad_left: {
    description: 'The text filled up at its left to a width.',
    parameters: ['text', 'width', 'fill'],
    required: 2,
    examples: [[['7', 3, '0'], '007']],
    call: pad('padStart'),
  },
  pad_right: {
    description: 'The text filled up at its right to a width.',
    parameters: ['text', 'width', 'fill'],
    required: 2,
    examples: [[['7', 3, '.'], '7..']],
    call: pad('padEnd'),
  },
  strip_html: {
    description: 'The text of an HTML document, without its tags.',
    parameters: ['html'],
    required: 1,
    examples: [[['<p>Tom &amp; Ann</p>'], 'Tom & Ann']],
    call: ([value]) => stripHtml(text(value)),
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
    call: ([value]) => {
      const word = text(value).trim().toLowerCase();
      if (['true', 'yes', 'on', '1'].includes(word)) return true;
      return ['false', 'no', 'off', '0', ''].includes(word) ? false : null;
    },
  },
  round: {
    description: 'The number rounded to so many decimals (default 0), halves away from zero.',
    parameters: ['number', 'decimals'],
    required: 1,
    examples: [
      [[1.005, 2], 1.01],
      [[-2.5], -3],
    ],
    call: ([value, decimals = 0]) => {
      const number = Number(value);
      if (!Number.isFinite(number)) throw new TypeError('a number is wanted');
      const places = Math.min(Math.max(whole(decimals, 'decimals'), -15), 15);
      // Shifting by the exponent keeps 1.005 from becoming 1.00499….
      const shift = (by: number, of: number) => Number(`${of}e${by}`);
      const shifted = /e/.test(String(number)) ? number * 10 ** places : shift(places, Math.abs(number));
      const rounded = Math.round(Math.abs(shifted));
      return (
        Math.sign(number) * (/e/.test(String(rounded)) ? rounded / 10 ** places : shift(-places, rounded)) + 0
      );
    },
  },
  coalesce: {
    description: 'The first argument that is neither null nor an empty text.',
    parameters: ['first'],
    required: 1,
    variadic: true,
    takesNull: true,
    examples: [[[null, '', 'Ann'], 'Ann']],
    call: (values) => values.find((value) => value !== null && value !== undefined && value !== '') ?? null,
  },
  is_empty: {
    description: 'True for null, an empty text, an empty list and an empty object.',
    parameters: ['value'],
    required: 1,
    takesNull: true,
    examples: [
      [[[]], true],
      [[0], false],
    ],
    call: ([value]) => isEmpty(value),
  },
  type_of: {
    description: 'null, boolean, number, string, array or object.',
    parameters: ['value'],
    required: 1,
    takesNull: true,
    examples: [
      [[null], 'null'],
      [[[1]], 'array'],
    ],
    call: ([value]) =>
      value === null || value === undefined ? 'null' : Array.isArray(value) ? 'array' : typeof value,
  },
  first: {
    description: 'The first member of a list; null where it is empty.',
    parameters: ['list'],
    required: 1,
    examples: [[[[1, 2]], 1]],
    call: ([value]) => list(value)[0] ?? null,
  },
  last: {
    description: 'The last member of a list; null where it is empty.',
    parameters: ['list'],
    required: 1,
    examples: [[[[1, 2]], 2]],
    call: ([value]) => list(value).at(-1) ?? null,
  },
  unique: {
    description: 'The members of a list, each once, in order.',
    parameters: ['list'],
    required: 1,
    examples: [[[[1, 2, 1]], [1, 2]]],
    call: ([value]) => {
      const seen = new Set<string>();
      return list(value).filter((member) => {
        const key = JSON.stringify(member);
        return seen.has(key) ? false : seen.add(key);
      });
    },
  },
};

/** Calls a function as both languages do: null in, null out. */
export function callFunction(definition: LanguageFunction, args: readonly Json[], services: Services): Json {
  if (!definition.takesNull && (args[0] === null || args[0] === undefined)) return null;
  return definition.call(args, services);
}
