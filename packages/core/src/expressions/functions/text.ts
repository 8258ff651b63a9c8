import type { Json } from '../../json.ts';
import { absent, checkLength, list, text, whole } from './arguments.ts';
import { characters, slice } from './characters.ts';
import type { LanguageFunction } from './function.ts';
import { onDemand } from './on-demand.ts';

/** A fill wider than this is a mistake. */
const MAX_WIDTH = 100_000;
const MAX_SLUG = 100_000;
function substring([value, start, length]: readonly Json[]): string {
  const all = text(value);
  const from = whole(start, 'start');
  if (absent(length)) return slice(all, from);
  return slice(slice(all, from), 0, Math.max(0, whole(length, 'length')));
}

function truncate([value, length, ending]: readonly Json[]): string {
  const most = Math.max(0, whole(length, 'length'));
  const all = text(value);
  if (characters(all) <= most) return all;
  const end = absent(ending) ? '…' : text(ending);
  return slice(`${slice(all, 0, Math.max(0, most - characters(end)))}${end}`, 0, most);
}

function pad(side: 'left' | 'right') {
  return ([value, width, fill]: readonly Json[]): string => {
    const wide = whole(width, 'width');
    if (wide > MAX_WIDTH) throw new RangeError(`width must not be more than ${MAX_WIDTH}`);
    const all = text(value);
    const filling = [...(absent(fill) ? ' ' : text(fill))];
    const missing = wide - characters(all);
    if (missing <= 0 || filling.length === 0) return all;
    const added = Array.from({ length: missing }, (_, index) => filling[index % filling.length]).join('');
    return side === 'left' ? added + all : all + added;
  };
}

function replace([value, search, replacement, count]: readonly Json[]): string {
  const all = text(value);
  const wanted = text(search);
  if (wanted === '') return all;
  const pieces = all.split(wanted);
  const most = absent(count) ? pieces.length - 1 : Math.max(0, whole(count, 'count'));
  const by = text(replacement);
  checkLength(all.length + Math.min(most, pieces.length - 1) * by.length);
  if (most >= pieces.length - 1) return pieces.join(by);
  return [pieces.slice(0, most + 1).join(by), ...pieces.slice(most + 1)].join(wanted);
}

function split([value, separator, count]: readonly Json[]): Json {
  const all = text(value);
  const by = text(separator);
  if (all === '' && by === '') return [];
  const pieces = by === '' ? [...all] : all.split(by);
  if (absent(count)) return pieces;
  const most = Math.max(0, whole(count, 'count'));
  return pieces.length <= most ? pieces : [...pieces.slice(0, most), pieces.slice(most).join(by)];
}

function join([glue, parts]: readonly Json[]): string {
  const texts = list(parts).map(text);
  const between = text(glue);
  checkLength(texts.reduce((sum, part) => sum + part.length + between.length, 0));
  return texts.join(between);
}

const BLANK = /[\s\u0085]/;

/** Without the characters at the ends; step by step, so that no text makes it slow. */
function trim(left: boolean, right: boolean) {
  return ([value, characters]: readonly Json[]): string => {
    const all = text(value);
    const given = absent(characters) ? '' : text(characters);
    const cut = (character = '') => (given === '' ? BLANK.test(character) : given.includes(character));
    let start = 0;
    let end = all.length;
    while (left && start < end && cut(all[start])) start++;
    while (right && end > start && cut(all[end - 1])) end--;
    return all.slice(start, end);
  };
}

function capitalize([value]: readonly Json[]): string {
  const [first = '', ...rest] = [text(value).slice(0, 2)].flatMap((start) => [...start]);
  return first.toUpperCase() + rest.join('') + text(value).slice(2);
}

const slugify = onDemand(
  '@sindresorhus/slugify',
  (module: typeof import('@sindresorhus/slugify')) => module.default,
);

