import { checkOptions, type Json, type Report, type Shape, shapes } from '@millrace/core';
import type { CheckedFile } from '../check-file.ts';
import { checkIdentity } from './identity.ts';
import { content, type Rule, type Slot, savedTransformer, slotOf } from './rule.ts';

/**
 * Follows records by what is known of them before anything runs: from what a subscriber reads, through the chains of its
 * incoming and its routes, into what a publisher sends.
 */
export function records(rule: Rule): void {
  new RecordCheck(rule).check();
}

const silent: Report = () => {};

/** A route's records, and the outgoing that they go to. */
interface RouteRecords {
  readonly id: string;
  readonly outgoing: Json | undefined;
  readonly shape: Shape;
}

class RecordCheck {
  readonly #rule: Rule;
  readonly #project: shapes.FlowProject;
  /** What saved transformers are used on, by their ids. */
  readonly #used = new Map<string, Shape>();
  #recording = true;

  constructor(rule: Rule) {
    this.#rule = rule;
    this.#project = {
      registry: rule.registry,
      services: { now: () => Date.now(), tables: rule.tables },
      saved: (id) => {
        const file = rule.files.transformers.get(id);
        const saved = savedTransformer(file);
        return file && saved ? { ...saved, file: this.#file(file) } : undefined;
      },
      used: (id, shape) => {
        const before = this.#used.get(id);
        if (this.#recording) this.#used.set(id, before ? shapes.join(before, shape) : shape);
      },
    };
  }

  check(): void {
    const { files } = this.#rule;
    const incoming = new Map([...files.incoming].map(([id, file]) => [id, this.#incoming(file)]));
    const routes = [...files.routes].map(([id, file]) => this.#route(id, file, incoming));
    for (const [id, file] of files.outgoing) {
      const mine = routes.filter((route) => route.outgoing === id);
      this.#outgoing(file, mine);
    }
    this.#recording = false;
    for (const [id, file] of files.transformers) {
      this.#chain(file, this.#used.get(id) ?? shapes.UNKNOWN);
    }
  }

  #file(file: CheckedFile): shapes.FlowFile {
    return {
      report: (finding) => this.#rule.report(file, finding),
      isVariable: (path) => file.fromEnvironment.has(JSON.stringify(path)),
    };
  }

  #chain(file: CheckedFile, shape: Shape, audience?: shapes.Audience): Shape {
    const steps = content(file)['transformers'];
    const flow = new shapes.Flow(this.#project, this.#file(file), audience);
    return Array.isArray(steps) ? flow.steps(steps as readonly Json[], ['transformers'], shape) : shape;
  }

  /** What the component of a slot makes of a shape. */
  #slot(file: CheckedFile, slot: Slot, shape: Shape, audience?: shapes.Audience): Shape {
    const used = slotOf(file, slot);
    const definition = used && this.#rule.registry.component(slot, used.name);
    if (!used || !definition) return shapes.UNKNOWN;
    const { client: _, ...rest } = used.options;
    const options = checkOptions(definition.options, definition.client ? rest : used.options, () => {});
    if (options === undefined) return shapes.UNKNOWN;
    const flow = new shapes.Flow(this.#project, this.#file(file), audience);
    return flow.component(definition, options, [slot, used.name], shape);
  }

  /** What the file itself reads of records that leave its chain. */
  #fields(file: CheckedFile, shape: Shape): void {
    const flow = new shapes.Flow(this.#project, this.#file(file));
    checkIdentity(content(file), flow.options(content(file), [], shapes.assumed(shape)));
  }

  #incoming(file: CheckedFile): Shape {
    const shape = this.#chain(file, this.#coming(file));
    this.#fields(file, shape);
    return shape;
  }

  /** What comes into an incoming. Of a receiver that does not know, what its subscriber reads: both go one way. */
  #coming(file: CheckedFile): Shape {
    const [read, received] = (['subscriber', 'receiver'] as const).map((slot) =>
      slotOf(file, slot) ? this.#slot(file, slot, shapes.UNKNOWN) : undefined,
    );
    if (!received || (read && received === shapes.UNKNOWN)) return read ?? shapes.UNKNOWN;
    return read ? shapes.join(read, received) : received;
  }

  #route(id: string, file: CheckedFile, incoming: ReadonlyMap<string, Shape>): RouteRecords {
    const source = content(file)['incoming'];
    const given = (typeof source === 'string' ? incoming.get(source) : undefined) ?? shapes.UNKNOWN;
    const shape = this.#chain(file, given);
    this.#fields(file, shape);
    return { id, outgoing: content(file)['outgoing'], shape };
  }

  /** What is read is looked at once, for all routes together; what is sent, for each of them as well. */
  #outgoing(file: CheckedFile, routes: readonly RouteRecords[]): void {
    const coming = routes.filter(({ shape }) => shape.kind !== 'nothing');
    const some = coming.length > 0 ? coming : routes;
    const message = this.#chain(file, shapes.joinAll(some.map(({ shape }) => shapes.assumed(shape))));
    this.#slot(file, 'publisher', shapes.assumed(message));
    if (some.length < 2) return;
    for (const { id, shape } of some) {
      const own = this.#chain(file, shapes.assumed(shape), { read: silent, found: silent });
      const found: Report = (finding) =>
        this.#rule.report(file, { ...finding, message: `${finding.message} (route "${id}")` });
      this.#slot(file, 'publisher', shapes.assumed(own), { read: silent, found });
    }
  }
}
