import { MillraceError } from '../errors.ts';
import type { Json } from '../json.ts';
import { nameOf } from './functions/arguments.ts';
import { EXPRESSION_FUNCTIONS } from './functions/expression-functions.ts';
import type { ArgumentType, Call, ExpressionFunction, LanguageFunction } from './functions/function.ts';
import { FUNCTIONS } from './functions.ts';
import { combined, type Part } from './jmespath-parts.ts';
import type { Scope } from './scope.ts';
import { suggestFunction } from './suggest-function.ts';

/** Tells of a call that is wrong, and answers undefined. */
function refuse(
  scope: Scope,
  code: 'config.unknown_function' | 'config.wrong_arity' | 'config.invalid_expression',
  message: string,
  hint?: string,
): undefined {
  scope.report({ code, message, ...(hint && { hint }), path: scope.at });
  return undefined;
}

export function reportUnknownFunction(name: string, scope: Scope): undefined {
  const names = [...Object.keys(FUNCTIONS), ...Object.keys(EXPRESSION_FUNCTIONS)];
  return refuse(
    scope,
    'config.unknown_function',
    `There is no function "${name}"`,
    suggestFunction(name, names),
  );
}

/** A function whose argument is an expression: it is evaluated on the members of the list. */
export function expressionCallPart(
  name: string,
  definition: ExpressionFunction,
  list: Part,
  expression: Part,
): Part {
  return {
    run: (value, frame) => {
      const members = list.run(value, frame);
      if (members === null && !definition.jmespath) return null;
      if (!Array.isArray(members)) throw new TypeError(`"${name}" takes a list, not ${nameOf(members)}`);
      return definition.call(members, (member) => expression.run(member, frame));
    },
  };
}

export function callPart(
  name: string,
  definition: LanguageFunction,
  args: readonly Part[],
  scope: Scope,
): Part | undefined {
  if (!checkArity(name, definition, args.length, scope)) return undefined;
  const { services } = scope;
  const call = prepared(
    name,
    definition,
    args.map((arg) => arg.known?.value),
    scope,
  );
  if (!call) return undefined;
  const types = definition.jmespath;
  const takesNull = definition.takesNull || types !== undefined || definition.required === 0;
  const runs = args.map((arg) => arg.run);
  const run = (value: Json, frame: Parameters<Part['run']>[1]): Json => {
    const values: Json[] = [];
    for (const one of runs) values.push(one(value, frame));
    if (!takesNull && values[0] === null) return null;
    if (types) checkTypes(name, types, values);
    return call(values, services);
  };
  return definition.varies ? { run } : combined(run, args);
}

/** The work of a function with what is known of its arguments; undefined where those can never work. */
export function prepared(
  name: string,
  definition: LanguageFunction,
  known: readonly (Json | undefined)[],
  scope: Scope,
): Call | undefined {
  try {
    return named(name, definition.prepare?.(known, scope.services) ?? definition.call);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const { code, message, hint } = error;
    const told = code === 'config.invalid_argument' ? `"${name}": ${message}` : message;
    scope.report({ code, message: told, ...(hint && { hint }), path: scope.at });
    return undefined;
  }
}

/** In a long expression it matters which function failed. */
function named(name: string, call: Call): Call {
  return (args, services) => {
    try {
      return call(args, services);
    } catch (error) {
      throw new TypeError(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  };
}

/** Tells of a wrong number of arguments. */
export function checkArity(name: string, definition: LanguageFunction, count: number, scope: Scope): boolean {
  const { required, parameters, variadic } = definition;
  if (count >= required && (variadic || count <= parameters.length)) return true;
  const most = parameters.length;
  const wanted = variadic
    ? `at least ${required}`
    : required === most
      ? `${required}`
      : `${required} to ${most}`;
  const message = `"${name}" takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${count}`;
  const hint = parameters.length === 0 ? undefined : `Its arguments: ${parameters.join(', ')}.`;
  scope.report({
    code: 'config.wrong_arity',
    message,
    ...(hint && { hint }),
    path: scope.at,
    ...(scope.atKey && { atKey: true }),
  });
  return false;
}

const CHECKS: Readonly<Record<ArgumentType, (value: Json) => boolean>> = {
  any: () => true,
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  array: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'array-number': (value) => Array.isArray(value) && value.every((member) => typeof member === 'number'),
  'array-string': (value) => Array.isArray(value) && value.every((member) => typeof member === 'string'),
};

const NAMES: Readonly<Record<ArgumentType, string>> = {
  any: 'anything',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  'array-number': 'a list of numbers',
  'array-string': 'a list of texts',
};

/** JMESPath converts nothing: a function of its own fails where an argument is of another type. */
function checkTypes(
  name: string,
  types: readonly (readonly ArgumentType[])[],
  values: readonly Json[],
): void {
  for (const [index, value] of values.entries()) {
    const wanted = types[Math.min(index, types.length - 1)] ?? [];
    if (wanted.some((type) => CHECKS[type](value))) continue;
    const list = wanted.map((type) => NAMES[type]).join(' or ');
    throw new TypeError(`"${name}" takes ${list}, not ${nameOf(value)}`);
  }
}