function slug([value, separator]: readonly Json[]): string {
  const all = text(value);
  if (all.length > MAX_SLUG) throw new RangeError(`the text has more than ${MAX_SLUG} characters`);
  return slugify()(all, { decamelize: false, separator: absent(separator) ? '-' : text(separator) });
}

export const TEXT_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  upper: {
    description: 'The text in capital letters.',
    parameters: ['text'],
    required: 1,
    examples: [
      [['Ann'], 'ANN'],
      [[null], null],
    ],
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
    description: 'The text without blanks, or without the characters given, at its ends.',
    parameters: ['text', 'characters'],
    required: 1,
    examples: [
      [[' Ann '], 'Ann'],
      [['--7--', '-'], '7'],
    ],
    call: trim(true, true),
  },
  trim_left: {
    description: 'The text without blanks, or without the characters given, at its left.',
    parameters: ['text', 'characters'],
    required: 1,
    examples: [[['0042', '0'], '42']],
    call: trim(true, false),
  },
  trim_right: {
    description: 'The text without blanks, or without the characters given, at its right.',
    parameters: ['text', 'characters'],
    required: 1,
    examples: [[['1.500', '0'], '1.5']],
    call: trim(false, true),
  },
  capitalize: {
    description: 'The text with its first letter as a capital.',
    parameters: ['text'],
    required: 1,
    examples: [
      [['ann lee'], 'Ann lee'],
      [['élan'], 'Élan'],
    ],
    call: capitalize,
  },
  slug: {
    description:
      'The text as a part of an address: small Latin letters and digits, with hyphens (or another separator) between.',
    parameters: ['text', 'separator'],
    required: 1,
    examples: [
      [['Über uns & Søren'], 'ueber-uns-and-soren'],
      [['Printer on fire!', '_'], 'printer_on_fire'],
    ],
    call: slug,
  },
  replace: {
    description:
      'The text with every occurrence of one text replaced by another; with a count, only so many from the left.',
    parameters: ['text', 'search', 'replacement', 'count'],
    required: 3,
    examples: [
      [['a-b-c', '-', '.'], 'a.b.c'],
      [['a-b-c', '-', '.', 1], 'a.b-c'],
    ],
    call: replace,
  },
  split: {
    description:
      'The parts of a text between separators; with a count, the rest after so many separators is left whole.',
    parameters: ['text', 'separator', 'count'],
    required: 2,
    examples: [
      [
        ['a,b', ','],
        ['a', 'b'],
      ],
      [
        ['a,b,c', ',', 1],
        ['a', 'b,c'],
      ],
    ],
    call: split,
  },
  join: {
    description: 'The texts of a list with a text between them.',
    parameters: ['glue', 'list'],
    required: 2,
    jmespath: [['string'], ['array-string']],
    examples: [[[', ', ['a', 'b']], 'a, b']],
    call: join,
  },
  substring: {
    description:
      'Part of a text: from a position (counted from 0; negative: from the end), so many characters.',
    parameters: ['text', 'start', 'length'],
    required: 2,
    examples: [
      [['INC0042', 3], '0042'],
      [['INC0042', 0, 3], 'INC'],
      [['INC0042', -2], '42'],
    ],
    call: substring,
  },
  truncate: {
    description: 'The text cut to a length, with an ending (default "…") that counts as part of it.',
    parameters: ['text', 'length', 'ending'],
    required: 2,
    examples: [
      [['Printer on fire', 8], 'Printer…'],
      [['short', 8], 'short'],
    ],
    call: truncate,
  },
  pad_left: {
    description: 'The text filled up at its left to a width.',
    parameters: ['text', 'width', 'fill'],
    required: 2,
    examples: [[['7', 3, '0'], '007']],
    call: pad('left'),
  },
  pad_right: {
    description: 'The text filled up at its right to a width.',
    parameters: ['text', 'width', 'fill'],
    required: 2,
    examples: [[['7', 3, '.'], '7..']],
    call: pad('right'),
  },
};
