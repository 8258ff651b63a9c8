import { readDate } from '../data/dates.ts';
import { isObject, type Json, type JsonObject } from '../data/json.ts';
import { positionOf } from './json-position.ts';

/** Fields that hold whole numbers wherever they stand. Ids of other systems are texts, whatever they look like. */
const INTEGERS = new Set([
  ...'client site user agent ticket asset assettype assetgroup team status tickettype priority sla outcome toplevel'
    .split(' ')
    .map((name) => `${name}_id`),
  ...'department organisation supplier contract item product release workflow parent business_owner technical_owner'
    .split(' ')
    .map((name) => `${name}_id`),
  ...'impact urgency source lookupid slaid priorityid new_status chargerate'.split(' '),
]);

/** The values that Newtonsoft could not read, as ASP.NET answers them: by path, with a sentence each. */
export function typeErrors(
  elements: readonly Json[],
  inArray: boolean,
  text: string,
  sample: JsonObject | undefined,
  guidIds: boolean,
): Record<string, string[]> | undefined {
  const errors: Record<string, string[]> = {};
  elements.forEach((element, index) => {
    const steps = inArray ? [index] : [];
    const at = inArray ? `[${index}]` : '';
    const place = (path: string, more: readonly string[]) => {
      const { line, position } = positionOf(text, [...steps, ...more]);
      return `Path '${path}', line ${line}, position ${position}.`;
    };
    if (!isObject(element)) {
      errors[at] = [
        `Error converting value ${JSON.stringify(element)} to the type of the record. ${place(at, [])}`,
      ];
      return;
    }
    for (const [name, value] of Object.entries(element)) {
      const known = sample && Object.hasOwn(sample, name) ? sample[name] : undefined;
      const problem = problemOf(name, value, known, guidIds);
      const path = at === '' ? name : `${at}.${name}`;
      if (problem !== undefined) errors[path] = [`${problem} ${place(path, [name])}`];
    }
  });
  return Object.keys(errors).length > 0 ? errors : undefined;
}

/** What is wrong with a value. The type of a field is known by its name, or by what a record of the kind holds. */
function problemOf(name: string, value: Json, known: Json | undefined, guidIds: boolean): string | undefined {
  if (value === null) return undefined;
  if (name === 'id') return guidIds ? guidProblem(value) : integerProblem(value);
  if (INTEGERS.has(name)) return integerProblem(value);
  if (name.startsWith('_') || known === undefined || known === null) return undefined;
  if (typeof known === 'boolean') return booleanProblem(value);
  if (typeof known === 'string' && typeof value === 'object')
    return `Error reading string. Unexpected token: ${Array.isArray(value) ? 'StartArray' : 'StartObject'}.`;
  const isDate = typeof known === 'string' && /^\d{4}-\d\d-\d\dT/.test(known);
  if (isDate && typeof value === 'string' && value !== '' && readDate(value) === undefined)
    return `Could not convert string to DateTime: ${value}.`;
  return undefined;
}

/** Whole numbers are taken as texts too; the text "95.0" is refused. */
function integerProblem(value: Json): string | undefined {
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return `Input string '${value}' is not a valid integer.`;
    const fits = value >= -(2 ** 31) && value < 2 ** 31;
    return fits ? undefined : `JSON integer ${value} is too large or small for an Int32.`;
  }
  if (typeof value === 'string') {
    if (value === '' || /^\s*-?\d{1,10}\s*$/.test(value)) return undefined;
    return `Could not convert string to integer: ${value}.`;
  }
  return `Error reading integer. Unexpected token: ${tokenOf(value)}.`;
}

function booleanProblem(value: Json): string | undefined {
  if (typeof value === 'boolean' || typeof value === 'number') return undefined;
  if (typeof value === 'string')
    return /^(?:true|false|)$/i.test(value) ? undefined : `Could not convert string to boolean: ${value}.`;
  return `Error reading boolean. Unexpected token: ${tokenOf(value)}.`;
}

function guidProblem(value: Json): string | undefined {
  if (value === 0 || value === '' || value === '0') return undefined;
  if (typeof value === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value))
    return undefined;
  return `Error converting value ${JSON.stringify(value)} to type 'System.Guid'.`;
}

function tokenOf(value: Json): string {
  if (typeof value === 'boolean') return 'Boolean';
  return Array.isArray(value) ? 'StartArray' : 'StartObject';
}

/** A value as it is kept: whole numbers and booleans that came as texts become what they are. */
export function converted(name: string, value: Json, known: Json | undefined, guidIds: boolean): Json {
  const isInteger = INTEGERS.has(name) || (name === 'id' && !guidIds);
  if (isInteger && typeof value === 'string') return value.trim() === '' ? 0 : Number(value);
  if (typeof known === 'boolean' && typeof value !== 'boolean') {
    return typeof value === 'string' ? value.toLowerCase() === 'true' : value !== 0;
  }
  return value;
}
