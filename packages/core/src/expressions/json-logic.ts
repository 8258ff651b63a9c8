import jsonLogic from 'json-logic-js';
import type { Context } from '../contracts.ts';
import { MillraceError } from '../errors.ts';
import { FORBIDDEN_KEYS, isObject, type Json } from '../json.ts';
import { compileContext } from './context.ts';
import { EXPRESSION_FUNCTIONS } from './functions/expression-functions.ts';
import { FUNCTIONS } from './functions.ts';
import { checkArity, prepared } from './jmespath-call.ts';
import { OPERATORS, own, primitive } from './json-logic-operators.ts';
import { inside, type Scope } from './scope.ts';
import { suggestFunction } from './suggest-function.ts';

/** A compiled rule. The data is what `var` reads: the record, or a member inside `map`, `filter`, `reduce` … */
export type Rule = (data: Json, context: Context) => Json;

type Compile = (args: readonly Json[], scope: Scope) => Rule;

/** Keys and indexes down to a rule; deeper is a mistake, or an attack on the stack. */
const DEEPEST = 1000;

const truthy = (value: Json): boolean => jsonLogic.truthy(value);

/**
 * Compiles a JSON Logic rule into closures that do what json-logic-js does (a property test holds them together),
 * without its interpretation and without its process-wide table of operators. `method` and `log` do not exist.
 */
export function compileRule(rule: Json, scope: Scope): Rule {
  if (scope.at.length > DEEPEST) {
    const message = 'The rule is nested too deeply';
    scope.report({ code: 'config.invalid_rule', message, path: scope.at.slice(0, 10) });
    return () => null;
  }
  if (Array.isArray(rule)) {
    const members = rule.map((member: Json, index) => compileRule(member, inside(scope, index)));
    return (data, context) => members.map((member) => member(data, context));
  }
  if (!isObject(rule) || Object.keys(rule).length !== 1) return () => rule;
  const [operator = ''] = Object.keys(rule);
  const given = rule[operator] ?? null;
  const args: readonly Json[] = Array.isArray(given) ? given : [given];
  const at = Array.isArray(given) ? inside(scope, operator) : { ...inside(scope, operator), single: true };
  const special = own(SPECIAL, operator);
  if (special) return special(args, at);
  const plain = own(OPERATORS, operator);
  if (plain) {
    return compilePlain(plain, compileArguments(args, at));
  }
  if (own(FUNCTIONS, operator)) return compileCall(operator, args, at);
  reportUnknown(operator, at);
  return () => null;
}

function compilePlain(operator: (typeof OPERATORS)[string], args: readonly Rule[]): Rule {
  const [first, second] = args;
  // Nearly every operator takes one argument or two.
  if (first && args.length === 1) return (data, context) => operator(first(data, context));
  if (first && second && args.length === 2)
    return (data, context) => operator(first(data, context), second(data, context));
  return (data, context) => operator(...args.map((arg) => arg(data, context)));
}

function reportUnknown(operator: string, scope: Scope): void {
  const known = [...Object.keys(SPECIAL), ...Object.keys(OPERATORS), ...Object.keys(FUNCTIONS)];
  const taker = own(EXPRESSION_FUNCTIONS, operator) !== undefined;
  scope.report({
    code: 'config.invalid_rule',
    message: taker
      ? `"${operator}" takes an expression, and so exists in JMESPath only`
      : `"${operator}" is not an operator of JSON Logic`,
    hint: taker
      ? 'Compute it in a value with "&{…}" before, for example with the transformer "set".'
      : suggestFunction(operator, known),
    path: scope.at,
    atKey: true,
  });
}

function argumentScope(scope: Scope, index: number): Scope {
  return 'single' in scope ? scope : inside(scope, index);
}

function compileArguments(args: readonly Json[], scope: Scope): Rule[] {
  return args.map((arg, index) => compileRule(arg, argumentScope(scope, index)));
}

function compileCall(name: string, args: readonly Json[], scope: Scope): Rule {
  const definition = own(FUNCTIONS, name);
  if (!definition || !checkArity(name, definition, args.length, { ...scope, atKey: true })) return () => null;
  const compiled = compileArguments(args, scope);
  const call = prepared(name, definition, args.map(literal), scope);
  if (!call) return () => null;
  const { services } = scope;
  const takesNull = definition.takesNull || definition.required === 0;
  return (data, context) => {
    const values: Json[] = [];
    for (const arg of compiled) values.push(arg(data, context));
    // Null in, null out; JMESPath's own functions are ours here.
    return !takesNull && (values[0] ?? null) === null ? null : call(values, services);
  };
}

/** The value of an argument that is no rule; undefined for one that is. */
function literal(rule: Json): Json | undefined {
  return typeof rule === 'object' && rule !== null ? undefined : rule;
}

/** Own properties only: a record never leads to a prototype. */
function read(data: Json, path: Json, otherwise: Json): Json {
  return path === '' || path === null ? data : readKeys(data, String(primitive(path)).split('.'), otherwise);
}

function readKeys(data: Json, keys: readonly string[], otherwise: Json): Json {
  let value: Json | undefined = data;
  for (const key of keys) {
    if (value === null || value === undefined) return otherwise;
    value = step(value, key);
    if (value === undefined) return otherwise;
  }
  return value ?? null;
}

function step(value: Json, key: string): Json | undefined {
  if (typeof value === 'string')
    return key === 'length'
      ? value.length
      : Object.hasOwn(Object(value), key)
        ? value[Number(key)]
        : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, Json>)[key];
}

function missing(data: Json, keys: readonly Json[]): Json[] {
  return keys.filter((key) => {
    const value = read(data, key, null);
    return value === null || value === '';
  });
}

