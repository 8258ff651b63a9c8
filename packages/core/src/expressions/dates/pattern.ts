/** A part of a pattern: text as it stands, or a field by its letter and how often that is written. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly letter: string; readonly width: number };

/** The letters of Unicode date patterns that are known, and the most of each that make sense. `t`, `T`: see below. */
const WIDTHS: Readonly<Record<string, number>> = {
  G: 4,
  y: 6,
  u: 6,
  Y: 6,
  Q: 3,
  q: 3,
  M: 5,
  L: 5,
  w: 2,
  d: 2,
  D: 3,
  E: 5,
  e: 1,
  c: 1,
  a: 1,
  h: 2,
  H: 2,
  K: 2,
  k: 2,
  m: 2,
  s: 2,
  S: 9,
  X: 3,
  x: 3,
  Z: 5,
  O: 4,
  z: 4,
  V: 2,
  // Not of Unicode: seconds and milliseconds since 1970.
  t: 1,
  T: 1,
};

/**
 * Takes a Unicode date pattern apart: letters are fields, text in single quotes stands as it is, two of them are one.
 * Throws a RangeError for a letter that means nothing here, and for the mistakes that everybody makes.
 */
export function parsePattern(pattern: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const add = (text: string) => {
    const last = pieces.at(-1);
    if (last?.kind === 'text') pieces[pieces.length - 1] = { kind: 'text', text: last.text + text };
    else pieces.push({ kind: 'text', text });
  };
  for (let index = 0; index < pattern.length; ) {
    const character = pattern[index] ?? '';
    if (character === "'") {
      const end = closingQuote(pattern, index);
      add(end === index + 1 ? "'" : pattern.slice(index + 1, end).replaceAll("''", "'"));
      index = end + 1;
    } else if (/[A-Za-z]/.test(character)) {
      let width = 1;
      while (pattern[index + width] === character) width++;
      pieces.push(field(character, width));
      index += width;
    } else {
      add(character);
      index++;
    }
  }
  refuseMistakes(pattern, pieces);
  return pieces;
}

function closingQuote(pattern: string, start: number): number {
  for (let index = start + 1; index < pattern.length; index++) {
    if (pattern[index] !== "'") continue;
    if (pattern[index + 1] === "'" && index > start + 1) index++;
    else return index;
  }
  throw new RangeError(`a quotation mark in the pattern "${pattern}" is not closed`);
}

function field(letter: string, width: number): Piece {
  const most = Object.hasOwn(WIDTHS, letter) ? WIDTHS[letter] : undefined;
  if (most === undefined)
    throw new RangeError(`"${letter}" means nothing in a date pattern; text stands in single quotes`);
  if (width > most) throw new RangeError(`"${letter.repeat(width)}" means nothing in a date pattern`);
  return { kind: 'field', letter, width };
}

function refuseMistakes(pattern: string, pieces: readonly Piece[]): void {
  const has = (letters: string) =>
    pieces.some((piece) => piece.kind === 'field' && letters.includes(piece.letter));
  const refuse = (wrong: string, means: string, right: string): never => {
    throw new RangeError(`in "${pattern}", ${wrong} is the ${means}; write ${right}`);
  };
  if (has('Y') && !has('w')) refuse('Y', 'year that a week belongs to', 'yyyy');
  if (has('D') && has('ML')) refuse('D', 'day of the year', 'dd');
  if (has('m') && has('yu') && has('d') && !has('ML')) refuse('m', 'minute', 'MM for the month');
}

/** True where the pattern says all that a date needs to be read. */
export function isComplete(pieces: readonly Piece[]): boolean {
  return pieces.some((piece) => piece.kind === 'field' && 'yuYtT'.includes(piece.letter));
}
