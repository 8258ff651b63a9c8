import { MillraceError } from '@millrace/core';
import { closest } from 'fastest-levenshtein';
import type { CompiledIncoming, CompiledProject, CompiledRoute } from '../compile/compile.ts';

/** What a call of `run` runs: incomings, and the routes whose tasks it works. */
export interface Selection {
  readonly incoming: readonly CompiledIncoming[];
  readonly routes: readonly CompiledRoute[];
}

/**
 * Resolves ids as the command line has them: `incoming/ID`, `routes/ID`, or a bare ID, which means the incoming
 * where both have it. A route runs its incoming for all enabled routes and works its own tasks only. None: all.
 */
export function select(compiled: CompiledProject, ids: readonly string[]): Selection {
  const enabled = (incoming: CompiledIncoming) => incoming.routes.filter(isWorked);
  if (ids.length === 0) {
    const all = [...compiled.incoming.values()];
    return { incoming: all, routes: all.flatMap(enabled) };
  }
  const incoming = new Set<CompiledIncoming>();
  const routes = new Set<CompiledRoute>();
  for (const id of ids) {
    const whole = findIncoming(compiled, id);
    if (whole) {
      incoming.add(whole);
      for (const route of enabled(whole)) routes.add(route);
      continue;
    }
    const { owner, route } = findRoute(compiled, id);
    incoming.add(owner);
    routes.add(route);
  }
  return { incoming: [...incoming], routes: [...routes] };
}

function isWorked(route: CompiledRoute): boolean {
  return route.resource.enabled && route.outgoing.enabled;
}

function findIncoming(compiled: CompiledProject, id: string): CompiledIncoming | undefined {
  if (id.startsWith('routes/')) return undefined;
  const name = id.startsWith('incoming/') ? id.slice('incoming/'.length) : id;
  const found = compiled.incoming.get(name) ?? compiled.incoming.get(id);
  if (!found && compiled.project.incoming.has(name)) throw disabled('Incoming', name);
  return found;
}

function findRoute(compiled: CompiledProject, id: string): { owner: CompiledIncoming; route: CompiledRoute } {
  const name = id.startsWith('routes/') ? id.slice('routes/'.length) : id;
  for (const owner of compiled.incoming.values()) {
    const route = owner.routes.find((one) => one.id === name);
    if (route && isWorked(route)) return { owner, route };
  }
  if (compiled.project.routes.has(name)) throw disabled('Route', name);
  const known = [...compiled.project.incoming.keys(), ...compiled.project.routes.keys()];
  throw new MillraceError('call.unknown_id', `There is no incoming and no route "${id}"`, {
    hint: known.length > 0 ? `Did you mean "${closest(id, known)}"?` : 'The project has no incoming yet.',
  });
}

function disabled(kind: string, id: string): MillraceError {
  return new MillraceError(
    'call.unknown_id',
    `${kind} "${id}" is switched off, or something that it needs is`,
    {
      hint: 'Take "enabled: false" out of its file, and out of the files that it names.',
    },
  );
}
