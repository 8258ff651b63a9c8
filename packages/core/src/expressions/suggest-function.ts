import { nearest } from '../option-findings.ts';

/** What other languages call our functions. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  uppercase: 'upper',
  to_upper: 'upper',
  lowercase: 'lower',
  to_lower: 'lower',
  strip: 'trim',
  ucfirst: 'capitalize',
  slugify: 'slug',
  regex: 'match',
  regex_match: 'match',
  str_replace: 'replace',
  concat: 'join',
  implode: 'join',
  explode: 'split',
  substr: 'substring',
  slice: 'substring',
  size: 'length',
  len: 'length',
  int: 'to_number',
  parse_int: 'to_number',
  number: 'to_number',
  string: 'to_string',
  str: 'to_string',
  boolean: 'to_boolean',
  number_format: 'format_number',
  date: 'format_date',
  strftime: 'format_date',
  strptime: 'parse_date',
  date_add: 'add_time',
  date_diff: 'diff_time',
  today: 'now',
  average: 'avg',
  mean: 'avg',
  total: 'sum',
  distinct: 'unique',
  uniq: 'unique',
  dictionary: 'lookup',
  default: 'coalesce',
  ifnull: 'coalesce',
  empty: 'is_empty',
  typeof: 'type_of',
  sha256: 'hash',
  md5: 'hash',
  uuid: 'uuid5',
  btoa: 'base64_encode',
  atob: 'base64_decode',
  urlencode: 'url_encode',
  json_stringify: 'json_encode',
  json_parse: 'json_decode',
  entries: 'to_pairs',
  from_entries: 'from_pairs',
  assign: 'merge',
};

/** The hint for a name that is no function: what was meant, or where the names stand. */
export function suggestFunction(name: string, names: readonly string[]): string {
  const elsewhere = Object.keys(ELSEWHERE);
  const near = elsewhere.includes(name) ? name : (nearest(name, names) ?? nearest(name, elsewhere));
  if (near === undefined) return 'All names stand in docs/reference/functions.md.';
  return `did you mean "${names.includes(near) ? near : ELSEWHERE[near]}"?`;
}
