import {
  isObject,
  type Json,
  type JsonObject,
  type Location,
  type OptionPath,
  type Registry,
  showPath,
} from '@millrace/core';
import type { Project } from '../config/project.ts';
import type { Watch } from '../preview/site-trace.ts';
import { type ChainSite, locateSite, type StepSite, type TargetKind } from '../preview/step-site.ts';

/** A step, or one way out of a step, that cases can reach. */
interface Point extends ChainSite {
  readonly kind: 'step' | 'branch';
  /** Of a branch: which of them. */
  readonly branch?: string;
  hits: number;
}

export interface Unreached extends Location {
  readonly kind: 'step' | 'branch';
  /** What was not reached, in words. */
  readonly what: string;
}

export interface Tally {
  readonly steps: number;
  readonly stepsReached: number;
  readonly branches: number;
  readonly branchesReached: number;
}

export interface TargetCoverage extends Tally {
  readonly target: string;
  readonly unreached: readonly Unreached[];
}

export interface CoverageReport extends Tally {
  readonly targets: readonly TargetCoverage[];
}

const KINDS: readonly TargetKind[] = ['incoming', 'routes', 'outgoing', 'transformers'];

/** Which steps of a project's chains, and which of their branches, any case reached. */
export class Coverage {
  readonly #project: Project;
  readonly #points = new Map<string, Point>();
  /** The branches of each step that has some. */
  readonly #branches = new Map<string, string[]>();

  constructor(project: Project) {
    this.#project = project;
    for (const kind of KINDS) {
      for (const [id, { transformers }] of project[kind])
        this.#chain({ owner: `${kind}/${id}`, path: ['transformers'] }, transformers);
    }
  }

  readonly watch: Watch = (step) => {
    this.#hit(step);
    const entered = new Set<string>();
    const left = () => {
      for (const branch of this.#taken(step, entered)) this.#hit(step, branch);
    };
    return {
      entered: (chain) => void entered.add(showPath(chain.path.slice(step.path.length))),
      made: (entities) => {
        if (step.name === 'filter') this.#hit(step, entities.length > 0 ? 'passes' : 'drops');
        left();
      },
      failed: left,
    };
  };

  report(): CoverageReport {
    const owners = new Map<string, Point[]>();
    for (const point of this.#points.values())
      owners.set(point.owner, [...(owners.get(point.owner) ?? []), point]);
    const targets = [...owners].map(([target, points]) => ({
      target,
      ...tally(points),
      unreached: points
        .filter((point) => point.hits === 0 && !this.#isMoot(point))
        .map((point) => this.#describe(point)),
    }));
    return { ...tally([...this.#points.values()]), targets };
  }

  /** A branch of a step that was never reached says nothing new. */
  #isMoot({ owner, path, branch }: Point): boolean {
    return branch !== undefined && this.#points.get(keyOf({ owner, path }))?.hits === 0;
  }

  #describe({ kind, owner, path, branch }: Point): Unreached {
    const place = locateSite(this.#project, { owner, path });
    return {
      kind,
      what: branch === undefined ? 'no record came here' : (BRANCHES[branch] ?? `never ${branch}`),
      ...place,
    };
  }

  #hit(site: ChainSite, branch?: string): void {
    const point = this.#points.get(keyOf(site, branch));
    if (point) point.hits++;
  }

  #add(site: ChainSite, branch?: string): void {
    const { owner, path } = site;
    const kind = branch === undefined ? 'step' : 'branch';
    if (branch !== undefined)
      this.#branches.set(keyOf(site), [...(this.#branches.get(keyOf(site)) ?? []), branch]);
    this.#points.set(keyOf(site, branch), {
      kind,
      owner,
      path,
      hits: 0,
      ...(branch !== undefined && { branch }),
    });
  }

  #chain(chain: ChainSite, steps: readonly Json[]): void {
    steps.forEach((step, index) => {
      if (!isObject(step)) return;
      const [name = ''] = Object.keys(step);
      const site: StepSite = { owner: chain.owner, path: [...chain.path, index, name], name };
      const options = step[name] ?? null;
      this.#add(site);
      for (const branch of branchesOf(name, options)) this.#add(site, branch);
      for (const { path, steps: inner } of innerSteps(this.#project.registry, name, options))
        this.#chain({ owner: chain.owner, path: [...site.path, ...path] }, inner);
    });
  }

  /** The branches that a record took which entered these chains of a step: a chain without steps is entered unseen. */
  #taken({ name, ...site }: StepSite, entered: ReadonlySet<string>): readonly string[] {
    if (name !== 'if' && name !== 'switch') return [];
    const branches = this.#branches.get(keyOf(site)) ?? [];
    const seen = branches.filter((branch) => entered.has(branch));
    if (seen.length > 0) return seen;
    const empty = branches.filter((branch) => !this.#hasSteps(site, branch));
    return empty.length === 1 ? empty : empty.filter((branch) => branch === 'else');
  }

  #hasSteps({ owner, path }: ChainSite, branch: string): boolean {
    const prefix = `${keyOf({ owner, path })}.${branch}[`;
    return [...this.#points.keys()].some((key) => key.startsWith(prefix));
  }
}

const BRANCHES: Readonly<Record<string, string>> = {
  passes: 'no record passed',
  drops: 'no record was dropped',
  then: 'the rule was never true',
  else: 'no record took "else"',
};

function keyOf({ owner, path }: ChainSite, branch = ''): string {
  return `${owner} ${showPath(path)}${branch === '' ? '' : ` ${branch}`}`;
}

function branchesOf(name: string, options: Json): readonly string[] {
  if (name === 'filter') return ['passes', 'drops'];
  if (name === 'if') return ['then', 'else'];
  if (name !== 'switch' || !isObject(options)) return [];
  const cases = Array.isArray(options['cases']) ? (options['cases'] as readonly Json[]) : [];
  return [...cases.map((_, index) => `cases[${index}].then`), 'else'];
}

interface StepsSchema {
  readonly millrace?: string;
  readonly properties?: Readonly<Record<string, StepsSchema>>;
  readonly items?: StepsSchema;
  readonly anyOf?: readonly StepsSchema[];
}

/** The chains that stand in the options of a step. */
function innerSteps(
  registry: Registry,
  name: string,
  options: Json,
): readonly { readonly path: OptionPath; readonly steps: readonly Json[] }[] {
  const found: { path: OptionPath; steps: readonly Json[] }[] = [];
  const walk = (schema: StepsSchema, value: Json, path: OptionPath): void => {
    if (schema.millrace === 'steps' && Array.isArray(value)) found.push({ path, steps: value });
    else if (Array.isArray(value))
      for (const [index, member] of value.entries())
        walk(schema.items ?? {}, member as Json, [...path, index]);
    else if (isObject(value)) members(schema, value, path);
    for (const choice of schema.anyOf ?? []) walk(choice, value, path);
  };
  const members = (schema: StepsSchema, value: JsonObject, path: OptionPath): void => {
    for (const [key, member] of Object.entries(value)) {
      const inner = schema.properties?.[key];
      if (inner) walk(inner, member, [...path, key]);
    }
  };
  walk((registry.transformer(name)?.options ?? {}) as StepsSchema, options, []);
  return found;
}

function tally(points: readonly Point[]): Tally {
  const count = (kind: Point['kind'], reached: boolean) =>
    points.filter((point) => point.kind === kind && (!reached || point.hits > 0)).length;
  return {
    steps: count('step', false),
    stepsReached: count('step', true),
    branches: count('branch', false),
    branchesReached: count('branch', true),
  };
}
