import { compile, type TreeInterpreter } from '@jmespath-community/jmespath';

/** A node of a parsed expression, as the library's parser makes it. */
export type Node = Parameters<(typeof TreeInterpreter)['visit']>[0];

/** Parses an expression. Throws the parser's error. */
export function parseJmespath(expression: string): Node {
  // Alumio writes `EUR` for a text: the quotation marks inside the back-ticks may be left out.
  return compile(expression, { enable_legacy_literals: true });
}
