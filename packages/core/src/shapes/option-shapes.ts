import type { ErrorCode } from '../error-codes.ts';
import type { OptionPath, Report } from '../findings.ts';
import { isObject, type Json } from '../json.ts';
import { fieldOf } from './access.ts';
import { faultFinding } from './fault-finding.ts';
import { checkFit } from './fit.ts';
import type { ChainFlow } from './flow-project.ts';
import { tableShape } from './function-shapes.ts';
import { expressionShape } from './jmespath-shape.ts';
import { shapeAt, stepsOf } from './places.ts';
import { ruleShape } from './rule-shape.ts';
import { assumed, type Shape, UNKNOWN } from './shape.ts';
import type { Consequences, ShapeCheck } from './shape-check.ts';
import { reportAt, type SourceScope } from './source-scope.ts';
import { valueShape } from './value-shape.ts';

/** The options of one component, evaluated on shapes. */
export class OptionShapes implements ShapeCheck {
  readonly record: Shape;
  readonly #flow: ChainFlow;
  readonly #options: Json;
  /** Of the options, from the root of the file. */
  readonly #at: OptionPath;

  constructor(flow: ChainFlow, options: Json, at: OptionPath, record: Shape) {
    this.#flow = flow;
    this.#options = options;
    this.#at = at;
    this.record = assumed(record);
  }

  readonly report: Report = (finding) =>
    this.#flow.audience.found({ ...finding, path: [...this.#at, ...finding.path] });

  readonly #read: Report = (finding) =>
    this.#flow.audience.read({ ...finding, path: [...this.#at, ...finding.path] });

  #source(at: OptionPath): Json | undefined {
    let node: Json | undefined = this.#options;
    for (const key of at) {
      if (Array.isArray(node)) node = (node as readonly Json[])[Number(key)];
      else node = isObject(node) && Object.hasOwn(node, String(key)) ? node[String(key)] : undefined;
    }
    return node;
  }

  #scope(at: OptionPath): SourceScope {
    const { services } = this.#flow.project;
    const { audience, file } = this.#flow;
    return { services, report: audience.read, at: [...this.#at, ...at], isVariable: file.isVariable };
  }

  value(at: OptionPath, record = this.record): Shape {
    const source = this.#source(at);
    if (source === undefined) return UNKNOWN;
    return valueShape(source, assumed(record), this.#scope(at), this.#flow.file.report);
  }

  condition(at: OptionPath, consequences: Consequences, record = this.record): boolean | undefined {
    const source = this.#source(at);
    if (source === undefined) return undefined;
    const { truth, told } = ruleShape(source, assumed(record), this.#scope(at));
    if (truth === undefined || told) return truth;
    const { whenTrue, whenFalse } = consequences;
    this.report({
      severity: 'warning',
      code: 'config.constant_condition',
      message: `This condition is always ${truth}: ${truth ? whenTrue : whenFalse}`,
      hint: 'A condition looks at the record: { var: FIELD } reads a field of it.',
      path: at,
    });
    return truth;
  }

  expression(at: OptionPath, record = this.record): Shape {
    const source = this.#source(at);
    if (typeof source !== 'string') return UNKNOWN;
    const scope = this.#scope(at);
    return expressionShape(source, assumed(record), { services: scope.services, report: reportAt(scope) });
  }

  place(at: OptionPath, record = this.record, pattern?: string): Shape {
    const source = pattern ?? this.#source(at);
    const steps = typeof source === 'string' ? stepsOf(source) : undefined;
    if (!steps) return UNKNOWN;
    const { shape, fault, parent } = shapeAt(record, steps);
    const atKey = pattern !== undefined;
    if (fault) this.#read({ ...faultFinding(fault, parent, 'path'), path: at, ...(atKey && { atKey }) });
    return shape;
  }

  field(name: string, at: OptionPath, record = this.record): Shape {
    const { shape, fault } = fieldOf(record, name);
    if (fault) this.#read({ ...faultFinding(fault, '', 'path'), path: at });
    return shape;
  }

  steps(at: OptionPath, record = this.record): Shape {
    const source = this.#source(at);
    if (!Array.isArray(source)) return record;
    return this.#flow.steps(source as readonly Json[], [...this.#at, ...at], record);
  }

  saved(id: string, record = this.record): Shape {
    return this.#flow.saved(id, record);
  }

  table(id: string): Shape {
    return tableShape(id, this.#flow.project.services);
  }

  fits(given: Shape, wanted: Shape, unknownName?: ErrorCode): void {
    checkFit(given, wanted, unknownName);
  }
}
