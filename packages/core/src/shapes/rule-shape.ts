import { type Constant, constantRule } from '../expressions/constant.ts';
import { isObject, type Json } from '../json.ts';
import { varStep } from './access.ts';
import { faultFinding } from './fault-finding.ts';
import { functionShape } from './function-shapes.ts';
import { join, joinAll } from './join.ts';
import { shapeOf } from './known.ts';
import { contradiction, type Side, verdictOf } from './rule-truth.ts';
import { assumed, listOf, objectOf, plain, type Shape, scalar, UNKNOWN } from './shape.ts';
import { below, type SourceScope } from './source-scope.ts';

/** What a rule comes to. `truth`: the same for every record. `told`: the reason has been reported already. */
export interface RuleShape {
  readonly shape: Shape;
  readonly truth?: boolean;
  readonly told?: boolean;
}

/** What a JSON Logic rule comes to for data of a shape; what it reads and cannot find is reported. */
export function ruleShape(rule: Json, data: Shape, scope: SourceScope): RuleShape {
  const constant = constantOf(rule, scope);
  if (constant) return { shape: shapeOf(constant.value), truth: truthy(constant.value) };
  if (Array.isArray(rule)) {
    const members = (rule as readonly Json[]).map(
      (one, index) => ruleShape(one, data, below(scope, index)).shape,
    );
    return { shape: listOf(plain(joinAll(members))) };
  }
  if (!isObject(rule) || Object.keys(rule).length !== 1) {
    return { shape: { ...shapeOf(rule), ...(scope.isVariable(scope.at) && { variable: true }) } };
  }
  const [operator = ''] = Object.keys(rule);
  const given = rule[operator] ?? null;
  const args = Array.isArray(given) ? (given as readonly Json[]) : [given];
  const inner = below(scope, operator);
  const at = (index: number) => (Array.isArray(given) ? below(inner, index) : inner);
  return new Operation(operator, args, at, data, scope).shape();
}

const NAMES = {
  boolean: new Set(['==', '===', '!=', '!==', '<', '<=', '>', '>=', 'in', 'all', 'none', 'some']),
  number: new Set(['+', '-', '*', '/', '%', 'min', 'max']),
  text: new Set(['cat', 'substr']),
};
const EACH = new Set(['map', 'filter', 'all', 'none', 'some']);

class Operation {
  readonly #operator: string;
  readonly #args: readonly Json[];
  readonly #at: (index: number) => SourceScope;
  readonly #data: Shape;
  readonly #scope: SourceScope;

  constructor(
    operator: string,
    args: readonly Json[],
    at: (index: number) => SourceScope,
    data: Shape,
    scope: SourceScope,
  ) {
    this.#operator = operator;
    this.#args = args;
    this.#at = at;
    this.#data = data;
    this.#scope = scope;
  }

