import { isObject, type Json, Steps, walkOptions } from '@millrace/core';
import type { TSchema } from 'typebox';
import type { ComponentUse, Project, Resource } from './project.ts';

/** As much of a resource as may name clients. */
interface User extends Resource {
  readonly subscriber?: ComponentUse;
  readonly receiver?: ComponentUse;
  readonly publisher?: ComponentUse;
  readonly transformers?: readonly Json[];
}

const STEPS = Steps({ description: 'A chain' });

/**
 * The ids of all clients that an incoming, a route or an outgoing needs: its component's own, and those of the steps in its
 * options and chains, through saved transformers, too.
 */
export function clientsOf(project: Project, resource: Resource): ReadonlySet<string> {
  const user = resource as User;
  const clients = new Set<string>();
  const seen = new Set<string>();
  const look = (schema: TSchema, options: Json): void => {
    for (const part of walkOptions(schema, options, project.registry)) {
      if (part.role === 'client' && typeof part.value === 'string') clients.add(part.value);
      if (part.role !== 'step' || part.name !== 'use' || !isObject(part.value)) continue;
      const id = String(part.value['transformer']);
      if (seen.has(id)) continue;
      seen.add(id);
      look(STEPS, project.transformers.get(id)?.transformers ?? []);
    }
  };
  look(STEPS, user.transformers ?? []);
  for (const kind of ['subscriber', 'receiver', 'publisher'] as const) {
    const use = user[kind];
    const definition = use && project.registry.component(kind, use.component);
    if (use?.client !== undefined) clients.add(use.client);
    if (use && definition) look(definition.options, use.options);
  }
  return clients;
}
