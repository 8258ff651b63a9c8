import { DateTime, FixedOffsetZone } from 'luxon';
import type { Moment } from './moment.ts';
import { writeOffset } from './moment.ts';
import { type Piece, parsePattern } from './pattern.ts';
import type { TimeZone } from './zone.ts';

/** An instant as the clocks of a place show it. */
interface Local {
  /** The local time, as if it were UTC. */
  readonly clock: Date;
  readonly at: number;
  readonly offset: number;
  readonly zone: TimeZone | undefined;
}

type Write = (local: Local) => string;

/** Writes moments by a pattern; in a zone, or in the offset that they have. */
export type Format = (moment: Moment, zone: TimeZone | undefined) => string;

/** Compiles a pattern. Numbers are written without a detour; names of months and days come from the platform. */
export function compileFormat(pattern: string, locale: string): Format {
  const writes = parsePattern(pattern).map((piece) => compilePiece(piece, locale));
  return ({ at, offset: written }, zone) => {
    const offset = zone ? zone.offsetAt(at) : written;
    const local: Local = { clock: new Date(at + offset * 60_000), at, offset, zone };
    let text = '';
    for (const write of writes) text += write(local);
    return text;
  };
}

function compilePiece(piece: Piece, locale: string): Write {
  if (piece.kind === 'text') return () => piece.text;
  const { letter, width } = piece;
  const number = NUMBERS[letter];
  if (number && width <= 2 + (letter === 'D' ? 1 : 0)) return ({ clock }) => pad(number(clock), width);
  switch (letter) {
    case 'y':
    case 'u':
      return width === 2
        ? ({ clock }) => pad(clock.getUTCFullYear() % 100, 2)
        : ({ clock }) => pad(clock.getUTCFullYear(), width);
    case 'S':
      return ({ clock }) =>
        String(clock.getUTCMilliseconds()).padStart(3, '0').padEnd(width, '0').slice(0, width);
    case 'X':
    case 'x':
      return ({ offset }) => (letter === 'X' && offset === 0 ? 'Z' : isoOffset(offset, width));
    case 'Z':
      if (width < 4) return ({ offset }) => writeOffset(offset, '');
      if (width === 4) return ({ offset }) => `GMT${writeOffset(offset)}`;
      return ({ offset }) => (offset === 0 ? 'Z' : writeOffset(offset));
    case 'O':
      return ({ offset }) => gmt(offset, width);
    case 't':
      return ({ at }) => String(Math.floor(at / 1000));
    case 'T':
      return ({ at }) => String(at);
    default:
      return byName(letter, width, locale);
  }
}

const NUMBERS: Readonly<Record<string, (clock: Date) => number>> = {
  M: (clock) => clock.getUTCMonth() + 1,
  L: (clock) => clock.getUTCMonth() + 1,
  Q: quarter,
  q: quarter,
  d: (clock) => clock.getUTCDate(),
  D: (clock) => Math.floor((clock.getTime() - Date.UTC(clock.getUTCFullYear(), 0, 1)) / 86_400_000) + 1,
  e: (clock) => clock.getUTCDay() || 7,
  c: (clock) => clock.getUTCDay() || 7,
  H: (clock) => clock.getUTCHours(),
  k: (clock) => clock.getUTCHours() || 24,
  K: (clock) => clock.getUTCHours() % 12,
  h: (clock) => clock.getUTCHours() % 12 || 12,
  m: (clock) => clock.getUTCMinutes(),
  s: (clock) => clock.getUTCSeconds(),
};

function quarter(clock: Date): number {
  return Math.floor(clock.getUTCMonth() / 3) + 1;
}

/** What our letters are called in the library's patterns. */
const TOKENS: Readonly<Record<string, string>> = {
  G: 'G',
  GG: 'G',
  GGG: 'G',
  GGGG: 'GG',
  QQQ: "'Q'q",
  qqq: "'Q'q",
  E: 'ccc',
  EE: 'ccc',
  EEE: 'ccc',
  EEEE: 'cccc',
  EEEEE: 'ccccc',
  YY: 'kk',
  w: 'W',
  ww: 'WW',
  z: 'ZZZZ',
  zz: 'ZZZZ',
  zzz: 'ZZZZ',
  zzzz: 'ZZZZZ',
  V: 'z',
  VV: 'z',
};

function byName(letter: string, width: number, locale: string): Write {
  const letters = letter.repeat(width);
  const token = letter === 'Y' && width !== 2 ? 'kkkk' : (TOKENS[letters] ?? letters);
  return ({ at, offset, zone }) =>
    DateTime.fromMillis(at, { zone: zone?.zone ?? FixedOffsetZone.instance(offset), locale }).toFormat(token);
}

function isoOffset(offset: number, width: number): string {
  if (width === 3) return writeOffset(offset);
  const text = writeOffset(offset, '');
  return width === 1 && text.endsWith('00') ? text.slice(0, 3) : text;
}

function gmt(offset: number, width: number): string {
  if (width === 4) return `GMT${writeOffset(offset)}`;
  const minutes = Math.abs(offset) % 60;
  const hours = Math.trunc(Math.abs(offset) / 60);
  const sign = offset < 0 ? '-' : '+';
  return offset === 0
    ? 'GMT'
    : `GMT${sign}${hours}${minutes === 0 ? '' : `:${String(minutes).padStart(2, '0')}`}`;
}

function pad(value: number, width: number): string {
  const text = String(Math.abs(value)).padStart(width, '0');
  return value < 0 ? `-${text}` : text;
}
