import { FORBIDDEN_KEYS, type Json } from '../json.ts';
import { EXPRESSION_FUNCTIONS } from './functions/expression-functions.ts';
import { FUNCTIONS } from './functions.ts';
import { filterPart, indexPart, pathPart, projectionPart, slicePart } from './jmespath-access.ts';
import { callPart, expressionCallPart, reportUnknownFunction } from './jmespath-call.ts';
import {
  andPart,
  arithmeticPart,
  comparisonPart,
  notPart,
  orPart,
  signPart,
  ternaryPart,
} from './jmespath-operators.ts';
import { CURRENT, combined, constant, type Part, type Search } from './jmespath-parts.ts';
import type { Node } from './jmespath-syntax.ts';
import type { Scope } from './scope.ts';

type Of<T extends Node['type']> = Extract<Node, { type: T }>;
/** Numbers of the variables that `let` has bound. */
type Bound = ReadonlyMap<string, number>;

/** Deeper expressions are a mistake, or an attack on the stack. */
const DEEPEST = 500;
const NOTHING = constant(null);

/**
 * Compiles the tree of an expression into closures, so that nothing is interpreted for each record. Whatever is wrong
 * with it is reported.
 */
export class JmespathCompiler {
  readonly #expression: string;
  readonly #scope: Scope;
  #sound = true;
  #depth = 0;
  #variables = 0;

  constructor(expression: string, scope: Scope) {
    this.#expression = expression;
    this.#scope = scope;
  }

