const SURROGATE = /[\uD800-\uDFFF]/;

/** A part of a text, counted in characters, so that none is torn apart. */
export function slice(value: string, start: number, end?: number): string {
  return SURROGATE.test(value) ? [...value].slice(start, end).join('') : value.slice(start, end);
}

/** How many characters a text has. */
export function characters(value: string): number {
  return SURROGATE.test(value) ? [...value].length : value.length;
}
