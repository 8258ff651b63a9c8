import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '@millrace/core';
import type {
  CompiledIncoming,
  CompiledOutgoing,
  CompiledProject,
  CompiledRoute,
} from '../compile/compile.ts';
import { clientsOf } from '../config/client-use.ts';
import type { Project, Resource } from '../config/project.ts';
import type { Engine } from '../engine.ts';

/** A part of a project that runs by itself, and goes on when a reload leaves it as it was. */
export type Unit =
  | {
      readonly kind: 'incoming';
      readonly id: string;
      readonly signature: string;
      readonly incoming: CompiledIncoming;
    }
  | {
      /** Takes what comes to `/hooks/ID`. */
      readonly kind: 'hooks';
      readonly id: string;
      readonly signature: string;
      readonly incoming: CompiledIncoming;
    }
  | {
      readonly kind: 'outgoing';
      readonly id: string;
      readonly signature: string;
      readonly outgoing: CompiledOutgoing;
      readonly routes: readonly CompiledRoute[];
    };

/** What runs of a project: its incomings with a schedule or a receiver, its outgoings with routes to work. */
export function unitsOf({ compiled }: Engine): readonly Unit[] {
  const { project } = compiled;
  const shared = sharedBy(compiled);
  const all = [...compiled.incoming.values()];
  const incoming = [
    ...all.filter((one) => one.resource.schedule).map((one) => ({ kind: 'incoming' as const, one })),
    ...all.filter((one) => one.receiver).map((one) => ({ kind: 'hooks' as const, one })),
  ];
  const routes = [...compiled.incoming.values()]
    .flatMap((one) => one.routes)
    .filter((one) => one.resource.enabled);
  const outgoing = [...compiled.outgoing.values()].filter((one) => one.enabled);
  return [
    ...incoming.map(({ kind, one }) => ({
      kind,
      id: `${kind}/${one.id}`,
      signature: sign(project, shared, [
        one.resource,
        ...one.routes.flatMap((route) => [route.resource, route.outgoing.resource]),
      ]),
      incoming: one,
    })),
    ...outgoing.flatMap((one) => {
      const own = routes.filter((route) => route.outgoing === one);
      if (own.length === 0) return [];
      // What failed before it was a task goes through its incoming's chain again, in the outgoing's worker.
      const sources = own.flatMap((route) => project.incoming.get(route.resource.incoming) ?? []);
      const signature = sign(project, shared, [
        one.resource,
        ...own.map((route) => route.resource),
        ...sources,
      ]);
      return [{ kind: 'outgoing' as const, id: `outgoing/${one.id}`, signature, outgoing: one, routes: own }];
    }),
  ];
}

/** What every unit may use. */
function sharedBy({ project, filesRead }: CompiledProject): string {
  const { transformers, storages, tables, pluginVersions } = project;
  const files = [...tables].map(([id, table]) => [id, [...table]]);
  return digest([...transformers.values(), ...storages.values(), files, [...filesRead], pluginVersions]);
}

function digest(parts: readonly unknown[]): string {
  const plain = JSON.parse(JSON.stringify(parts)) as Json;
  return createHash('sha256').update(canonicalJson(plain)).digest('hex');
}

/** Tells whether anything that a unit is made of changed: its files, its clients, what they all may use. */
function sign(project: Project, shared: string, resources: readonly Resource[]): string {
  const clients = resources
    .flatMap((one) => [...clientsOf(project, one)])
    .flatMap((id) => project.clients.get(id) ?? []);
  return digest([resources, clients, shared]);
}

/** Tells whether a client is the same in another project. */
export function clientSignature(project: Project, id: string): string {
  return canonicalJson(
    JSON.parse(JSON.stringify([project.clients.get(id) ?? null, project.pluginVersions])) as Json,
  );
}
