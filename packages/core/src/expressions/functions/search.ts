import { RE2JS } from 're2js';
import { MillraceError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { jsonEqual } from '../json-equal.ts';
import { absent, list, text, whole } from './arguments.ts';
import { BoundedCache } from './bounded-cache.ts';
import { characters, slice } from './characters.ts';
import type { Call, LanguageFunction } from './function.ts';

const MAX_PATTERN = 1000;
const MAX_SEARCHED = 1_000_000;

/** RE2's way of matching takes time in proportion to the text, whatever the pattern: none can hang the engine. */
function compilePattern(pattern: string): RE2JS {
  if (pattern.length > MAX_PATTERN) throw new RangeError(`a pattern of more than ${MAX_PATTERN} characters`);
  return RE2JS.compile(pattern);
}

const patterns = new BoundedCache(compilePattern);

function findWith(pattern: RE2JS, value: Json | undefined, group: Json | undefined): string | null {
  const all = text(value);
  if (all.length > MAX_SEARCHED) throw new RangeError(`a text of more than ${MAX_SEARCHED} characters`);
  const matcher = pattern.matcher(all);
  if (!matcher.find()) return null;
  if (absent(group)) return matcher.group();
  if (typeof group === 'string' && !/^\d+$/.test(group)) {
    if (!Object.hasOwn(pattern.namedGroups(), group))
      throw new TypeError(`the pattern has no group "${group}"`);
    return matcher.group(group) ?? null;
  }
  const index = whole(group, 'group');
  if (index < 0 || index > matcher.groupCount()) throw new TypeError(`the pattern has no group ${index}`);
  return matcher.group(index) ?? null;
}

/** Checks a pattern that stands in the file, and keeps it compiled. */
function prepareMatch([, pattern]: readonly (Json | undefined)[]): Call | undefined {
  if (absent(pattern)) return undefined;
  try {
    const compiled = compilePattern(text(pattern));
    return ([value, , group]) => findWith(compiled, value, group);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MillraceError('config.invalid_argument', `${text(pattern)} is not a pattern: ${reason}`, {
      hint: 'Patterns are those of RE2: without looking ahead or behind, and without references back.',
    });
  }
}

/** The position of a text in another, between two positions; null where it is not there. */
function find(which: 'indexOf' | 'lastIndexOf') {
  return ([value, search, start, end]: readonly Json[]): number | null => {
    const all = text(value);
    const wanted = text(search);
    if (all === '' || wanted === '') return null;
    const from = absent(start) ? 0 : Math.max(0, whole(start, 'start'));
    const part = absent(end) ? slice(all, from) : slice(slice(all, 0, Math.max(0, whole(end, 'end'))), from);
    const position = part[which](wanted);
    return position === -1 ? null : characters(part.slice(0, position)) + from;
  };
}

export const SEARCH_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  match: {
    description:
      'What a regular expression finds first in a text: all of it, or one group by its number or name; null where it finds nothing. `(?i)` at the beginning ignores case. The syntax is that of RE2, which takes the same time whatever the pattern: no looking ahead or behind, no references back.',
    parameters: ['text', 'pattern', 'group'],
    required: 2,
    examples: [
      [['see INC0042', 'INC[0-9]+'], 'INC0042'],
      [['see INC0042', 'INC([0-9]+)', 1], '0042'],
      [['2026-11', '(?<year>\\d{4})-(?<month>\\d\\d)', 'month'], '11'],
      [['nothing', '^INC'], null],
    ],
    prepare: prepareMatch,
    call: ([value, pattern, group]) => findWith(patterns.get(text(pattern)), value, group),
  },
  contains: {
    description: 'True where a text contains another, or a list has a member that equals the value.',
    parameters: ['in', 'what'],
    required: 2,
    jmespath: [['string', 'array'], ['any']],
    examples: [
      [['printer', 'int'], true],
      [[[1, 2], 3], false],
    ],
    call: ([value, what]) =>
      typeof value === 'string'
        ? typeof what === 'string' && value.includes(what)
        : list(value).some((member) => jsonEqual(member, what ?? null)),
  },
  starts_with: {
    description: 'True where a text begins with another.',
    parameters: ['text', 'beginning'],
    required: 2,
    jmespath: [['string'], ['string']],
    examples: [[['INC0042', 'INC'], true]],
    call: ([value, beginning]) => text(value).startsWith(text(beginning)),
  },
  ends_with: {
    description: 'True where a text ends with another.',
    parameters: ['text', 'end'],
    required: 2,
    jmespath: [['string'], ['string']],
    examples: [[['report.pdf', '.pdf'], true]],
    call: ([value, end]) => text(value).endsWith(text(end)),
  },
  find_first: {
    description:
      'The first position of a text in another, counted from 0, between a start and an end; null where it is not there.',
    parameters: ['text', 'search', 'start', 'end'],
    required: 2,
    examples: [
      [['a.b.c', '.'], 1],
      [['abc', 'x'], null],
    ],
    call: find('indexOf'),
  },
  find_last: {
    description:
      'The last position of a text in another, counted from 0, between a start and an end; null where it is not there.',
    parameters: ['text', 'search', 'start', 'end'],
    required: 2,
    examples: [[['a.b.c', '.'], 3]],
    call: find('lastIndexOf'),
  },
};
