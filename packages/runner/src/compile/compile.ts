import {
  type Chain,
  type Client,
  compileIdentifier,
  createCompiler,
  fingerprint,
  type JsonObject,
  type Logger,
  MillraceError,
  milliseconds,
  type ProjectFiles,
  type Publisher,
  type PublisherDefinition,
  type Services,
  type Subscriber,
  type SubscriberDefinition,
} from '@millrace/core';
import { clientsOf } from '../config/client-use.ts';
import type {
  ComponentUse,
  EntityRule,
  IncomingResource,
  OutgoingResource,
  Project,
  Resource,
  RouteResource,
} from '../config/project.ts';
import { projectFiles } from '../config/project-paths.ts';
import { type ClientServices, Clients } from './clients.ts';

/** A type, and the identifier of a record: `undefined` where it has none. */
export interface Identify {
  readonly type: string;
  readonly identifier: (data: JsonObject) => string | undefined;
}

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
  readonly subscriber: Subscriber;
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

export interface CompileServices extends ClientServices {
  /** Milliseconds since the epoch, for expressions. Default: the machine's clock. */
  readonly now?: () => number;
}

type Place = 'incoming' | 'route' | 'outgoing';

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

class ProjectCompiler {
  readonly #project: Project;
  readonly #log: Logger;
  readonly #clients: Clients;
  readonly #files: ProjectFiles;
  readonly #filesRead = new Map<string, string>();

  readonly #services: Services;

  constructor(project: Project, services: CompileServices, clients: Iterable<readonly [string, Client]>) {
    this.#services = { now: services.now ?? (() => Date.now()), tables: project.tables };
    this.#project = project;
    this.#log = services.log;
    this.#clients = new Clients(project, services);
    this.#clients.adopt(clients);
    const { resolvePath, readFile } = projectFiles(project.directory);
    const remember = (path: string) => {
      const text = readFile(path);
      this.#filesRead.set(path, text);
      return text;
    };
    this.#files = { resolvePath, readFile: remember };
  }

  compile(): CompiledProject {
    const outgoing = new Map([...this.#project.outgoing].map(([id, one]) => [id, this.#outgoing(one)]));
    const running = [...this.#project.incoming.values()].filter((one) => this.#runs(one));
    const incoming = new Map(running.map((one) => [one.id, this.#incoming(one, outgoing)]));
    return {
      project: this.#project,
      incoming,
      outgoing,
      clients: this.#clients,
      filesRead: this.#filesRead,
    };
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

  #dependencies(place: Place) {
    const shared = {
      log: this.#log,
      ...this.#files,
      clientOf: (id: string) => this.#clients.get(id),
    };
    const compile = createCompiler({
      ...shared,
      registry: this.#project.registry,
      place,
      saved: (id) => this.#project.transformers.get(id),
      services: this.#services,
    });
    return { ...shared, compile };
  }

  #component<T>(kind: 'subscriber' | 'publisher', use: ComponentUse, place: Place): T {
    const definition = this.#project.registry.component(kind, use.component);
    if (!definition) throw new MillraceError('internal.bug', `${kind} "${use.component}" passed the checks`);
    const client = use.client === undefined ? undefined : this.#clients.get(use.client);
    const create = (definition as unknown as SubscriberDefinition | PublisherDefinition).create;
    return create({ ...use.options }, { ...this.#dependencies(place), client: client as Client }) as T;
  }

  #incoming(resource: IncomingResource, outgoing: ReadonlyMap<string, CompiledOutgoing>): CompiledIncoming {
    const dependencies = this.#dependencies('incoming');
    const routes = this.#routesOf(resource);
    return {
      id: resource.id,
      resource,
      subscriber: this.#component<Subscriber>('subscriber', resource.subscriber, 'incoming'),
      chain: dependencies.compile.chain(resource.transformers),
      entity: identify(resource.entity, this.#services),
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
      chain: this.#dependencies('route').compile.chain(resource.transformers),
      ...(resource.entity && { entity: identify(resource.entity, this.#services) }),
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
      publisher: this.#component<Publisher>('publisher', resource.publisher, 'outgoing'),
      chain: this.#dependencies('outgoing').compile.chain(resource.transformers),
      batch: { size: resource.batch.size, waitMs: milliseconds(resource.batch.wait) },
    };
  }
}

function identify(rule: EntityRule, services: Services): Identify {
  return { type: rule.type, identifier: compileIdentifier(rule.identifier, services) };
}
