import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { OptionPath, Report } from './findings.ts';
import { isObject, type Json } from './json.ts';
import { pointerPath } from './option-findings.ts';

/** Keywords of OpenAPI that only annotate; any that begins with `x-` does, too. */
const ANNOTATIONS = ['example', 'xml', 'externalDocs', 'discriminator'];

/**
 * Compiles a JSON Schema that a user wrote: draft 7, or 2020-12 where its `$schema` says so. Reports what is wrong with
 * it and returns undefined then. Loads nothing that a `$ref` names outside of it.
 */
export function compileSchema(schema: Json, report: Report): ValidateFunction | undefined {
  if (!isObject(schema) && typeof schema !== 'boolean') {
    report({ code: 'config.invalid_schema', message: 'A JSON Schema must be an object', path: [] });
    return undefined;
  }
  const draft = isObject(schema) ? schema['$schema'] : undefined;
  const known = draft === undefined || /json-schema\.org\/(?:draft-07|draft\/2020-12)\//.test(String(draft));
  if (!known) {
    const message = `The draft ${JSON.stringify(draft)} of JSON Schema is not known`;
    report({ code: 'config.invalid_schema', message, hint: 'Use draft 7 or 2020-12.', path: ['$schema'] });
    return undefined;
  }
  const ajv = createValidator(String(draft).includes('2020-12'), schema);
  if (ajv.validateSchema(schema) !== true) {
    for (const { instancePath, message = 'is not valid' } of firstOfEach(ajv.errors ?? [])) {
      const path = pointerPath(instancePath);
      const name = path.length === 0 ? 'The schema' : `"${String(path.at(-1))}"`;
      report({ code: 'config.invalid_schema', message: `${name} ${message}`, path });
    }
    return undefined;
  }
  try {
    return ajv.compile(schema);
  } catch (error) {
    const message = (error as Error).message.replace(/^strict mode: /, '');
    const keyword = /keyword: "([^"]+)"/.exec(message)?.[1];
    const path = keyword === undefined ? [] : (pathOfKey(schema, keyword) ?? []);
    report({
      code: 'config.invalid_schema',
      message: `Not a valid JSON Schema: ${message}`,
      path,
      atKey: true,
    });
    return undefined;
  }
}

/** Where the meta-schema has alternatives, each of them says why it is not met: one is enough. */
function firstOfEach(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  return errors.filter(
    ({ instancePath }, index) => errors.findIndex((other) => other.instancePath === instancePath) === index,
  );
}

function createValidator(newest: boolean, schema: Json): Ajv {
  const options = {
    strict: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allErrors: true,
  } as const;
  const ajv = newest ? new Ajv2020({ ...options, logger: false }) : new Ajv({ ...options, logger: false });
  formats.default(ajv);
  const vendors = [...keysOf(schema)].filter((key) => key.startsWith('x-'));
  for (const keyword of [...ANNOTATIONS, ...new Set(vendors)]) {
    ajv.addKeyword(keyword);
  }
  return ajv;
}

function* keysOf(node: Json): Generator<string> {
  if (Array.isArray(node)) for (const member of node as readonly Json[]) yield* keysOf(member);
  if (!isObject(node)) return;
  for (const [key, member] of Object.entries(node)) {
    yield key;
    yield* keysOf(member);
  }
}

/** Where a key of that name stands first. */
function pathOfKey(node: Json, wanted: string, at: OptionPath = []): OptionPath | undefined {
  const entries: readonly (readonly [string | number, Json])[] = Array.isArray(node)
    ? [...(node as readonly Json[]).entries()]
    : isObject(node)
      ? Object.entries(node)
      : [];
  for (const [key, member] of entries) {
    if (key === wanted) return [...at, key];
    const found = pathOfKey(member, wanted, [...at, key]);
    if (found) return found;
  }
  return undefined;
}
