import { DateTime } from 'luxon';
import { nameOf } from '../functions/arguments.ts';
import { isComplete, type Piece, parsePattern } from './pattern.ts';
import type { TimeZone } from './zone.ts';

/** Reads texts by a pattern: the instant, in milliseconds since 1970. Throws where a text does not fit. */
export type Parse = (text: string, zone: TimeZone | undefined) => number;

/** Stands for an apostrophe, which the library's patterns cannot hold in a text. */
const APOSTROPHE = '\ue000';
const ZONED = 'XxZOzV';

export function compileParse(pattern: string, locale: string): Parse {
  const pieces = parsePattern(pattern);
  if (!isComplete(pieces)) throw new RangeError(`the pattern "${pattern}" says no year`);
  const [only] = pieces;
  if (pieces.some((piece) => piece.kind === 'field' && 'tT'.includes(piece.letter))) {
    if (pieces.length > 1 || only?.kind !== 'field') throw new RangeError('t and T stand alone in a pattern');
    return epoch(only.letter === 't' ? 1000 : 1);
  }
  const zoned = pieces.some((piece) => piece.kind === 'field' && ZONED.includes(piece.letter));
  const parsers = alternatives(pieces).map((format) => DateTime.buildFormatParser(format, { locale }));
  return (text, zone) => {
    const given = text.replaceAll("'", APOSTROPHE);
    let reason = '';
    for (const parser of parsers) {
      const read = DateTime.fromFormatParser(given, parser, { locale, zone: 'utc', setZone: true });
      if (read.isValid) return zoned || !zone ? read.toMillis() : zone.instantOf(read.toMillis());
      if (read.invalidReason !== 'unparsable') reason = `: ${read.invalidExplanation ?? read.invalidReason}`;
    }
    throw new TypeError(`${nameOf(text)} is no date of the pattern "${pattern}"${reason}`);
  };
}

function epoch(unit: number): Parse {
  return (text) => {
    const at = text.trim() === '' ? Number.NaN : Number(text) * unit;
    if (Math.abs(at) <= 8.64e15) return Math.round(at);
    throw new TypeError(`${nameOf(text)} is no number of ${unit === 1 ? 'milli' : ''}seconds`);
  };
}

/** The pattern in the library's letters; a second time with a plain Z where that may stand for an offset. */
function alternatives(pieces: readonly Piece[]): readonly string[] {
  const format = (zulu: boolean) => pieces.map((piece) => token(piece, zulu)).join('');
  const mayBeZulu = pieces.some((piece) => piece.kind === 'field' && isZulu(piece));
  return mayBeZulu ? [format(false), format(true)] : [format(false)];
}

function isZulu({ letter, width }: Extract<Piece, { kind: 'field' }>): boolean {
  return letter === 'X' || (letter === 'Z' && width === 5);
}

const TOKENS: Readonly<Record<string, string>> = {
  E: 'ccc',
  EE: 'ccc',
  EEE: 'ccc',
  EEEE: 'cccc',
  G: 'G',
  GG: 'G',
  GGG: 'G',
  GGGG: 'GG',
  D: 'o',
  DDD: 'ooo',
  YY: 'kk',
  w: 'W',
  ww: 'WW',
  S: 'uuu',
  SS: 'uu',
  SSS: 'SSS',
  z: 'z',
  VV: 'z',
  X: 'Z',
  x: 'Z',
  XX: 'ZZZ',
  xx: 'ZZZ',
  XXX: 'ZZ',
  xxx: 'ZZ',
  Z: 'ZZZ',
  ZZ: 'ZZZ',
  ZZZ: 'ZZZ',
  ZZZZZ: 'ZZ',
  e: 'c',
  c: 'c',
};

/** Letters that mean the same to the library. */
const SAME = /^(?:y|yy|yyyy|M{1,4}|L{1,4}|d{1,2}|a|h{1,2}|H{1,2}|m{1,2}|s{1,2})$/;

function token(piece: Piece, zulu: boolean): string {
  if (piece.kind === 'text') return `'${piece.text.replaceAll("'", APOSTROPHE)}'`;
  const letters = piece.letter.repeat(piece.width);
  if (zulu && isZulu(piece)) return "'Z'";
  if (SAME.test(letters)) return letters;
  if (piece.letter === 'u') return 'y';
  if (piece.letter === 'Y' && piece.width !== 2) return 'kkkk';
  if (piece.letter === 'S') return TOKENS[letters] ?? 'u';
  const known = Object.hasOwn(TOKENS, letters) ? TOKENS[letters] : undefined;
  if (known === undefined) throw new RangeError(`"${letters}" can be written by a pattern, but not read`);
  return known;
}
