import type { ErrorCode } from '../error-codes.ts';
import type { Json } from '../json.ts';
import { isDoubtful } from './access.ts';
import { isWords } from './rule-truth.ts';
import {
  assumed,
  inWords,
  type ObjectShape,
  type ScalarShape,
  type ScalarType,
  type Shape,
} from './shape.ts';
import { nameHint } from './spelling.ts';

/**
 * Compares what is sent with what is taken, and reports, where each part was written, names that are not known (a warning)
 * and values of a wrong type: an error where the value itself stands in the file, else a warning. Of what nobody wrote,
 * such as the fields of a record that is passed on whole, nothing is said.
 */
export function checkFit(given: Shape, wanted: Shape, unknownName: ErrorCode = 'config.unknown_field'): void {
  new Fit(unknownName).shape(given, wanted, '');
}

class Fit {
  readonly #unknownName: ErrorCode;

  constructor(unknownName: ErrorCode) {
    this.#unknownName = unknownName;
  }

  shape(given: Shape, wanted: Shape, name: string): void {
    if (given.either) {
      for (const one of given.either) this.shape(one, wanted, name);
      return;
    }
    const actual = assumed(given);
    if (actual.kind === 'unknown' || actual.kind === 'null' || actual.kind === 'nothing') return;
    switch (wanted.kind) {
      case 'object':
        if (actual.kind === 'object') this.#fields(actual, wanted);
        else this.#wrong(actual, wanted, name);
        break;
      case 'list':
        if (actual.kind !== 'list') this.#wrong(actual, wanted, name);
        else for (const member of actual.members ?? [actual.of]) this.#part(member, wanted.of, name);
        break;
      case 'scalar':
        this.#scalar(actual, wanted, name);
        break;
      default:
        break;
    }
  }

  /** What nobody wrote a part of is passed over: it may lead through a whole document, and round in circles. */
  #part(given: Shape, wanted: Shape, name: string): void {
    if (given.written || given.either || given.touched) this.shape(given, wanted, name);
  }

  #fields(given: ObjectShape, wanted: ObjectShape): void {
    for (const name of given.fields.keys()) {
      const field = given.fields.get(name);
      if (!field) continue;
      const known = wanted.fields.get(name);
      if (known) this.#part(field, known, name);
      else if (isDoubtful(wanted, name)) this.#unknown(name, field, wanted);
    }
  }

  #unknown(name: string, field: Shape, { fields, title }: ObjectShape): void {
    for (const { written } of field.either ?? [field]) {
      written?.report({
        severity: 'warning',
        code: this.#unknownName,
        message: `"${name}" is not a field of ${title ?? 'what is sent'}`,
        hint: nameHint(name, [...fields.keys()], 'fields'),
        path: written.path,
        atKey: true,
      });
    }
  }

  #scalar(given: Shape, wanted: ScalarShape, name: string): void {
    if (given.kind !== 'scalar') this.#wrong(given, wanted, name);
    else if (given.constant !== undefined) {
      if (!isReadable(given.constant, wanted.types)) this.#wrong(given, wanted, name);
    } else if (isNever(given, wanted.types) || isOther(given.types, wanted.types)) {
      this.#wrong(given, wanted, name);
    }
  }

  #wrong(given: Shape, wanted: Shape, name: string): void {
    const { written } = given;
    if (!written) return;
    const { constant } = given;
    const literal = constant !== undefined && typeof constant !== 'object';
    const found = literal ? JSON.stringify(constant) : inWords(given);
    written.report({
      severity: isWritten(given) ? 'error' : 'warning',
      code: 'config.wrong_type',
      message: `${name === '' ? 'This' : `"${name}"`} must be ${inWords(wanted)}, not ${found}`,
      ...hintFor(wanted, literal),
      path: written.path,
    });
  }
}

function hintFor(wanted: Shape, literal: boolean): { readonly hint?: string } {
  if (wanted.kind === 'scalar' && wanted.types.has('date'))
    return { hint: 'Write it as 2026-11-23T10:00:00Z.' };
  if (wanted.kind === 'scalar' && wanted.types.has('boolean')) return { hint: 'Write true or false.' };
  if (wanted.kind === 'scalar' && literal)
    return { hint: 'Write the number itself; lookup() turns a name into one.' };
  return {};
}

/** True where the value itself stands in the file, and not only a way to it. */
function isWritten(given: Shape): boolean {
  if (given.constant !== undefined || (given.kind === 'scalar' && given.never)) return true;
  if (given.kind === 'list') return given.members !== undefined;
  if (given.kind !== 'object') return false;
  const depth = given.written?.path.length ?? 0;
  return [...given.fields.keys()].some((name) => {
    const written = given.fields.get(name)?.written;
    return written?.report === given.written?.report && (written?.path.length ?? 0) === depth + 1;
  });
}

/** Whether a system reads a value as one of the types. An empty text is no value. */
export function isReadable(value: Json, types: ReadonlySet<ScalarType>): boolean {
  if (value === '' || value === null) return true;
  return [...types].some((type) => READERS[type](value));
}

const READERS: Readonly<Record<ScalarType, (value: Json) => boolean>> = {
  text: () => true,
  integer: (value) =>
    typeof value === 'number'
      ? Number.isInteger(value)
      : typeof value === 'string' && /^\s*-?\d+\s*$/.test(value),
  number: (value) => typeof value === 'number' || (typeof value === 'string' && !isWords(value)),
  boolean: (value) =>
    typeof value === 'boolean' || value === 0 || value === 1 || /^(true|false|0|1)$/i.test(String(value)),
  date: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
};

/** True for a text that can be read as none of the types. */
function isNever({ never }: ScalarShape, wanted: ReadonlySet<ScalarType>): boolean {
  return never !== undefined && [...wanted].every((type) => never.has(type));
}

/** True where nothing of the one kind is ever of the other: a date is no number, a yes or no is no date. */
function isOther(given: ReadonlySet<ScalarType>, wanted: ReadonlySet<ScalarType>): boolean {
  const only = (types: ReadonlySet<ScalarType>, ...allowed: readonly ScalarType[]) =>
    types.size > 0 && [...types].every((type) => allowed.includes(type));
  if (only(given, 'date')) return only(wanted, 'integer', 'number', 'boolean');
  return only(given, 'boolean') && only(wanted, 'date');
}
