import { isObject, type Json } from '../json.ts';
import { invalid, type Path, parseSegments } from './path.ts';

/** A node that a pattern matched, and what its wildcards stood for, in order. */
export interface Match {
  readonly path: Path;
  readonly captures: readonly string[];
  readonly value: Json;
}

type SegmentMatcher = (key: string) => readonly string[] | undefined;

/** A compiled pattern. */
export interface Pattern {
  /** Every node of the data that it matches, in document order. */
  match(data: Json): readonly Match[];
  readonly length: number;
}

/** More would let a pattern take its time on a long key. */
const MAX_STARS = 4;

/** Compiles a path in whose segments `*`, `?`, `[ab]` and `[!ab]` stand for keys. Throws `config.invalid_path`. */
export function compilePattern(pattern: string): Pattern {
  const matchers = parseSegments(pattern).map(({ text, quoted }) =>
    quoted ? exactly(text) : compileSegment(text, pattern),
  );
  return { length: matchers.length, match: (data) => [...walk(data, matchers, [], [])] };
}

function exactly(text: string): SegmentMatcher {
  return (key) => (key === text ? [] : undefined);
}

function compileSegment(text: string, pattern: string): SegmentMatcher {
  if (!/[*?[]/.test(text)) return exactly(text);
  if (text.split('*').length - 1 > MAX_STARS)
    throw invalid(pattern, `more than ${MAX_STARS} stars in one segment`);
  let source = '';
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? '';
    if (character === '*') source += '(.*?)';
    else if (character === '?') source += '(.)';
    else if (character === '[') {
      const end = text.indexOf(']', index + 2);
      if (end === -1) throw invalid(pattern, 'a bracket is not closed');
      source += characterClass(text.slice(index + 1, end));
      index = end;
    } else source += escapeCharacter(character);
  }
  const expression = new RegExp(`^${source}$`, 'su');
  return (key) => expression.exec(key)?.slice(1);
}

function characterClass(characters: string): string {
  const negated = characters.startsWith('!') && characters.length > 1;
  const members = negated ? characters.slice(1) : characters;
  return `([${negated ? '^' : ''}${[...members].map(escapeInClass).join('')}])`;
}

function escapeCharacter(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function escapeInClass(character: string): string {
  return /[\\\]^-]/.test(character) ? `\\${character}` : character;
}

function* walk(
  node: Json,
  matchers: readonly SegmentMatcher[],
  path: readonly string[],
  captures: readonly string[],
): Generator<Match> {
  const [matcher, ...rest] = matchers;
  if (!matcher) {
    yield { path, captures, value: node };
    return;
  }
  for (const [key, child] of childrenOf(node)) {
    const found = matcher(key);
    if (found) yield* walk(child, rest, [...path, key], [...captures, ...found]);
  }
}

function childrenOf(node: Json): readonly [string, Json][] {
  if (Array.isArray(node)) return node.map((member: Json, index) => [String(index), member]);
  return isObject(node) ? Object.entries(node) : [];
}

/**
 * Compiles a target path in which `$1`… stand for the captures of a match, and `$0` for the whole matched path
 * (its segments, where it is a segment of its own). Throws `config.invalid_path`.
 */
export function compileTarget(target: string): (match: Match) => Path {
  const segments = parseSegments(target);
  return (match) =>
    segments.flatMap(({ text }) => {
      if (text === '$0') return match.path;
      return text.replace(/\$(\d+)/g, (whole, digits) => {
        const number = Number(digits);
        return number === 0 ? match.path.join('.') : (match.captures[number - 1] ?? whole);
      });
    });
}
