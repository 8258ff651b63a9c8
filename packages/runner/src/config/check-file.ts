import {
  createAjv,
  isObject,
  type Json,
  type OptionFinding,
  type OptionPath,
  optionFindings,
  TRUSTED_SCHEMAS,
} from '@millrace/core';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { convert, type Environment, interpolate } from './environment.ts';
import { DEFINITIONS, type Kind } from './kinds.ts';
import type { Finding } from './project.ts';
import type { JsonSchema } from './schema.ts';
import type { Source } from './source.ts';

/** Checks files against the composed schema. */
export class SchemaCheck {
  readonly #validators = new Map<string, ValidateFunction>();
  // What is compiled for one start runs a few dozen times: optimizing takes longer than it saves.
  readonly #ajv = createAjv({ ...TRUSTED_SCHEMAS, code: { optimize: false } });

  constructor(schema: JsonSchema) {
    this.#ajv.addSchema(schema, 'millrace');
  }

  validator(kind: Kind | 'settings' | 'test'): ValidateFunction {
    const name = DEFINITIONS[kind];
    let validate = this.#validators.get(name);
    if (!validate) {
      validate = this.#ajv.compile({ $ref: `millrace#/definitions/${name}` });
      this.#validators.set(name, validate);
    }
    return validate;
  }
}

let last: { readonly text: string; readonly check: SchemaCheck } | undefined;

/** The check of a schema; that of the last one where it is the same: a reload compiles nothing again. */
export function schemaCheck(schema: JsonSchema): SchemaCheck {
  const text = JSON.stringify(schema);
  if (last?.text !== text) last = { text, check: new SchemaCheck(schema) };
  return last.check;
}

export interface CheckedFile {
  readonly source: Source;
  /** Variables resolved, defaults filled; as far as it could be, where there were mistakes. */
  readonly content: Json;
  readonly valid: boolean;
  readonly fromEnvironment: ReadonlySet<string>;
  /** Paths of texts whose variables are not set. */
  readonly unresolved: ReadonlySet<string>;
}

/** Turns a finding inside a file into one that a person can go to. */
export function locateFinding(source: Source, finding: OptionFinding): Finding {
  const { severity = 'error', code, message, hint, path, atKey } = finding;
  return { severity, code, message, ...(hint && { hint }), ...source.locate(path, atKey) };
}

/** Resolves a file's variables and checks its form. */
export function checkFile(
  source: Source,
  validate: ValidateFunction,
  environment: Environment,
  required: boolean,
  findings: Finding[],
): CheckedFile {
  const interpolated = interpolate(source.content ?? {}, environment);
  const unresolved = new Set<string>();
  for (const { name, path } of interpolated.missing) {
    unresolved.add(JSON.stringify(path));
    findings.push(
      locateFinding(source, {
        severity: required ? 'error' : 'warning',
        code: 'config.missing_variable',
        message: `The environment variable ${name} is not set`,
        hint: `Set ${name} in the environment or in a file .env beside millrace.yaml, or give a default: \${${name}:-…}.`,
        path,
      }),
    );
  }
  for (const { text, path } of interpolated.malformed) {
    unresolved.add(JSON.stringify(path));
    const message = `"${text}" is not an environment variable`;
    const hint = 'Write ${NAME} or ${NAME:-default}; $${ is a literal ${.';
    findings.push(locateFinding(source, { code: 'config.missing_variable', message, hint, path }));
  }
  const { fromEnvironment } = interpolated;
  const { content, errors } = validateWithText(interpolated.value, validate, fromEnvironment);
  const relevant = errors.filter((error) => !unresolved.has(pathKey(error)));
  for (const finding of optionFindings(relevant, 'this file')) {
    findings.push(locateFinding(source, asVariable(finding, fromEnvironment)));
  }
  const valid = errors.length === 0 && interpolated.malformed.length === 0;
  return { source, content, valid, fromEnvironment, unresolved };
}

/** What came out of the environment is text; where a number or a boolean is wanted it is converted. */
function validateWithText(value: Json, validate: ValidateFunction, fromEnvironment: ReadonlySet<string>) {
  let content = structuredClone(value);
  for (;;) {
    const attempt = structuredClone(content);
    if (validate(attempt)) return { content: attempt, errors: [] };
    const errors = validate.errors ?? [];
    const converted = convertTexts(content, errors, fromEnvironment);
    if (converted === undefined) return { content: attempt, errors };
    content = converted;
  }
}

function pathKey(error: ErrorObject): string {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^(0|[1-9]\d*)$/.test(part) ? Number(part) : part));
  return JSON.stringify(path);
}

function convertTexts(
  content: Json,
  errors: readonly ErrorObject[],
  fromEnvironment: ReadonlySet<string>,
): Json | undefined {
  let result: Json | undefined;
  for (const error of errors) {
    const key = pathKey(error);
    if (error.keyword !== 'type' || typeof error.data !== 'string' || !fromEnvironment.has(key)) continue;
    const value = convert(error.data, [error.params['type']].flat().map(String));
    if (value !== undefined) result = replaceAt(result ?? content, JSON.parse(key) as OptionPath, value);
  }
  return result;
}

function replaceAt(node: Json, path: OptionPath, value: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(node))
    return node.map((member: Json, index) => (index === key ? replaceAt(member, rest, value) : member));
  if (!isObject(node)) return node;
  return { ...node, [key]: replaceAt(node[String(key)] ?? null, rest, value) };
}

function asVariable(finding: OptionFinding, fromEnvironment: ReadonlySet<string>): OptionFinding {
  if (finding.code !== 'config.wrong_type' || !fromEnvironment.has(JSON.stringify(finding.path)))
    return finding;
  return {
    ...finding,
    code: 'config.invalid_variable',
    hint: 'The text comes from an environment variable; correct it there.',
  };
}
