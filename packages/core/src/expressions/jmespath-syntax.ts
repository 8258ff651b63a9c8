import { compile, type TreeInterpreter } from '@jmespath-community/jmespath';

/** A node of a parsed expression, as the library's parser makes it. */
export type Node = Parameters<(typeof TreeInterpreter)['visit']>[0];

/** Parses an expression. Throws the parser's error. */
export function parseJmespath(expression: string): Node {
  // Alumio writes `EUR` for a text: the quotation marks inside the back-ticks may be left out.
  return compile(escapesAsWritten(expression), { enable_legacy_literals: true });
}

/**
 * Writes escapes in literals so that the library reads what the specification says: in 'raw strings' two backslashes
 * are two, and in `literals` every escaped back-tick is one, not the first only.
 */
function escapesAsWritten(expression: string): string {
  if (!expression.includes('\\')) return expression;
  let written = '';
  let quote = '';
  for (let index = 0; index < expression.length; index++) {
    const character = expression[index] ?? '';
    if (quote !== '' && character === '\\') {
      const pair = expression.slice(index, index + 2);
      if (quote === "'" && pair === '\\\\') written += '\\\\\\\\';
      else written += quote === '`' && pair === '\\`' ? '\\u0060' : pair;
      index++;
      continue;
    }
    if (quote === '' && `'"\``.includes(character)) quote = character;
    else if (character === quote) quote = '';
    written += character;
  }
  return written;
}
