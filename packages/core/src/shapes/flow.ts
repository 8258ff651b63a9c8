import type { Component } from '../define.ts';
import type { OptionPath, Report } from '../findings.ts';
import { isObject, type Json } from '../json.ts';
import { checkOptions } from '../options.ts';
import type { Audience, ChainFlow, FlowFile, FlowProject } from './flow-project.ts';
import { OptionShapes } from './option-shapes.ts';
import { assumed, nothing, type Shape, UNKNOWN } from './shape.ts';
import type { ShapeCheck } from './shape-check.ts';
import { visitOptions } from './visit-options.ts';

const silent: Report = () => {};
const NOBODY: Audience = { read: silent, found: silent };

/** Follows records through the chains of one file, by their shapes, and reports what can never be. */
export class Flow implements ChainFlow {
  readonly project: FlowProject;
  readonly file: FlowFile;
  readonly audience: Audience;
  /** Ids of the saved transformers that are being followed. */
  readonly #using: readonly string[];

  constructor(
    project: FlowProject,
    file: FlowFile,
    audience: Audience = { read: file.report, found: file.report },
    using: readonly string[] = [],
  ) {
    this.project = project;
    this.file = file;
    this.audience = audience;
    this.#using = using;
  }

  /** What leaves a chain. Behind a step that lets nothing through the rest is told to be unreachable, once. */
  steps(steps: readonly Json[], at: OptionPath, record: Shape): Shape {
    let shape = record;
    let dropped = record.kind === 'nothing';
    for (const [index, step] of steps.entries()) {
      const place = [...at, index];
      const made = this.#step(step, place, assumed(shape));
      shape = dropped ? nothing(assumed(made)) : made;
      if (!dropped && made.kind === 'nothing') {
        dropped = true;
        if (index + 1 < steps.length) this.#unreachable(step, [...at, index + 1], steps.length - index - 1);
      }
    }
    return shape;
  }

  #unreachable(step: Json, path: OptionPath, count: number): void {
    const [name = ''] = isObject(step) ? Object.keys(step) : [];
    this.audience.found({
      severity: 'warning',
      code: 'config.unreachable_step',
      message: `No record ever comes here: "${name}" before lets none through`,
      hint:
        count === 1
          ? 'Take this step out, or correct the one before.'
          : `Take these ${count} steps out, or correct the one before.`,
      path,
    });
  }

  #step(step: Json, at: OptionPath, record: Shape): Shape {
    const [name] = isObject(step) ? Object.keys(step) : [];
    if (!isObject(step) || name === undefined) return UNKNOWN;
    const definition = this.project.registry.transformer(name);
    const options = definition && checkOptions(definition.options, step[name] ?? null, silent, name);
    if (!definition || options === undefined) return UNKNOWN;
    return this.component(definition as unknown as Component, options, [...at, name], record);
  }

  /** What a component makes of a shape; of one that says nothing of shapes, only its conditions are looked at. */
  component(definition: Component, options: Json, at: OptionPath, record: Shape): Shape {
    const check = new OptionShapes(this, options, at, record);
    if (definition.shape) return definition.shape(options as never, check) ?? UNKNOWN;
    visitOptions(definition.options, options, check);
    return UNKNOWN;
  }

  /** Looks at options that belong to no component, such as those of the file itself. */
  options(options: Json, at: OptionPath, record: Shape): ShapeCheck {
    return new OptionShapes(this, options, at, record);
  }

  /** What leaves a saved chain; what is wrong inside is told once, for all its uses. */
  saved(id: string, record: Shape): Shape {
    const saved = this.project.saved(id);
    if (!saved || this.#using.includes(id)) return UNKNOWN;
    this.project.used(id, record);
    const inner = new Flow(this.project, saved.file, NOBODY, [...this.#using, id]);
    return inner.steps(saved.transformers, ['transformers'], record);
  }
}