function compileVar(args: readonly Json[], scope: Scope): Rule {
  const [path = null, otherwise = null] = args;
  if (typeof path === 'string' && path.split('.').some((key) => FORBIDDEN_KEYS.has(key))) {
    scope.report({ code: 'config.invalid_rule', message: `"${path}" can never be read`, path: scope.at });
    return () => null;
  }
  const fallback = compileRule(otherwise, inside(scope, 1));
  if (typeof path === 'string' && path !== '' && !path.includes('.') && otherwise === null) {
    return (data) =>
      isObject(data) && Object.hasOwn(data, path) ? (data[path] ?? null) : read(data, path, null);
  }
  if (path === null || path === '') return (data) => data;
  if (typeof path !== 'object') {
    const keys = String(path).split('.');
    if (otherwise === null) return (data) => readKeys(data, keys, null);
    return (data, context) => readKeys(data, keys, fallback(data, context));
  }
  const computed = compileRule(path, argumentScope(scope, 0));
  return (data, context) => read(data, computed(data, context), fallback(data, context));
}

function compileIf(args: readonly Json[], scope: Scope): Rule {
  const parts = compileArguments(args, scope);
  return (data, context) => {
    let index = 0;
    for (; index < parts.length - 1; index += 2) {
      if (truthy(parts[index]?.(data, context) ?? null)) return parts[index + 1]?.(data, context) ?? null;
    }
    return index === parts.length - 1 ? (parts[index]?.(data, context) ?? null) : null;
  };
}

/** `and` answers its first false argument, `or` its first true one; else the last. */
function compileUntil(stop: (value: Json) => boolean): Compile {
  return (args, scope) => {
    const parts = compileArguments(args, scope);
    return (data, context) => {
      let value: Json = null;
      for (const part of parts) {
        value = part(data, context);
        if (stop(value)) return value;
      }
      return value;
    };
  };
}

/** Operators whose second argument is a rule for each member of the list in the first. */
function compileEach(
  work: (members: readonly Json[], rule: (member: Json) => Json) => Json,
  otherwise: () => Json,
): Compile {
  return (args, scope) => {
    const list = compileRule(args[0] ?? null, argumentScope(scope, 0));
    const rule = compileRule(args[1] ?? null, inside(scope, 1));
    return (data, context) => {
      const members = list(data, context);
      return Array.isArray(members) ? work(members, (member) => rule(member, context)) : otherwise();
    };
  };
}

function compileReduce(args: readonly Json[], scope: Scope): Rule {
  const list = compileRule(args[0] ?? null, argumentScope(scope, 0));
  const rule = compileRule(args[1] ?? null, inside(scope, 1));
  const start = compileRule(args[2] ?? null, inside(scope, 2));
  return (data, context) => {
    const members = list(data, context);
    const initial = start(data, context);
    if (!Array.isArray(members)) return initial;
    return members.reduce<Json>(
      (accumulator, current: Json) => rule({ current, accumulator }, context),
      initial,
    );
  };
}

function compileMissing(args: readonly Json[], scope: Scope): Rule {
  const keys = compileArguments(args, scope);
  return (data, context) => {
    const values = keys.map((key) => key(data, context));
    return missing(data, Array.isArray(values[0]) ? values[0] : values);
  };
}

function compileMissingSome(args: readonly Json[], scope: Scope): Rule {
  const [need, options] = compileArguments(args, scope);
  return (data, context) => {
    const wanted = options?.(data, context) ?? null;
    const keys: readonly Json[] = Array.isArray(wanted) ? wanted : [wanted];
    const absent = missing(data, keys);
    return keys.length - absent.length >= Number(primitive(need?.(data, context))) ? [] : absent;
  };
}

function compileContextRead(args: readonly Json[], scope: Scope): Rule {
  const name = compileContext(String(args[0] ?? ''), scope);
  return (_, context) => name(context) ?? null;
}

const SPECIAL: Readonly<Record<string, Compile>> = {
  var: compileVar,
  missing: compileMissing,
  missing_some: compileMissingSome,
  if: compileIf,
  '?:': compileIf,
  and: compileUntil((value) => !truthy(value)),
  or: compileUntil(truthy),
  // A list of its own each time: two empty lists are not the same list.
  map: compileEach(
    (members, rule) => members.map(rule),
    () => [],
  ),
  filter: compileEach(
    (members, rule) => members.filter((member) => truthy(rule(member))),
    () => [],
  ),
  all: compileEach(
    (members, rule) => members.length > 0 && members.every((member) => truthy(rule(member))),
    () => false,
  ),
  none: compileEach(
    (members, rule) => !members.some((member) => truthy(rule(member))),
    () => true,
  ),
  some: compileEach(
    (members, rule) => members.some((member) => truthy(rule(member))),
    () => false,
  ),
  reduce: compileReduce,
  context: compileContextRead,
};

/** Compiles a rule whose answer is a value. Where it fails, that is `value.failed`. */
export function compileRuleValue(rule: Json, scope: Scope): Rule {
  const compiled = compileRule(rule, scope);
  return (data, context) => {
    try {
      return compiled(data, context);
    } catch (cause) {
      if (cause instanceof MillraceError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MillraceError('value.failed', `The rule cannot be evaluated on this record: ${reason}`, {
        cause,
      });
    }
  };
}

/** Compiles a rule whose answer is a yes or a no. */
export function compileCondition(rule: Json, scope: Scope): (data: Json, context: Context) => boolean {
  const compiled = compileRuleValue(rule, scope);
  return (data, context) => truthy(compiled(data, context));
}
