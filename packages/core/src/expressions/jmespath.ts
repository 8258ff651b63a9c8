import { JmespathCompiler } from './jmespath-compiler.ts';
import type { Search } from './jmespath-parts.ts';
import { type Node, parseJmespath } from './jmespath-syntax.ts';
import type { Scope } from './scope.ts';

/** Compiles an expression once. A mistake is reported, and the answer is null ever after. */
export function compileJmespath(expression: string, scope: Scope): Search {
  let ast: Node;
  try {
    ast = parseJmespath(expression);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    scope.report({
      code: 'config.invalid_expression',
      message: `"${expression}" is not a JMESPath expression: ${reason}`,
      hint: 'See https://jmespath.org for the language; names with other characters stand in double quotes.',
      path: scope.at,
    });
    return () => null;
  }
  return new JmespathCompiler(expression, scope).compile(ast) ?? (() => null);
}
