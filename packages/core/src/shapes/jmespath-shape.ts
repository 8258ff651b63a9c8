import { type Node, parseJmespath } from '../expressions/jmespath-syntax.ts';
import type { Services } from '../expressions/services.ts';
import type { OptionFinding } from '../findings.ts';
import type { Json } from '../json.ts';
import { type Fault, fieldOf, memberOf, valuesOf } from './access.ts';
import { faultFinding } from './fault-finding.ts';
import { functionShape } from './function-shapes.ts';
import { join, joinAll } from './join.ts';
import { shapeOf } from './known.ts';
import { assumed, listOf, objectOf, plain, type Shape, scalar, UNKNOWN } from './shape.ts';

type NodeOf<T extends Node['type']> = Node & { readonly type: T };

/** What an expression is read with. */
export interface Reading {
  readonly services: Services;
  /** Told of what can never be found; the place is the caller's to add. */
  readonly report: (finding: Omit<OptionFinding, 'path'>) => void;
}

/** A shape, and how the expression writes the way to it: `customfields[].value`. */
interface Found {
  readonly shape: Shape;
  readonly label: string;
}

/** What an expression comes to for a value of a shape; unknown where it is no expression at all. */
export function expressionShape(expression: string, input: Shape, reading: Reading): Shape {
  let ast: Node;
  try {
    ast = parseJmespath(expression);
  } catch {
    return UNKNOWN;
  }
  return new Evaluation(assumed(input), reading).visit(ast, { shape: assumed(input), label: '' }).shape;
}

/** Follows an expression through shapes as the interpreter follows it through data. */
class Evaluation {
  readonly #root: Shape;
  readonly #reading: Reading;
  readonly #variables = new Map<string, Found>();

  constructor(root: Shape, reading: Reading) {
    this.#root = root;
    this.#reading = reading;
  }

  visit(node: Node, at: Found): Found {
    switch (node.type) {
      case 'Field':
        return this.#field((node as NodeOf<'Field'>).name, at);
      case 'Subexpression':
      case 'Pipe':
      case 'IndexExpression': {
        const { left, right } = node as NodeOf<'Pipe'>;
        return this.visit(right, this.visit(left, at));
      }
      case 'Index':
        return { shape: this.#member(at), label: `${at.label}[${(node as NodeOf<'Index'>).value}]` };
      case 'Slice':
        return { shape: this.#slice(at), label: at.label };
      case 'Identity':
      case 'Current':
        return at;
      case 'Root':
        return { shape: this.#root, label: '' };
      case 'Literal':
        return { shape: shapeOf((node as NodeOf<'Literal'>).value as Json), label: '' };
      case 'Variable':
        return this.#variables.get((node as NodeOf<'Variable'>).name) ?? { shape: UNKNOWN, label: '' };
      default:
        return this.#compound(node, at);
    }
  }

  #field(name: string, at: Found): Found {
    const { shape, fault } = fieldOf(at.shape, name);
    if (fault) this.#fault(fault, at.label);
    const shown = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
    return { shape, label: at.label === '' ? shown : `${at.label}.${shown}` };
  }

  #member(at: Found): Shape {
    const { shape, fault } = memberOf(at.shape);
    if (fault) this.#fault(fault, at.label);
    return shape;
  }

  /** Part of a list is a list; a text has parts, too. */
  #slice(at: Found): Shape {
    return at.shape.kind === 'scalar' || at.shape.kind === 'unknown' ? UNKNOWN : listOf(this.#member(at));
  }

  #fault(fault: Fault, parent: string): void {
    this.#reading.report(faultFinding(fault, parent, 'jmespath'));
  }

