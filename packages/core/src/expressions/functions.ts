import { DATE_FUNCTIONS } from './functions/dates.ts';
import { ENCODING_FUNCTIONS } from './functions/encoding.ts';
import type { LanguageFunction } from './functions/function.ts';
import { LIST_FUNCTIONS } from './functions/lists.ts';
import { LOOKUP_FUNCTIONS } from './functions/lookup.ts';
import { MARKUP_FUNCTIONS } from './functions/markup.ts';
import { NUMBER_FUNCTIONS } from './functions/numbers.ts';
import { OBJECT_FUNCTIONS } from './functions/objects.ts';
import { SEARCH_FUNCTIONS } from './functions/search.ts';
import { TEXT_FUNCTIONS } from './functions/text.ts';
import { VALUE_FUNCTIONS } from './functions/values.ts';

/** Every function that exists in both languages, by topic. Nothing is ever added to it. */
export const FUNCTION_TOPICS: Readonly<Record<string, Readonly<Record<string, LanguageFunction>>>> = {
  Text: TEXT_FUNCTIONS,
  Searching: SEARCH_FUNCTIONS,
  'HTML and Markdown': MARKUP_FUNCTIONS,
  Numbers: NUMBER_FUNCTIONS,
  Dates: DATE_FUNCTIONS,
  Lists: LIST_FUNCTIONS,
  Objects: OBJECT_FUNCTIONS,
  Encoding: ENCODING_FUNCTIONS,
  'Lookup tables': LOOKUP_FUNCTIONS,
  'Any value': VALUE_FUNCTIONS,
};

/** The same, by name. */
export const FUNCTIONS: Readonly<Record<string, LanguageFunction>> = Object.assign(
  Object.create(null),
  ...Object.values(FUNCTION_TOPICS),
);
