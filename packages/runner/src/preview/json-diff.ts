import { isObject, type Json } from '@millrace/core';
import { structuredPatch } from 'diff';

/** JSON as people compare it: two blanks a level, keys in order. */
export function sortedJson(value: Json): string {
  return JSON.stringify(sorted(value), null, 2);
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map((member: Json) => sorted(member));
  if (!isObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] ?? null)]));
}

/**
 * The lines in which two values differ, with some around them: `-` only in the first, `+` only in the second. Empty
 * where they are equal.
 */
export function jsonDiff(before: Json, after: Json, context = 3): readonly string[] {
  const [first, second] = [before, after].map(withoutCommas) as [string, string];
  if (first === second) return [];
  const { hunks } = structuredPatch('', '', `${first}\n`, `${second}\n`, '', '', { context });
  return hunks.flatMap(({ lines }, index) => (index === 0 ? lines : ['…', ...lines]));
}

/** A member that is last is the same as one that is not. */
function withoutCommas(value: Json): string {
  return sortedJson(value).replace(/,$/gm, '');
}