  #compound(node: Node, at: Found): Found {
    switch (node.type) {
      case 'Projection':
        return this.#projection(node as NodeOf<'Projection'>, at);
      case 'FilterProjection':
        return this.#filter(node as NodeOf<'FilterProjection'>, at);
      case 'ValueProjection': {
        const { left, right } = node as NodeOf<'ValueProjection'>;
        const of = memberOf(valuesOf(this.visit(left, at).shape)).shape;
        return { shape: listOf(this.visit(right, { shape: of, label: '' }).shape), label: '' };
      }
      case 'Flatten':
        return this.#flatten(node as NodeOf<'Flatten'>, at);
      case 'MultiSelectHash': {
        const pairs = (node as NodeOf<'MultiSelectHash'>).children.map(
          ({ name, value }) => [name, this.visit(value, at).shape] as const,
        );
        return { shape: objectOf(new Map(pairs)), label: '' };
      }
      case 'MultiSelectList': {
        const members = (node as NodeOf<'MultiSelectList'>).children.map(
          (child) => this.visit(child, at).shape,
        );
        return { shape: listOf(plain(joinAll(members))), label: '' };
      }
      case 'Function':
        return { shape: this.#call(node as NodeOf<'Function'>, at), label: '' };
      default:
        return { shape: this.#operator(node, at), label: '' };
    }
  }

  #projection({ left, right }: NodeOf<'Projection'>, at: Found): Found {
    const list = this.visit(left, at);
    const label = `${list.label.replace(/\[\]$/, '')}[]`;
    const sliced = left.type === 'IndexExpression' && left.right.type === 'Slice';
    if (sliced && list.shape.kind !== 'list') return { shape: UNKNOWN, label };
    return { shape: listOf(this.visit(right, { shape: this.#member(list), label }).shape), label };
  }

  #filter({ left, right, condition }: NodeOf<'FilterProjection'>, at: Found): Found {
    const list = this.visit(left, at);
    const member = { shape: this.#member(list), label: `${list.label}[]` };
    this.visit(condition, member);
    return { shape: listOf(this.visit(right, member).shape), label: member.label };
  }

  /** Lists in the list are dissolved, one level of them; other members stay. */
  #flatten({ child }: NodeOf<'Flatten'>, at: Found): Found {
    const list = this.visit(child, at);
    const member = assumed(this.#member(list));
    const label = `${list.label.replace(/\[\]$/, '')}[]`;
    if (member.kind === 'list') return { shape: listOf(member.of), label };
    return { shape: listOf(member.kind === 'unknown' ? UNKNOWN : member), label };
  }

  #call({ name, children }: NodeOf<'Function'>, at: Found): Shape {
    const isExpression = (child: Node) => child.type === 'ExpressionReference';
    const args = children.map((child) => (isExpression(child) ? UNKNOWN : this.visit(child, at).shape));
    const reference = children.find(isExpression) as NodeOf<'ExpressionReference'> | undefined;
    if (!reference) return functionShape(name, args, this.#reading.services);
    const of = (member: Shape) => this.visit(reference.child, { shape: member, label: '' }).shape;
    const list = args.find((arg) => assumed(arg).kind === 'list');
    if (name !== 'map') of(list ? memberOf(list).shape : UNKNOWN);
    return functionShape(name, args, this.#reading.services, of);
  }

  #operator(node: Node, at: Found): Shape {
    const shape = (child: Node) => this.visit(child, at).shape;
    switch (node.type) {
      case 'OrExpression':
      case 'AndExpression': {
        const { left, right } = node as NodeOf<'OrExpression'>;
        return plain(join(shape(left), shape(right)));
      }
      case 'Ternary': {
        const { condition, trueExpr, falseExpr } = node as NodeOf<'Ternary'>;
        shape(condition);
        return plain(join(shape(trueExpr), shape(falseExpr)));
      }
      case 'Comparator': {
        const { left, right } = node as NodeOf<'Comparator'>;
        shape(left);
        shape(right);
        return scalar('boolean');
      }
      case 'NotExpression':
        shape((node as NodeOf<'NotExpression'>).child);
        return scalar('boolean');
      case 'Arithmetic': {
        const { left, right } = node as NodeOf<'Arithmetic'>;
        shape(left);
        shape(right);
        return scalar('number');
      }
      case 'Unary':
        shape((node as NodeOf<'Unary'>).operand);
        return scalar('number');
      case 'LetExpression': {
        const { bindings, expression } = node as NodeOf<'LetExpression'>;
        for (const { variable, reference } of bindings)
          this.#variables.set(variable, this.visit(reference, at));
        return shape(expression);
      }
      default:
        return UNKNOWN;
    }
  }
}
