import { distance } from 'fastest-levenshtein';
import { nearest } from '../option-findings.ts';

/**
 * The name of which another one is most likely a slip of the pen: so near that a field of its own would be a strange
 * chance. A plural, a leading underscore and another number at the end are names of their own.
 */
export function slipOf(name: string, names: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  const all = [...names];
  const same = all.find((known) => known.toLowerCase() === wanted);
  if (same !== undefined || wanted.length < 4) return same;
  return all.find((known) => isSlip(wanted, known.toLowerCase()));
}

function isSlip(name: string, known: string): boolean {
  if (Math.abs(name.length - known.length) > 2 || stem(name) === stem(known)) return false;
  if (isTransposed(name, known)) return true;
  const shorter = Math.min(name.length, known.length);
  if (shorter < 5) return false;
  return distance(name, known) <= (shorter < 9 ? 1 : 2);
}

function stem(name: string): string {
  return name.replace(/^_+|s$|_?\d+$/g, '');
}

/** Two neighbouring letters in the wrong order. */
function isTransposed(name: string, known: string): boolean {
  if (name.length !== known.length) return false;
  const at = [...name].findIndex((letter, index) => letter !== known[index]);
  if (at < 0 || at + 1 >= name.length) return false;
  return (
    name[at] === known[at + 1] && name[at + 1] === known[at] && name.slice(at + 2) === known.slice(at + 2)
  );
}

/** The same name as a plural, with another number or another underscore at its ends. */
function variantOf(name: string, names: readonly string[]): string | undefined {
  const wanted = stem(name.toLowerCase());
  return wanted.length < 4 ? undefined : names.find((known) => stem(known.toLowerCase()) === wanted);
}

/** So many names are listed whole; of more, the nearest are. */
const FEW = 12;

/** `did you mean "x"?`, all names where there are few, or the nearest of many. */
export function nameHint(name: string, names: readonly string[], noun: string): string {
  const few = names.length <= FEW;
  const near = slipOf(name, names) ?? (few ? nearest(name, names) : variantOf(name, names));
  if (near !== undefined) return `did you mean "${near}"?`;
  if (names.length === 0) return `there are no ${noun}`;
  if (few) return `there are: ${[...names].sort().join(', ')}`;
  return `the nearest ${noun}: ${nearestNames(name, names, 3).join(', ')}`;
}

/** The names most like one, the nearest first: those that share a word with it before those that share letters. */
export function nearestNames(name: string, names: readonly string[], count: number): readonly string[] {
  const wanted = name.toLowerCase();
  const words = wanted.split(/[^a-z0-9]+/).filter((word) => word.length > 2);
  const score = (known: string) => {
    const lower = known.toLowerCase();
    const shared = words.filter((word) => lower.includes(word)).length + (wanted.includes(lower) ? 1 : 0);
    return distance(wanted, lower) - 4 * shared;
  };
  return names
    .map((known) => ({ known, score: score(known) }))
    .sort((a, b) => a.score - b.score || (a.known < b.known ? -1 : 1))
    .slice(0, count)
    .map(({ known }) => known);
}
