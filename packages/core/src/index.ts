/**
 * The model and the contracts of Millrace. A plugin needs nothing else, but `@millrace/core/http` for HTTP
 * and `@millrace/core/testing` for its tests.
 */
export * from './contracts.ts';
export * from './define.ts';
export { CODES, ERROR_CODES, type ErrorCode, type ErrorKind } from './error-codes.ts';
export * from './errors.ts';
export * from './findings.ts';
export * from './json.ts';
export * from './registry.ts';
export * from './requests.ts';
export * from './schema.ts';
