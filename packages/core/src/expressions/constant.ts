import type { Context } from '../contracts.ts';
import type { OptionFinding } from '../findings.ts';
import type { Json } from '../json.ts';
import { compileJmespath } from './jmespath.ts';
import { expressionReads } from './jmespath-reads.ts';
import { compileRule } from './json-logic.ts';
import type { Reads } from './reads.ts';
import { ruleReads } from './rule-reads.ts';
import type { Scope } from './scope.ts';
import type { Services } from './services.ts';

/** What something comes to for every record; undefined where that depends, or where it fails. */
export type Constant = { readonly value: Json } | undefined;

// What is constant looks at neither.
const NO_RECORD: Json = null;
const NO_CONTEXT: Context = { run: { id: '', startedAt: '' } };

/** The value of a JSON Logic rule that reads neither record nor context nor clock; undefined for any other rule. */
export function constantRule(rule: Json, services: Services): Constant {
  return constant(ruleReads(rule), services, (scope) => {
    const compiled = compileRule(rule, scope);
    return () => compiled(NO_RECORD, NO_CONTEXT);
  });
}

/** The value of a JMESPath expression that reads neither record nor clock; undefined for any other expression. */
export function constantExpression(expression: string, services: Services): Constant {
  return constant(expressionReads(expression), services, (scope) => {
    const compiled = compileJmespath(expression, scope);
    return () => compiled(NO_RECORD);
  });
}

function constant(reads: Reads, services: Services, compile: (scope: Scope) => () => Json): Constant {
  if (!reads.constant) return undefined;
  const mistakes: OptionFinding[] = [];
  const report = (finding: OptionFinding) => void mistakes.push(finding);
  try {
    const evaluate = compile({ place: 'saved', parameters: [], services, at: [], report });
    return mistakes.length === 0 ? { value: evaluate() } : undefined;
  } catch {
    // It fails on every record; that is told when it is evaluated.
    return undefined;
  }
}
