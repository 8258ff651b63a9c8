import type { ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import { createAjv, TRUSTED_SCHEMAS } from './ajv.ts';
import type { Report } from './findings.ts';
import type { Json } from './json.ts';
import { optionFindings } from './option-findings.ts';

const ajv = createAjv(TRUSTED_SCHEMAS);
const compiled = new WeakMap<object, ValidateFunction>();

function validator(schema: TSchema): ValidateFunction {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  return validate;
}

/**
 * Checks options against their schema and reports every mistake. Returns a copy with defaults filled; undefined
 * where there was a mistake. Throws where the schema itself is none.
 */
export function checkOptions(
  schema: TSchema,
  options: Json,
  report: Report,
  owner?: string,
): Json | undefined {
  const validate = validator(schema);
  const copy = structuredClone(options);
  if (validate(copy)) return copy;
  for (const finding of optionFindings(validate.errors ?? [], owner)) report(finding);
  return undefined;
}
