import { isObject, type Json } from '../json.ts';
import { invalid, type Path, parseSegments, type Segment } from './path.ts';

/** A node that a pattern matched, and what its wildcards stood for, in order. */
export interface Match {
  readonly path: Path;
  readonly captures: readonly string[];
  readonly value: Json;
}

export type SegmentMatcher = (key: string) => readonly string[] | undefined;

/** A compiled pattern. */
export interface Pattern {
  /** Every node of the data that it matches, in document order. */
  match(data: Json): readonly Match[];
  readonly length: number;
}

/** Compiles a path in whose segments `*`, `?`, `[ab]` and `[!ab]` stand for keys. Throws `config.invalid_path`. */
export function compilePattern(pattern: string): Pattern {
  const matchers = parseSegments(pattern).map((segment) => compileSegment(segment, pattern));
  return { length: matchers.length, match: (data) => [...walk(data, matchers, [], [])] };
}

function exactly(text: string): SegmentMatcher {
  return (key) => (key === text ? [] : undefined);
}

/** One element of a segment: a star, or what a single character must be. */
type Token = 'star' | { readonly captures: boolean; readonly accepts: (character: string) => boolean };

/** True where a segment stands for one key only. */
export function isLiteral({ text, quoted }: Segment): boolean {
  return quoted || !/[*?[]/.test(text);
}

/** Compiles one segment of a pattern. Throws `config.invalid_path`. */
export function compileSegment(segment: Segment, pattern: string): SegmentMatcher {
  const { text } = segment;
  if (isLiteral(segment)) return exactly(text);
  const tokens: Token[] = [];
  const characters = [...text];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? '';
    if (character === '*') tokens.push('star');
    else if (character === '?') tokens.push({ captures: true, accepts: () => true });
    else if (character === '[') {
      const end = characters.indexOf(']', index + 2);
      if (end === -1) throw invalid(pattern, 'a bracket is not closed');
      tokens.push(characterClass(characters.slice(index + 1, end)));
      index = end;
    } else tokens.push({ captures: false, accepts: (other) => other === character });
  }
  return (key) => matchTokens(tokens, [...key]);
}

function characterClass(members: readonly string[]): Token {
  const negated = members[0] === '!' && members.length > 1;
  const listed = new Set(negated ? members.slice(1) : members);
  return { captures: true, accepts: (character) => listed.has(character) !== negated };
}

/**
 * Matches as shells do, and not by a regular expression: going back to the last star only, it never takes longer
 * than the product of the lengths, whatever the key. Answers what the wildcards stood for.
 */
function matchTokens(tokens: readonly Token[], key: readonly string[]): readonly string[] | undefined {
  // Where in the key each token's part begins, as far as it is matched.
  const starts: number[] = [];
  let token = 0;
  let at = 0;
  let star = -1;
  let tried = 0;
  while (at < key.length || token < tokens.length) {
    const current = tokens[token];
    if (current === 'star') {
      star = token;
      tried = at;
      starts[token++] = at;
    } else if (current && at < key.length && current.accepts(key[at] ?? '')) {
      starts[token++] = at++;
    } else if (star >= 0 && tried < key.length) {
      // The last star takes one character more.
      at = ++tried;
      token = star + 1;
    } else return undefined;
  }
  starts[tokens.length] = key.length;
  return tokens.flatMap((one, index) => {
    if (one !== 'star' && !one.captures) return [];
    return [key.slice(starts[index], starts[index + 1]).join('')];
  });
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
