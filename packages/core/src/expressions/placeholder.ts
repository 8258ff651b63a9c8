/** A piece of a text with placeholders. `&`: a value; `?`: one that may be missing; `@`: of the context. */
export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: '&' | '?' | '@'; readonly expression: string; readonly start: number };

const OPENERS = new Set(['&', '?', '@']);

/**
 * Splits a text at its placeholders. A placeholder ends at its matching brace; braces inside quotes or back-ticks
 * do not count. `&&{` is a literal `&{`. Answers a string, the reason, where a placeholder is not closed or is empty.
 */
export function parsePlaceholders(text: string): readonly Segment[] | string {
  const segments: Segment[] = [];
  let literal = '';
  let index = 0;
  while (index < text.length) {
    const sign = text[index] ?? '';
    if (!OPENERS.has(sign)) {
      literal += sign;
      index++;
    } else if (sign === '&' && text[index + 1] === '&' && text[index + 2] === '{') {
      literal += '&{';
      index += 3;
    } else if (text[index + 1] === '{') {
      const end = closingBrace(text, index + 2);
      if (end === -1) return `the placeholder at position ${index + 1} is not closed`;
      const expression = text.slice(index + 2, end).trim();
      if (expression === '') return `the placeholder at position ${index + 1} is empty`;
      if (literal !== '') segments.push({ kind: 'text', text: literal });
      literal = '';
      segments.push({ kind: sign as '&' | '?' | '@', expression, start: index });
      index = end + 1;
    } else {
      literal += sign;
      index++;
    }
  }
  if (literal !== '' || segments.length === 0) segments.push({ kind: 'text', text: literal });
  return segments;
}

const QUOTES = new Set(['"', "'", '`']);

function closingBrace(text: string, from: number): number {
  let depth = 1;
  let quote: string | undefined;
  for (let index = from; index < text.length; index++) {
    const character = text[index] ?? '';
    if (quote !== undefined) {
      if (character === '\\') index++;
      else if (character === quote) quote = undefined;
    } else if (QUOTES.has(character)) quote = character;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return index;
  }
  return -1;
}
