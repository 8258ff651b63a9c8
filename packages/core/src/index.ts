/**
 * The model and the contracts of Millrace. A plugin needs nothing else, but `@millrace/core/http` for HTTP
 * and `@millrace/core/testing` for its tests.
 *
 * client: a configured connection to one system. subscriber: reads records from it, batch by batch. transformer:
 * turns one record into none, one or several. publisher: sends records. entity: one record on its way. task: one
 * entity queued for one route. position: where a run goes on after a crash. cursor: where the next run begins.
 */
export { createAjv } from './ajv.ts';
export { canonicalJson } from './canonical-json.ts';
export { checkSource, checkSteps, type SourceContext, usedTransformers } from './check-source.ts';
export { type CompilerOptions, createCompiler, type SavedTransformer } from './compile.ts';
export * from './contracts.ts';
export * from './define.ts';
export { ERROR_CODES, type ErrorCode, type ErrorKind } from './error-codes.ts';
export * from './errors.ts';
export * from './exchange.ts';
export { type Constant, constantExpression, constantRule } from './expressions/constant.ts';
export { EXPRESSION_FUNCTIONS } from './expressions/functions/expression-functions.ts';
export {
  callFunction,
  type ExpressionFunction,
  type LanguageFunction,
} from './expressions/functions/function.ts';
export { FUNCTION_TOPICS, FUNCTIONS } from './expressions/functions.ts';
export { expressionReads } from './expressions/jmespath-reads.ts';
export { ANY_MEMBER, type FieldRead, type Reads } from './expressions/reads.ts';
export { ruleReads } from './expressions/rule-reads.ts';
export type { Place } from './expressions/scope.ts';
export { EXAMPLE_SERVICES, type LookupTable, NO_SERVICES, type Services } from './expressions/services.ts';
export { valueReads } from './expressions/value-reads.ts';
export * from './findings.ts';
export { compileIdentifier, fingerprint } from './identity.ts';
export * from './json.ts';
export { nearest, optionFindings, suggestion } from './option-findings.ts';
export { checkOptions } from './options.ts';
export { digitsOf, parseJson } from './parse-json.ts';
export { getAt, parsePath, removeAt, setAt } from './paths/path.ts';
export { compilePattern, type Match } from './paths/pattern.ts';
export { checkPlugin, componentNames, createRegistry, type Registry } from './registry.ts';
export * from './requests.ts';
export * from './schema.ts';
