import type { Json } from '../../json.ts';
import type { Services } from '../services.ts';

/** The work of a function on the values of its arguments. Throws where it cannot be done; the message says why. */
export type Call = (args: readonly Json[], services: Services) => Json;

/** What JMESPath demands of an argument of a function of its own. `array-` types look at every member. */
export type ArgumentType =
  | 'any'
  | 'number'
  | 'string'
  | 'boolean'
  | 'array'
  | 'object'
  | 'array-number'
  | 'array-string';

/** One function of the language: the same in JMESPath (`upper(name)`) and in JSON Logic (`{"upper": [...]}`). */
export interface LanguageFunction {
  readonly description: string;
  /** Names of the arguments; the last ones may be left out. */
  readonly parameters: readonly string[];
  /** How many of them must be given. */
  readonly required: number;
  /** True where more arguments may follow. */
  readonly variadic?: boolean;
  /** Null as the first argument answers null, unless the function says that it takes nulls. */
  readonly takesNull?: boolean;
  /** True where the same arguments do not always come to the same. */
  readonly varies?: boolean;
  /**
   * Set where JMESPath defines the function: what it takes there, by parameter; any of the types will do. There null
   * is an argument like any other, and nothing is converted. In JSON Logic the function is ours.
   */
  readonly jmespath?: readonly (readonly ArgumentType[])[];
  /** Set where JSON Logic has an operator of that name: what that does, with rules, data, and what they come to. */
  readonly jsonLogic?: {
    readonly description: string;
    readonly examples: readonly (readonly [rule: Json, data: Json, result: Json])[];
  };
  /** Arguments, and what they come to; run as tests. */
  readonly examples: readonly (readonly [args: readonly Json[], result: Json])[];
  /**
   * Looks at the arguments that are known when an expression is compiled; undefined stands for one that is not. Throws
   * a MillraceError for one that can never work. May answer work that is faster with them.
   */
  readonly prepare?: (known: readonly (Json | undefined)[], services: Services) => Call | undefined;
  readonly call: Call;
}

/** A function that evaluates an expression (`&name`) on the members of a list; in JMESPath only. */
export interface ExpressionFunction {
  readonly description: string;
  readonly parameters: readonly string[];
  /** Which of the parameters is the expression; the other one is the list. */
  readonly expression: number;
  /** True where JMESPath itself defines it. */
  readonly jmespath: boolean;
  /** An expression, the record it is evaluated on, and what it comes to; run as tests. */
  readonly examples: readonly (readonly [expression: string, data: Json, result: Json])[];
  readonly call: (list: readonly Json[], expression: (member: Json) => Json) => Json;
}

/** Calls a function as both languages do: null in, null out. */
export function callFunction(definition: LanguageFunction, args: readonly Json[], services: Services): Json {
  if (!definition.takesNull && definition.required > 0 && (args[0] === null || args[0] === undefined))
    return null;
  return definition.call(args, services);
}