  shape(): RuleShape {
    const operator = this.#operator;
    if (EACH.has(operator)) return { shape: this.#each() };
    switch (operator) {
      case 'var':
        return { shape: this.#var() };
      case 'missing':
        for (const [index, name] of this.#args.entries()) this.#read(name, this.#at(index));
        return { shape: listOf(scalar('text')) };
      case 'missing_some':
        this.#missingSome();
        return { shape: listOf(scalar('text')) };
      case 'reduce':
        return { shape: this.#reduce() };
      case 'context':
        return { shape: UNKNOWN };
      case 'and':
      case 'or':
        return this.#junction(operator);
      case '!':
      case '!!':
        return this.#negation(operator);
      case 'if':
      case '?:':
        return { shape: this.#if() };
      default:
        return this.#plain();
    }
  }

  #argument(index: number): RuleShape {
    return ruleShape(this.#args[index] ?? null, this.#data, this.#at(index));
  }

  #all(): readonly RuleShape[] {
    return this.#args.map((_, index) => this.#argument(index));
  }

  #plain(): RuleShape {
    const operator = this.#operator;
    const args = this.#all();
    const verdict = verdictOf(
      operator,
      args.map(({ shape }, index): Side => ({ shape, label: labelOf(this.#args[index] ?? null) })),
    );
    if (verdict) {
      const message = `This is always ${verdict.truth}: ${verdict.why}`;
      const { hint } = verdict;
      const path = [...this.#scope.at, operator];
      this.#scope.report({
        severity: 'warning',
        code: 'config.constant_condition',
        message,
        hint,
        path,
        atKey: true,
      });
      return { shape: scalar('boolean'), truth: verdict.truth, told: true };
    }
    if (NAMES.boolean.has(operator)) return { shape: scalar('boolean') };
    if (NAMES.number.has(operator)) return { shape: scalar('number') };
    if (NAMES.text.has(operator)) return { shape: scalar('text') };
    if (operator === 'merge') return { shape: listOf(UNKNOWN) };
    const shapes = args.map(({ shape }) => shape);
    return { shape: functionShape(operator, shapes, this.#scope.services) };
  }

  #var(): Shape {
    const [path = null, otherwise] = this.#args;
    const fallback = otherwise === undefined ? undefined : this.#argument(1).shape;
    if (isObject(path) || Array.isArray(path)) {
      this.#argument(0);
      return UNKNOWN;
    }
    const shape = this.#read(path, this.#at(0));
    return fallback ? plain(join(shape, fallback)) : shape;
  }

  /** What stands at the path of a `var`. */
  #read(path: Json, scope: SourceScope): Shape {
    if (path === '' || path === null) return this.#data;
    if (typeof path === 'object') return UNKNOWN;
    let shape = this.#data;
    let parent = '';
    for (const key of String(path).split('.')) {
      const found = varStep(shape, key);
      if (found.fault) {
        scope.report({ ...faultFinding(found.fault, parent, 'rule'), path: scope.at });
        return UNKNOWN;
      }
      shape = found.shape;
      parent = parent === '' ? key : `${parent}.${key}`;
    }
    return shape;
  }

  #missingSome(): void {
    const [, names] = this.#args;
    if (!Array.isArray(names)) return;
    for (const [index, name] of (names as readonly Json[]).entries())
      this.#read(name, below(this.#at(1), index));
  }

  #member(): Shape {
    const list = assumed(this.#argument(0).shape);
    return list.kind === 'list' ? list.of : UNKNOWN;
  }

  #each(): Shape {
    const member = this.#member();
    const { shape } = ruleShape(this.#args[1] ?? null, member, this.#at(1));
    if (this.#operator === 'map') return listOf(plain(shape));
    return this.#operator === 'filter' ? listOf(member) : scalar('boolean');
  }

  #reduce(): Shape {
    const current = this.#member();
    const start = this.#args.length > 2 ? this.#argument(2).shape : UNKNOWN;
    ruleShape(this.#args[1] ?? null, objectOf({ current, accumulator: UNKNOWN }), this.#at(1));
    return start.kind === 'scalar' ? plain(start) : UNKNOWN;
  }

  #if(): Shape {
    const parts = this.#all();
    const results = parts.filter((_, index) => index % 2 === 1 || index === parts.length - 1);
    return plain(joinAll(results.map(({ shape }) => shape)));
  }

  #negation(operator: '!' | '!!'): RuleShape {
    const { truth, told } = this.#argument(0);
    const shape = scalar('boolean');
    if (truth === undefined) return { shape };
    return { shape, truth: operator === '!' ? !truth : truth, ...(told && { told }) };
  }

  #junction(operator: 'and' | 'or'): RuleShape {
    const parts = this.#all();
    const shape = plain(joinAll(parts.map((part) => part.shape)));
    const decisive = operator === 'or';
    const deciding = parts.find(({ truth }) => truth === decisive);
    if (deciding) return { shape, truth: decisive, ...(deciding.told && { told: true }) };
    if (parts.length > 0 && parts.every(({ truth }) => truth === !decisive)) {
      return { shape, truth: !decisive, ...(parts.some(({ told }) => told) && { told: true }) };
    }
    const name = contradiction(operator, this.#args);
    if (name === undefined) return { shape };
    this.#contradicts(operator, name);
    return { shape, truth: decisive, told: true };
  }

  #contradicts(operator: 'and' | 'or', name: string): void {
    const message =
      operator === 'and'
        ? `This is always false: "${name}" cannot be two things at once`
        : `This is always true: "${name}" always differs from one of the two`;
    const hint =
      operator === 'and' ? 'Write "or", or { in: [{ var: … }, […]] }.' : 'Write "and" instead of "or".';
    const path = [...this.#scope.at, operator];
    this.#scope.report({
      severity: 'warning',
      code: 'config.constant_condition',
      message,
      hint,
      path,
      atKey: true,
    });
  }
}

function labelOf(rule: Json): string {
  const path = isObject(rule) && Object.keys(rule).length === 1 ? rule['var'] : undefined;
  const name = Array.isArray(path) ? path[0] : path;
  return typeof name === 'string' ? name : '';
}

function truthy(value: Json): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** What a rule comes to that reads nothing of the record, the context, the clock or the environment. */
function constantOf(rule: Json, scope: SourceScope): Constant {
  return hasVariable(rule, scope) ? undefined : constantRule(rule, scope.services);
}

function hasVariable(rule: Json, scope: SourceScope): boolean {
  if (scope.isVariable(scope.at)) return true;
  if (Array.isArray(rule))
    return (rule as readonly Json[]).some((one, index) => hasVariable(one, below(scope, index)));
  return isObject(rule) && Object.entries(rule).some(([key, one]) => hasVariable(one, below(scope, key)));
}
