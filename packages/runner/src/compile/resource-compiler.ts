import {
  type Chain,
  type Client,
  type Compiler,
  type Component,
  compileIdentifier,
  compileVersion,
  createCompiler,
  type Dependencies,
  type Json,
  type JsonObject,
  MillraceError,
  type Place,
  type ProjectFiles,
  type Publisher,
  type PublisherDefinition,
  type Receiver,
  type ReceiverDefinition,
  type Reference,
  type ReferenceDefinition,
  type SavedChain,
  type Services,
  type Subscriber,
  type SubscriberDefinition,
} from '@millrace/core';
import type {
  ComponentUse,
  EntityRule,
  IncomingResource,
  OutgoingResource,
  Project,
  ReferenceResource,
} from '../config/project.ts';
import { projectFiles } from '../config/project-paths.ts';
import { type ClientServices, Clients } from './clients.ts';

/** A type, and the identifier of a record: `undefined` where it has none. */
export interface Identify {
  readonly type: string;
  readonly identifier: (data: JsonObject) => string | undefined;
  /** Which version of the entity a record is, where the rule says what tells. */
  readonly version?: (data: JsonObject) => string | undefined;
}

export interface CompileServices extends ClientServices {
  /** Milliseconds since the epoch, for expressions. Default: the machine's clock. */
  readonly now?: () => number;
}

/** Compiles the parts of resources one by one, as they are asked for. Opens no connection. */
export class ResourceCompiler {
  readonly clients: Clients;
  readonly #project: Project;
  readonly #compileServices: CompileServices;
  readonly #services: Services;
  readonly #files: ProjectFiles;
  readonly #filesRead = new Map<string, string>();

  constructor(project: Project, services: CompileServices) {
    this.#project = project;
    this.#compileServices = services;
    this.#services = { now: services.now ?? (() => Date.now()), tables: project.tables };
    this.clients = new Clients(project, services);
    const { resolvePath, readFile } = projectFiles(project.directory);
    const remember = (path: string) => {
      const text = readFile(path);
      this.#filesRead.set(path, text);
      return text;
    };
    this.#files = { resolvePath, readFile: remember };
  }

  /** Files of the project that components read when they were made, with what they held. */
  get filesRead(): ReadonlyMap<string, string> {
    return this.#filesRead;
  }

  /** Undefined for an incoming that only receives. */
  subscriber({ subscriber }: IncomingResource): Subscriber | undefined {
    return subscriber && this.#component<Subscriber>('subscriber', subscriber, 'incoming');
  }

  /** Undefined for an incoming that only reads. */
  receiver({ receiver }: IncomingResource): Receiver | undefined {
    return receiver && this.#component<Receiver>('receiver', receiver, 'incoming');
  }

  reference(resource: ReferenceResource): Reference {
    return this.#component<Reference>('reference', resource, 'incoming');
  }

  publisher(resource: OutgoingResource): Publisher {
    return this.#component<Publisher>('publisher', resource.publisher, 'outgoing');
  }

  chain(place: Place, steps: readonly Json[]): Chain {
    return this.#dependencies(place).compile.chain(steps);
  }

  /** A saved transformer; its parameters are for the caller to give. */
  saved(id: string): SavedChain {
    return this.#dependencies('saved').compile.saved(id);
  }

  identify(rule: EntityRule): Identify {
    const { type, identifier, version } = rule;
    return {
      type,
      identifier: compileIdentifier(identifier, this.#services),
      ...(version !== undefined && { version: compileVersion(version, this.#services) }),
    };
  }

  #dependencies(place: Place): Dependencies & { readonly compile: Compiler } {
    const shared = {
      log: this.#compileServices.log,
      ...this.#files,
      clientOf: (id: string) => this.clients.get(id),
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

  #component<T>(
    kind: 'subscriber' | 'receiver' | 'publisher' | 'reference',
    use: ComponentUse,
    place: Place,
  ): T {
    const definition: Component | undefined = this.#project.registry.component(kind, use.component);
    if (!definition) throw new MillraceError('internal.bug', `${kind} "${use.component}" passed the checks`);
    const client = use.client === undefined ? undefined : this.clients.get(use.client);
    const create = (
      definition as unknown as
        | SubscriberDefinition
        | ReceiverDefinition
        | PublisherDefinition
        | ReferenceDefinition
    ).create;
    const { options } = this.#compileServices;
    const given = { ...(options ? options(definition, use.options) : use.options) };
    return create(given, { ...this.#dependencies(place), client: client as Client }) as T;
  }
}
