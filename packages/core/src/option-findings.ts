import type { ErrorObject } from 'ajv';
import { closest, distance } from 'fastest-levenshtein';
import type { ErrorCode } from './error-codes.ts';
import type { OptionFinding, OptionPath } from './findings.ts';

/** The nearest of some names, if it is near enough to be a slip of the pen. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const best = closest(name.toLowerCase(), [...names]);
  return distance(name.toLowerCase(), best.toLowerCase()) <= Math.max(2, Math.ceil(name.length / 3))
    ? best
    : undefined;
}

/** `did you mean "x"?`, or what there is to choose from. */
export function suggestion(name: string, names: readonly string[], otherwise = 'one of'): string {
  const near = nearest(name, names);
  if (near !== undefined) return `did you mean "${near}"?`;
  return names.length > 0 ? `${otherwise}: ${[...names].sort().join(', ')}` : 'there is none to choose from';
}

/** Translates what ajv found into findings for people: one for each mistake, where it was made. */
export function optionFindings(errors: readonly ErrorObject[], owner = 'this'): OptionFinding[] {
  const findings = errors
    .filter((error) => !NOISE.has(error.keyword))
    .map((error) => toFinding(error, owner));
  return findings.filter((finding, index) => !isEcho(finding, index, findings));
}

// These only repeat that something beneath them failed.
const NOISE = new Set(['if', 'not', 'maxProperties']);

/** A finding at the same place and of the same kind as an earlier one, or a failed alternative beside a better one. */
function isEcho(finding: OptionFinding, index: number, all: readonly OptionFinding[]): boolean {
  const key = JSON.stringify([finding.path, finding.code]);
  return all.slice(0, index).some((other) => JSON.stringify([other.path, other.code]) === key);
}

export function pointerPath(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^(0|[1-9]\d*)$/.test(part) ? Number(part) : part));
}

function toFinding(error: ErrorObject, owner: string): OptionFinding {
  const path = pointerPath(error.instancePath);
  const schema = (error.parentSchema ?? {}) as { slot?: string; properties?: object; description?: string };
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(error.params['additionalProperty']);
      const names = Object.keys(schema.properties ?? {});
      return unknownKey(name, names, schema.slot, [...path, name], ownerOf(path, owner));
    }
    case 'required': {
      const name = String(error.params['missingProperty']);
      return {
        code: 'config.missing_option',
        message: `"${name}" is missing`,
        hint: `Add "${name}"${describe(schema.properties, name)}.`,
        path,
      };
    }
    case 'minProperties':
      return {
        code: 'config.missing_option',
        message: schema.slot ? `A ${schema.slot} is missing` : 'At least one option must be given',
        hint: schema.slot ? `Name one: ${Object.keys(schema.properties ?? {}).join(', ')}.` : 'Fill it in.',
        path,
      };
    default:
      return valueFinding(error, path);
  }
}

function unknownKey(
  name: string,
  names: readonly string[],
  slot: string | undefined,
  path: OptionPath,
  owner: string,
): OptionFinding {
  if (slot === undefined) {
    const message = `"${name}" is not an option of ${owner}`;
    return {
      code: 'config.unknown_option',
      message,
      hint: suggestion(name, names, 'its options'),
      path,
      atKey: true,
    };
  }
  const code: ErrorCode = slot === 'transformer' ? 'config.unknown_transformer' : 'config.unknown_component';
  const message = `There is no ${slot} called "${name}"`;
  return { code, message, hint: suggestion(name, names, 'there is'), path, atKey: true };
}

function ownerOf(path: OptionPath, owner: string): string {
  const named = path.findLast((part) => typeof part === 'string');
  return named === undefined ? owner : String(named);
}

function describe(properties: object | undefined, name: string): string {
  const property = (properties as Record<string, { description?: string }> | undefined)?.[name];
  return property?.description ? `: ${property.description.replace(/\.$/, '')}` : '';
}

function valueFinding(error: ErrorObject, path: OptionPath): OptionFinding {
  const name = path.length > 0 ? `"${String(path.at(-1))}"` : 'This';
  const given = error.data === undefined ? '' : `, not ${show(error.data)}`;
  switch (error.keyword) {
    case 'type': {
      const wanted = [error.params['type']].flat().map(String);
      return { code: 'config.wrong_type', message: `${name} must be ${article(wanted)}${given}`, path };
    }
    case 'enum':
    case 'const': {
      const allowed = [error.params['allowedValues'] ?? error.params['allowedValue']].flat().map(String);
      const hint = suggestion(String(error.data), allowed);
      return {
        code: 'config.invalid_value',
        message: `${name} must be ${list(allowed)}${given}`,
        hint,
        path,
      };
    }
    case 'pattern': {
      const duration = (error.parentSchema as { millrace?: string } | undefined)?.millrace === 'duration';
      const message = duration
        ? `${name} must be a duration${given}`
        : `${name} has not the right form: ${show(error.data)}`;
      const hint = duration ? 'Write a number with ms, s, m, h or d, such as 30s.' : describeSelf(error);
      return { code: 'config.invalid_value', message, ...(hint && { hint }), path };
    }
    default:
      return {
        code: 'config.invalid_value',
        message: `${name} ${error.message ?? 'is not valid'}${given}`,
        path,
      };
  }
}

function describeSelf(error: ErrorObject): string | undefined {
  return (error.parentSchema as { description?: string } | undefined)?.description;
}

function article(types: readonly string[]): string {
  const names = types.map((type) => TYPE_NAMES[type] ?? type);
  return names.join(' or ');
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

function list(values: readonly string[]): string {
  return values.length === 1 ? `"${values[0]}"` : `one of ${values.join(', ')}`;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
