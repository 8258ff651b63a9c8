import { MillraceError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';

/** The texts of headers; null is left out. Throws `request.invalid` for what no header can hold. */
export function headerTexts(headers: JsonObject): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, headerText(name, value)]));
}

// Line ends would begin another header; what is not Latin-1 cannot be written.
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

function headerText(name: string, value: Json): string {
  const text = typeof value === 'object' ? undefined : String(value);
  if (text !== undefined && !FORBIDDEN.test(text)) return text;
  const why = text === undefined ? 'is no text' : 'holds a character that no header can';
  throw new MillraceError('request.invalid', `The value of the header "${name}" ${why}`);
}
