import {
  type Chain,
  type Client,
  fingerprint,
  type JsonObject,
  MillraceError,
  milliseconds,
  type Publisher,
  type Receiver,
  type Subscriber,
} from '@millrace/core';
import { clientsOf } from '../config/client-use.ts';
import type {
  IncomingResource,
  OutgoingResource,
  Project,
  Resource,
  RouteResource,
} from '../config/project.ts';
import type { Clients } from './clients.ts';
import { type CompileServices, type Identify, ResourceCompiler } from './resource-compiler.ts';

export interface CompiledRoute {
  readonly id: string;
  readonly resource: RouteResource;
  readonly outgoing: CompiledOutgoing;
  readonly chain: Chain;
  /** The route's own entity, where it has one. */
  readonly entity?: Identify;
  readonly fingerprint: (data: JsonObject) => string;
  /** Of the route's and the outgoing's files; with the incoming's for what fails there. */
  readonly configHash: string;
  readonly incomingHash: string;
}

export interface CompiledIncoming {
  readonly id: string;
  readonly resource: IncomingResource;
  /** At least one of the two: what reads by the clock or a command, and what takes what comes by itself. */
  readonly subscriber?: Subscriber;
  readonly receiver?: Receiver;
  readonly chain: Chain;
  readonly entity: Identify;
  /** Those that get tasks: enabled, or disabled and keeping theirs. */
  readonly routes: readonly CompiledRoute[];
}

export interface CompiledOutgoing {
  readonly id: string;
  /** False where it, or its client, is switched off: its routes get tasks, and nobody works them. */
  readonly enabled: boolean;
  readonly resource: OutgoingResource;
  readonly publisher: Publisher;
  readonly chain: Chain;
  readonly batch: { readonly size: number; readonly waitMs: number };
}

export interface CompiledProject {
  readonly project: Project;
  readonly incoming: ReadonlyMap<string, CompiledIncoming>;
  readonly outgoing: ReadonlyMap<string, CompiledOutgoing>;
  readonly clients: Clients;
  /** Files of the project that components read when they were made, with what they held. */
  readonly filesRead: ReadonlyMap<string, string>;
}

/**
 * Turns a checked project into what can be executed, with clients of an earlier one where they are given. Opens no connection. Throws located
 * `config.*` errors.
 */
export function compileProject(
  project: Project,
  services: CompileServices,
  clients: Iterable<readonly [string, Client]> = [],
): CompiledProject {
  return new ProjectCompiler(project, services, clients).compile();
}

/** One route with its incoming and its outgoing, whether they are switched on or not, and their clients. */
export interface CompiledWay {
  readonly incoming: CompiledIncoming;
  readonly route: CompiledRoute;
  readonly clients: Clients;
}

/** Compiles one route of a checked project, and nothing else. Opens no connection. */
export function compileWay(project: Project, services: CompileServices, route: RouteResource): CompiledWay {
  return new ProjectCompiler(project, services, []).way(route);
}

class ProjectCompiler {
  readonly #project: Project;
  readonly #parts: ResourceCompiler;

  constructor(project: Project, services: CompileServices, clients: Iterable<readonly [string, Client]>) {
    this.#project = project;
    this.#parts = new ResourceCompiler(project, services);
    this.#parts.clients.adopt(clients);
  }

  compile(): CompiledProject {
    const outgoing = new Map([...this.#project.outgoing].map(([id, one]) => [id, this.#outgoing(one)]));
    const running = [...this.#project.incoming.values()].filter((one) => this.#runs(one));
    const incoming = new Map(running.map((one) => [one.id, this.#incoming(one, outgoing)]));
    return {
      project: this.#project,
      incoming,
      outgoing,
      clients: this.#parts.clients,
      filesRead: this.#parts.filesRead,
    };
  }

  way(resource: RouteResource): CompiledWay {
    const [incoming, outgoing] = [
      this.#project.incoming.get(resource.incoming),
      this.#project.outgoing.get(resource.outgoing),
    ];
    if (!incoming || !outgoing)
      throw new MillraceError('internal.bug', `route "${resource.id}" passed the checks`);
    const targets = new Map([[outgoing.id, this.#outgoing(outgoing)]]);
    const compiled = this.#incoming(incoming, targets, [resource]);
    const [route] = compiled.routes;
    if (!route) throw new MillraceError('internal.bug', `route "${resource.id}" was not compiled`);
    return { incoming: compiled, route, clients: this.#parts.clients };
  }

  /** Switched on, with all clients that it needs. */
  #isOn(resource: IncomingResource | OutgoingResource): boolean {
    return resource.enabled && this.#hasClients(resource);
  }

  #hasClients(resource: Resource): boolean {
    const clients = [...clientsOf(this.#project, resource)];
    return clients.every((id) => this.#project.clients.get(id)?.enabled !== false);
  }

  /** An incoming also waits for what the chains of its routes need: what they cannot make of a record would be lost on them. */
  #runs(incoming: IncomingResource): boolean {
    return this.#isOn(incoming) && this.#routesOf(incoming).every((route) => this.#hasClients(route));
  }

  #routesOf(incoming: IncomingResource): readonly RouteResource[] {
    return [...this.#project.routes.values()].filter(
      (route) => route.incoming === incoming.id && (route.enabled || route.whileDisabled === 'keep'),
    );
  }

  #incoming(
    resource: IncomingResource,
    outgoing: ReadonlyMap<string, CompiledOutgoing>,
    routes: readonly RouteResource[] = this.#routesOf(resource),
  ): CompiledIncoming {
    const [subscriber, receiver] = [this.#parts.subscriber(resource), this.#parts.receiver(resource)];
    return {
      id: resource.id,
      resource,
      ...(subscriber && { subscriber }),
      ...(receiver && { receiver }),
      chain: this.#parts.chain('incoming', resource.transformers),
      entity: this.#parts.identify(resource.entity),
      routes: routes.flatMap((route) => {
        const target = outgoing.get(route.outgoing);
        return target ? [this.#route(route, resource, target)] : [];
      }),
    };
  }

  #route(resource: RouteResource, incoming: IncomingResource, outgoing: CompiledOutgoing): CompiledRoute {
    const configHash = `${resource.hash}:${outgoing.resource.hash}`;
    return {
      id: resource.id,
      resource,
      outgoing,
      chain: this.#parts.chain('route', resource.transformers),
      ...(resource.entity && { entity: this.#parts.identify(resource.entity) }),
      fingerprint: (data) => fingerprint(data, resource.tasks.ignore),
      configHash,
      incomingHash: `${incoming.hash}:${configHash}`,
    };
  }

  #outgoing(resource: OutgoingResource): CompiledOutgoing {
    return {
      id: resource.id,
      enabled: this.#isOn(resource),
      resource,
      publisher: this.#parts.publisher(resource),
      chain: this.#parts.chain('outgoing', resource.transformers),
      batch: { size: resource.batch.size, waitMs: milliseconds(resource.batch.wait) },
    };
  }
}
