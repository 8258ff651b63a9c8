/**
 * The model and the contracts of Millrace. A plugin needs nothing else, but `@millrace/core/http` for HTTP
 * and `@millrace/core/testing` for its tests.
 *
 * client: a configured connection to one system. subscriber: reads records from it, batch by batch. transformer:
 * turns one record into none, one or several. publisher: sends records. entity: one record on its way. task: one
 * entity queued for one route. position: where a run goes on after a crash. cursor: where the next run begins.
 */
export { createAjv } from './ajv.ts';
export { checkSource, checkSteps, type SourceContext, usedTransformers } from './check-source.ts';
export { type CompilerOptions, createCompiler, type SavedTransformer } from './compile.ts';
export * from './contracts.ts';
export * from './define.ts';
export { ERROR_CODES, type ErrorCode, type ErrorKind } from './error-codes.ts';
export * from './errors.ts';
export * from './exchange.ts';
export { callFunction, FUNCTIONS, type LanguageFunction } from './expressions/functions.ts';
export type { Place } from './expressions/scope.ts';
export { type LookupTable, NO_SERVICES, type Services } from './expressions/services.ts';
export * from './findings.ts';
export { canonicalJson, compileIdentifier, fingerprint } from './identity.ts';
export * from './json.ts';
export { nearest, optionFindings, suggestion } from './option-findings.ts';
export { checkOptions } from './options.ts';
export { getAt, parsePath, removeAt, setAt } from './paths/path.ts';
export { compilePattern, type Match } from './paths/pattern.ts';
export { componentNames, createRegistry, type Registry } from './registry.ts';
export * from './requests.ts';
export * from './schema.ts';
export * from './transport.ts';
