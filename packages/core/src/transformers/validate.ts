import type { ErrorObject, ValidateFunction } from 'ajv';
import { Type } from 'typebox';
import { defineTransformer, type ProjectFiles } from '../define.ts';
import { MillraceError } from '../errors.ts';
import type { Report } from '../findings.ts';
import type { Json, JsonObject } from '../json.ts';
import { compileSchema } from '../json-schema.ts';
import { pointerPath } from '../option-findings.ts';
import { NO_FILES } from '../project-files.ts';
import { Options } from '../schema.ts';

/** So many mistakes of one record are told; more of them help nobody. */
const MOST = 100;

export const validate = defineTransformer({
  description:
    'Rejects records that a JSON Schema (draft 7 or 2020-12) does not accept, with every path that is wrong. Changes nothing.',
  options: Options({
    schema: Type.Unsafe<string | boolean | JsonObject>({
      type: ['object', 'string', 'boolean'],
      description: 'The schema, or the path of a JSON file of the project',
    }),
  }),
  examples: [
    {
      title: 'A schema in place',
      options: {
        schema: {
          type: 'object',
          required: ['id', 'email'],
          properties: { id: { type: 'integer' }, email: { type: 'string', format: 'email' } },
        },
      },
      given: { id: 7, email: 'ann@example.com' },
      made: { id: 7, email: 'ann@example.com' },
    },
    {
      title: 'A schema in a file',
      options: { schema: 'schemas/order.json' },
      files: {
        'schemas/order.json':
          '{ "properties": { "lines": { "items": { "required": ["sku"], "properties": { "qty": { "minimum": 1 } } } } } }',
      },
      given: { lines: [{ sku: 'a', qty: 1 }, { qty: 0 }] },
      error: 'entity.invalid',
    },
  ],
  check({ schema }, report, files = NO_FILES) {
    compile(schema, report, files);
  },
  shape: (_, check) => check.record,
  create({ schema }, files) {
    const validator = compile(schema, throwing, files);
    return {
      transform(data) {
        if (validator?.(data)) return data;
        throw invalid(validator?.errors ?? []);
      },
    };
  },
});

const throwing: Report = ({ code, message, hint }) => {
  throw new MillraceError(code, message, hint === undefined ? {} : { hint });
};

/** Mistakes in a file are told at the option that names it. */
function compile(
  schema: string | boolean | JsonObject,
  report: Report,
  { readFile }: ProjectFiles,
): ValidateFunction | undefined {
  if (typeof schema !== 'string') {
    return compileSchema(schema, (finding) => report({ ...finding, path: ['schema', ...finding.path] }));
  }
  let content: Json;
  try {
    content = JSON.parse(readFile(schema)) as Json;
  } catch (error) {
    const known = error instanceof MillraceError;
    const message = known ? error.message : `"${schema}" is not valid JSON: ${(error as Error).message}`;
    const hint = known ? error.hint : undefined;
    report({
      code: known ? error.code : 'config.invalid_schema',
      message,
      path: ['schema'],
      ...(hint !== undefined && { hint }),
    });
    return undefined;
  }
  return compileSchema(content, (finding) => {
    const at = finding.path.length === 0 ? '' : ` at /${finding.path.join('/')}`;
    report({
      ...finding,
      message: `In "${schema}"${at}: ${finding.message}`,
      path: ['schema'],
      atKey: false,
    });
  });
}

function invalid(errors: readonly ErrorObject[]): MillraceError {
  const faults = errors
    .filter((error) => error.keyword !== 'if')
    .slice(0, MOST)
    .map(fault);
  const told = faults
    .slice(0, 5)
    .map(({ path, message }) => `${path === '' ? 'the record' : path} ${message}`);
  const more = errors.length > told.length ? `; and ${errors.length - told.length} more` : '';
  return new MillraceError('entity.invalid', `The record is not valid: ${told.join('; ')}${more}`, {
    data: { paths: faults },
  });
}

function fault({ instancePath, keyword, params, message = 'is not valid' }: ErrorObject) {
  const path = pointerPath(instancePath).map(String);
  if (keyword === 'required') {
    return { path: shown([...path, String(params['missingProperty'])]), message: 'is missing' };
  }
  const extra = params['additionalProperty'] ?? params['unevaluatedProperty'];
  if (extra !== undefined) return { path: shown([...path, String(extra)]), message: 'is not allowed' };
  if (keyword === 'enum' || keyword === 'const') {
    const allowed = [params['allowedValues'] ?? params['allowedValue']]
      .flat()
      .map((one) => JSON.stringify(one));
    return { path: shown(path), message: `must be ${allowed.join(' or ').slice(0, 200)}` };
  }
  return { path: shown(path), message };
}

/** As paths are written everywhere: a key with a dot in double quotes. */
function shown(path: readonly string[]): string {
  return path.map((key) => (/[."]/.test(key) ? `"${key.replaceAll('"', '""')}"` : key)).join('.');
}
