import { type InputSignature, TreeInterpreter, TYPE_ANY } from '@jmespath-community/jmespath';
import { FORBIDDEN_KEYS, isObject, type Json } from '../json.ts';
import { suggestion } from '../option-findings.ts';
import { callFunction, FUNCTIONS, type LanguageFunction } from './functions.ts';
import { type Node, parseJmespath } from './jmespath-syntax.ts';
import type { Scope } from './scope.ts';
import type { Services } from './services.ts';

/** The library's own class, which it exports an instance of only. */
const Interpreter = TreeInterpreter.constructor as new () => typeof TreeInterpreter;
type Visited = ReturnType<(typeof TreeInterpreter)['visit']>;

/**
 * An interpreter of our own: functions registered with it stay with it (the library's table is global otherwise),
 * and a field is an own property or nothing: the library would hand out `constructor` and `toString`.
 */
class OwnInterpreter extends Interpreter {
  override visit(node: Node, value: Visited): Visited {
    if (node.type !== 'Field') return super.visit(node, value);
    return isObject(value) && Object.hasOwn(value, node.name)
      ? ((value as Record<string, Visited>)[node.name] ?? null)
      : null;
  }
}

const interpreters = new WeakMap<Services, OwnInterpreter>();

/** The interpreter of a project. */
function interpreterOf(services: Services): OwnInterpreter {
  const known = interpreters.get(services);
  if (known) return known;
  const interpreter = new OwnInterpreter();
  for (const [name, definition] of Object.entries(FUNCTIONS)) {
    interpreter.runtime.registerFunction(
      name,
      (args) => callFunction(definition, args as Json[], services) as never,
      signature(definition),
      { override: true },
    );
  }
  interpreters.set(services, interpreter);
  return interpreter;
}

function signature(definition: LanguageFunction): InputSignature[] {
  return definition.parameters.map((_, index) => ({
    types: [TYPE_ANY],
    ...(index >= definition.required && { optional: true }),
    ...(definition.variadic && index === definition.parameters.length - 1 && { variadic: true }),
  }));
}

/** A compiled JMESPath expression. Answers null where the path leads nowhere; throws where a function fails. */
export type Search = (data: Json) => Json;

const PLAIN_PATH = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;

/** Compiles an expression once. A mistake is reported, and the answer is null ever after. */
export function compileJmespath(expression: string, scope: Scope): Search {
  let ast: Node;
  try {
    ast = parseJmespath(expression);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    scope.report({
      code: 'config.invalid_expression',
      message: `"${expression}" is not a JMESPath expression: ${reason}`,
      hint: 'See https://jmespath.org for the language; names with other characters stand in double quotes.',
      path: scope.at,
    });
    return () => null;
  }
  const sound = checkNodes(ast, scope);
  if (!sound) return () => null;
  if (PLAIN_PATH.test(expression)) return plainPath(expression.split('.'));
  const interpreter = interpreterOf(scope.services);
  return (data) => interpreter.search(ast, data as never) as Json;
}

/** What most expressions are: measured at ten times the speed of the interpreter. */
function plainPath(keys: readonly string[]): Search {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) {
    return (data) => (isObject(data) && Object.hasOwn(data, only) ? (data[only] ?? null) : null);
  }
  return (data) => {
    let value: Json | undefined = data;
    for (const key of keys) {
      if (!isObject(value) || !Object.hasOwn(value, key)) return null;
      value = value[key];
    }
    return value ?? null;
  };
}

/** Reports unknown functions, wrong numbers of arguments and names that lead to a prototype. */
function checkNodes(root: unknown, scope: Scope): boolean {
  let sound = true;
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, name, children } = node as { type?: string; name?: string; children?: unknown[] };
    if (type === 'Function' && name !== undefined)
      sound = checkCall(name, children?.length ?? 0, scope) && sound;
    if (type === 'Field' && name !== undefined && FORBIDDEN_KEYS.has(name)) {
      scope.report({
        code: 'config.invalid_expression',
        message: `"${name}" can never be read`,
        path: scope.at,
      });
      sound = false;
    }
    if (type !== 'Literal') for (const child of Object.values(node)) visit(child);
  };
  visit(root);
  return sound;
}

function checkCall(name: string, count: number, scope: Scope): boolean {
  const table = interpreterOf(scope.services).runtime._functionTable;
  const known = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!known) {
    const hint = suggestion(name, Object.keys(table), 'there is');
    scope.report({
      code: 'config.unknown_function',
      message: `There is no function "${name}"`,
      hint,
      path: scope.at,
    });
    return false;
  }
  const { _signature: parameters } = known;
  const required = parameters.filter((one) => !one.optional).length;
  const variadic = parameters.at(-1)?.variadic ?? false;
  if (count >= required && (variadic || count <= parameters.length)) return true;
  const wanted = variadic
    ? `at least ${required}`
    : required === parameters.length
      ? required
      : `${required} to ${parameters.length}`;
  const message = `"${name}" takes ${wanted} argument${wanted === 1 ? '' : 's'}, not ${count}`;
  scope.report({ code: 'config.wrong_arity', message, path: scope.at });
  return false;
}