  /** Undefined where something was reported. */
  compile(root: Node): Search | undefined {
    const { run } = this.#part(root, new Map());
    if (!this.#sound) return undefined;
    return (data) => run(data, { root: data, variables: [] });
  }

  #refuse(message: string, hint?: string): Part {
    // One mistake tells enough of an expression that is nested without end.
    if (this.#sound || this.#depth <= DEEPEST)
      this.#scope.report({
        code: 'config.invalid_expression',
        message: `"${this.#expression}": ${message}`,
        ...(hint && { hint }),
        path: this.#scope.at,
      });
    this.#sound = false;
    return NOTHING;
  }

  #part(node: Node, bound: Bound): Part {
    this.#depth++;
    const part = this.#depth > DEEPEST ? this.#refuse('it is nested too deeply') : this.#compile(node, bound);
    this.#depth--;
    return part;
  }

  #compile(node: Node, bound: Bound): Part {
    const part = (child: Node) => this.#part(child, bound);
    switch (node.type) {
      case 'Field':
        return this.#path(node) ?? NOTHING;
      case 'Current':
      case 'Identity':
        return CURRENT;
      case 'Root':
        return { run: (_, frame) => frame.root };
      case 'Literal':
        return this.#literal(node);
      case 'Subexpression':
        return this.#path(node) ?? this.#below(part(node.left), part(node.right));
      case 'IndexExpression':
      case 'Pipe':
        return this.#then(part(node.left), part(node.right));
      case 'Index':
        return indexPart(node.value);
      case 'Slice':
        return node.step === 0 ? this.#refuse('a slice cannot go in steps of 0') : slicePart(node);
      case 'Flatten': {
        const { run } = part(node.child);
        return {
          run: (value, frame) => {
            const list = run(value, frame);
            return Array.isArray(list) ? (list.flat(1) as Json[]) : null;
          },
        };
      }
      case 'Projection': {
        const text = node.left.type === 'IndexExpression' && node.left.right.type === 'Slice';
        return projectionPart(part(node.left).run, part(node.right).run, { text });
      }
      case 'ValueProjection':
        return projectionPart(part(node.left).run, part(node.right).run, { values: true });
      case 'FilterProjection':
        return filterPart(part(node.left).run, part(node.condition).run, part(node.right).run);
      case 'MultiSelectList':
        return this.#list(node.children.map(part));
      case 'MultiSelectHash':
        return this.#hash(node, bound);
      case 'Comparator':
        return comparisonPart(node.name, part(node.left), part(node.right));
      case 'OrExpression':
        return orPart(part(node.left), part(node.right));
      case 'AndExpression':
        return andPart(part(node.left), part(node.right));
      case 'NotExpression':
        return notPart(part(node.child));
      case 'Ternary':
        return ternaryPart(part(node.condition), part(node.trueExpr), part(node.falseExpr));
      case 'Arithmetic':
        return arithmeticPart(node.operator, part(node.left), part(node.right));
      case 'Unary':
        return signPart(node.operator, part(node.operand));
      case 'Function':
        return this.#call(node, bound);
      case 'LetExpression':
        return this.#let(node, bound);
      case 'Variable':
        return this.#variable(node, bound);
      case 'ExpressionReference':
        return this.#refuse(
          'an expression reference (&) can only be an argument of a function that takes one',
        );
      case 'Binding':
        return this.#refuse('a variable is bound with "let $name = … in …"');
    }
  }

  /** Keys in a row, the most common expression of all, as one read; undefined for anything else. */
  #path(node: Node): Part | undefined {
    const keys: string[] = [];
    let rest = node;
    for (; rest.type === 'Subexpression' && rest.right.type === 'Field'; rest = rest.left)
      keys.unshift(rest.right.name);
    if (rest.type !== 'Field') return undefined;
    keys.unshift(rest.name);
    const refused = keys.find((key) => FORBIDDEN_KEYS.has(key));
    return refused === undefined ? pathPart(keys) : this.#refuse(`"${refused}" can never be read`);
  }

  #literal({ value }: Of<'Literal'>): Part {
    if (/\d{16}/.test(this.#expression) && hasUnsafe(value))
      return this.#refuse('a number in it has more digits than a number can hold', 'Write it as a text.');
    return constant(value);
  }

  #below(left: Part, right: Part): Part {
    return {
      run: (value, frame) => {
        const found = left.run(value, frame);
        return found === null ? null : right.run(found, frame);
      },
    };
  }

  #then(left: Part, right: Part): Part {
    return { run: (value, frame) => right.run(left.run(value, frame), frame) };
  }

  #list(parts: readonly Part[]): Part {
    const runs = parts.map(({ run }) => run);
    return combined((value, frame) => runs.map((run) => run(value, frame)), parts);
  }

  #hash(node: Of<'MultiSelectHash'>, bound: Bound): Part {
    const refused = node.children.find(({ name }) => FORBIDDEN_KEYS.has(name));
    if (refused) return this.#refuse(`"${refused.name}" cannot be a key`);
    const members = node.children.map(({ name, value }) => [name, this.#part(value, bound)] as const);
    return combined(
      (value, frame) => {
        const object: Record<string, Json> = {};
        for (const [name, { run }] of members) object[name] = run(value, frame);
        return object;
      },
      members.map(([, part]) => part),
    );
  }

  #call(node: Of<'Function'>, bound: Bound): Part {
    const { name, children } = node;
    if (Object.hasOwn(EXPRESSION_FUNCTIONS, name)) return this.#expressionCall(node, bound);
    const definition = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (definition && children.some(({ type }) => type === 'ExpressionReference'))
      return this.#refuse(`"${name}" takes no expression (&)`);
    const args = children.map((child) =>
      this.#part(child.type === 'ExpressionReference' ? child.child : child, bound),
    );
    const made = definition
      ? callPart(name, definition, args, this.#scope)
      : reportUnknownFunction(name, this.#scope);
    if (made) return made;
    this.#sound = false;
    return NOTHING;
  }

  #expressionCall({ name, children }: Of<'Function'>, bound: Bound): Part {
    const definition = EXPRESSION_FUNCTIONS[name];
    const [first, second, ...more] = children;
    if (!definition || !first || !second || more.length > 0) {
      this.#scope.report({
        code: 'config.wrong_arity',
        message: `"${name}" takes 2 arguments, not ${children.length}`,
        path: this.#scope.at,
      });
      this.#sound = false;
      return NOTHING;
    }
    const [expression, list] = definition.expression === 0 ? [first, second] : [second, first];
    if (expression.type !== 'ExpressionReference' || list.type === 'ExpressionReference') {
      const form = definition.parameters.map((one) => (one === 'expression' ? '&name' : one)).join(', ');
      return this.#refuse(`"${name}" takes an expression, which begins with &`, `Write ${name}(${form}).`);
    }
    return expressionCallPart(name, definition, this.#part(list, bound), this.#part(expression.child, bound));
  }

  #let({ bindings, expression }: Of<'LetExpression'>, bound: Bound): Part {
    const inner = new Map(bound);
    const values = bindings.map((binding) => {
      const part =
        binding.type === 'Binding'
          ? this.#part(binding.reference, bound)
          : this.#refuse('"let" takes $name = …');
      return { name: binding.variable, part };
    });
    const first = this.#variables;
    for (const { name } of values) inner.set(name, this.#variables++);
    const { run } = this.#part(expression, inner);
    this.#variables = first;
    return {
      run: (value, frame) => {
        const variables = frame.variables.slice(0, first);
        for (const { part } of values) variables.push(part.run(value, frame));
        return run(value, { root: frame.root, variables });
      },
    };
  }

  #variable({ name }: Of<'Variable'>, bound: Bound): Part {
    const index = bound.get(name);
    if (index === undefined)
      return this.#refuse(`there is no variable ${name}`, 'Bind it with "let $name = … in …".');
    return { run: (_, frame) => frame.variables[index] ?? null };
  }
}

/** True where a number in a literal is not what was written. */
function hasUnsafe(value: Json): boolean {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasUnsafe);
}
