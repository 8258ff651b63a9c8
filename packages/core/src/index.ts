/**
 * The model and the contracts of Millrace. A plugin needs nothing else, but `@millrace/core/http` for HTTP
 * and `@millrace/core/testing` for its tests.
 *
 * client: a configured connection to one system. subscriber: reads records from it, batch by batch. transformer:
 * turns one record into none, one or several. publisher: sends records. entity: one record on its way. task: one
 * entity queued for one route. position: where a run goes on after a crash. cursor: where the next run begins.
 */
export { createAjv, TRUSTED_SCHEMAS } from './ajv.ts';
export { canonicalJson } from './canonical-json.ts';
export { failedStep } from './chain.ts';
export { checkSource, checkSteps, type KnownClient, type SourceContext } from './check-source.ts';
export { type CompilerOptions, createCompiler, type SavedTransformer } from './compile.ts';
export * from './contracts.ts';
export * from './define.ts';
export { ERROR_CODES, type ErrorCode, type ErrorKind } from './error-codes.ts';
export * from './errors.ts';
export * from './example.ts';
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
export { ANSWER_OPTIONS, type AnswerShape, compileAnswer, type Rows } from './paging/answer.ts';
export { parseLinkHeader, type WebLink } from './paging/link-header.ts';
export { compileOnBody } from './paging/on-body.ts';
export { checkPaging, compilePaging, type Paging, PagingOptions } from './paging/options.ts';
export type { Page, PageAnswer, PageRequest, Paginator, Way } from './paging/page.ts';
export { createPaginator } from './paging/paginator.ts';
export { type PagedList, type PageRead, type Requester, readPages } from './paging/read-pages.ts';
export type { ParameterPlace } from './paging/ways.ts';
export { defaultFault, fillParameters } from './parameters.ts';
export { digitsOf, parseJson } from './parse-json.ts';
export { getAt, parsePath, removeAt, setAt } from './paths/path.ts';
export { compilePattern, type Match } from './paths/pattern.ts';
export * from './receiver.ts';
export {
  checkHookAuthentication,
  compileHookAuthentication,
  HookAuthentication,
  type HookAuthenticationSettings,
} from './receiving/authentication.ts';
export { readHookBody } from './receiving/body.ts';
export { checkHookDelivery, compileHookDelivery, HookDelivery } from './receiving/delivery.ts';
export * from './reference.ts';
export { nearestNames } from './references/nearest-names.ts';
export { ReferenceTable } from './references/reference-table.ts';
export { checkPlugin, componentNames, createRegistry, type Registry } from './registry.ts';
export { type Encoding, encodeBody } from './request/body.ts';
export { checkRequestPath, compileRequestPath } from './request/path.ts';
export { type Answered, EXPECT_OPTION, PLACE_OPTIONS, placeAnswer, placedShape } from './request/place.ts';
export {
  checkRequestShape,
  compileRequest,
  MethodOption,
  type Prepared,
  REQUEST_OPTIONS,
  RequestPath,
  type RequestTemplate,
} from './request/template.ts';
export * from './requests.ts';
export * from './schema.ts';
export type { Shape } from './shapes/shape.ts';
export type { Consequences, ShapeCheck } from './shapes/shape-check.ts';
export * as shapes from './shapes/shapes.ts';
export * from './transport.ts';
export { splitsRecords, usedClients, usedTables, usedTransformers } from './uses.ts';
export { compileVersion, isOlder, versionOf } from './version.ts';
export { type OptionPart, walkOptions, walkSteps } from './walk-options.ts';
