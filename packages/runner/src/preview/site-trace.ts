import type { JsonObject, StepPlace, StepTrace, Trace } from '@millrace/core';
import type { Project } from '../config/project.ts';
import { type ChainSite, innerChain, rootChain, type StepSite, stepSite, type Target } from './step-site.ts';

/** Watches one step at its work on one record. */
export interface StepWatch {
  /** A chain inside the step got a record. */
  entered?(chain: ChainSite): void;
  made?(entities: readonly JsonObject[]): void;
  failed?(error: Error): void;
}

/** Told of every step that gets a record, with its place in the files. `depth` counts the steps around it. */
export type Watch = (step: StepSite, data: JsonObject, depth: number) => StepWatch;

/** A trace that knows where in the files each step stands. */
export function siteTrace(target: Target, project: Project, watches: readonly Watch[]): Trace {
  return new ChainTrace((label) => rootChain(target, label, project), project, watches, 0);
}

class ChainTrace implements Trace {
  readonly #chain: (label: string) => ChainSite;
  readonly #project: Project;
  readonly #watches: readonly Watch[];
  readonly #depth: number;

  constructor(
    chain: (label: string) => ChainSite,
    project: Project,
    watches: readonly Watch[],
    depth: number,
  ) {
    this.#chain = chain;
    this.#project = project;
    this.#watches = watches;
    this.#depth = depth;
  }

  step(place: StepPlace, data: JsonObject): StepTrace {
    const site = stepSite(this.#chain(place.chain), place);
    const watched = this.#watches.map((watch) => watch(site, data, this.#depth));
    const inside = (label: string): ChainSite => {
      const chain = innerChain(site, label, this.#project);
      for (const one of watched) one.entered?.(chain);
      return chain;
    };
    return {
      inner: new ChainTrace(inside, this.#project, this.#watches, this.#depth + 1),
      made: (entities) => {
        for (const one of watched) one.made?.(entities);
      },
      failed: (error) => {
        for (const one of watched) one.failed?.(error);
      },
    };
  }
}
