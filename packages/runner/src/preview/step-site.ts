import { type Location, type OptionPath, type StepPlace, showPath } from '@millrace/core';
import type { IncomingResource, OutgoingResource, Project, RouteResource } from '../config/project.ts';

/** What records can be taken through by itself. */
export type TargetKind = 'incoming' | 'routes' | 'outgoing' | 'transformers';

export interface Target {
  readonly kind: TargetKind;
  readonly id: string;
}

/** A chain of transformers as it stands in a file. */
export interface ChainSite {
  /** The resource that holds it, as `routes/tickets`. */
  readonly owner: string;
  readonly path: OptionPath;
}

/** One step as it stands in a file. */
export interface StepSite extends ChainSite {
  readonly name: string;
}

/** The step of a chain that a trace tells of. */
export function stepSite(chain: ChainSite, { index, name }: StepPlace): StepSite {
  return { owner: chain.owner, path: [...chain.path, index, name], name };
}

/** Where a chain inside a step stands: in the step, or, for `use`, in the file of the saved transformer. */
export function innerChain(step: StepSite, label: string, project: Project): ChainSite {
  if (step.name === 'use' && project.transformers.has(label))
    return { owner: `transformers/${label}`, path: ['transformers'] };
  return { owner: step.owner, path: [...step.path, ...parseLabel(label)] };
}

/** Where a chain of the target itself stands: its transformers, or an option of its publisher or subscriber. */
export function rootChain(target: Target, label: string, project: Project): ChainSite {
  const owner = `${target.kind}/${target.id}`;
  if (label === 'transformers' || target.kind === 'transformers') return { owner, path: ['transformers'] };
  const outgoing = target.kind === 'outgoing' ? project.outgoing.get(target.id) : undefined;
  const slot = outgoing ? ['publisher', outgoing.publisher.component] : [];
  return { owner, path: [...slot, ...parseLabel(label)] };
}

/** `cases[0].then` as a path of options. */
function parseLabel(label: string): OptionPath {
  return [...label.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, key]) =>
    index === undefined ? String(key) : Number(index),
  );
}

type TargetResource = IncomingResource | RouteResource | OutgoingResource | SavedResource;
type SavedResource = NonNullable<ReturnType<Project['transformers']['get']>>;

export function resourceOf(project: Project, owner: string): TargetResource | undefined {
  const [kind = '', ...rest] = owner.split('/');
  return project[kind as TargetKind]?.get(rest.join('/'));
}

/** The place of a step, or of a chain, in the files of the project. */
export function locateSite(project: Project, { owner, path }: ChainSite): Location {
  return resourceOf(project, owner)?.locate(path) ?? { path: showPath(path) };
}
