/** The operations of the HaloITSM API: facts from the vendor's OpenAPI document, and from live answers. */
export { resolveEntity } from './alias.ts';
export { findOperation, nearestOperations, operations } from './catalogue.ts';
export { type FieldType, fieldsOf, type RowFields, rowsOf, takenBy } from './fields.ts';
export { identityOf } from './identity.ts';
export type { Method, Operation, Parameter } from './operation.ts';
