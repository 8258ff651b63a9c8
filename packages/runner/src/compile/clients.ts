import {
  type Client,
  type ClientDefinition,
  type Component,
  type JsonObject,
  type Logger,
  MillraceError,
  type Traffic,
  type Transport,
} from '@millrace/core';
import type { Project } from '../config/project.ts';

export interface ClientServices {
  readonly log: Logger;
  /** By id of the client. */
  readonly traffic: (client: string) => Traffic | undefined;
  /** By id of the client: what stands between it and the network, where something must not be sent. */
  readonly transport?: (client: string) => Transport;
  /** Options as a component is given them. Default: as they stand in the project. */
  readonly options?: (component: Component, options: JsonObject) => JsonObject;
}

/** The clients of a project: each made when first needed, shared by all that use it, closed in reverse order. */
export class Clients {
  readonly #project: Project;
  readonly #services: ClientServices;
  readonly #made = new Map<string, Client>();

  constructor(project: Project, services: ClientServices) {
    this.#project = project;
    this.#services = services;
  }

  get(id: string): Client {
    const made = this.#made.get(id);
    if (made) return made;
    const resource = this.#project.clients.get(id);
    const definition = resource && this.#project.registry.component('client', resource.component);
    if (!resource || !definition)
      throw new MillraceError('config.unknown_reference', `There is no client "${id}"`);
    const { log, options } = this.#services;
    const [traffic, transport] = [this.#services.traffic(id), this.#services.transport?.(id)];
    const client = (definition as unknown as ClientDefinition).create(
      { ...(options ? options(definition, resource.options) : resource.options) },
      { log, ...(traffic && { traffic }), ...(transport && { transport }) },
    );
    this.#made.set(id, client);
    return client;
  }

  /** Those that were made, by id. */
  get made(): ReadonlyMap<string, Client> {
    return this.#made;
  }

  /** Takes clients over that another project made and that are the same in this one. */
  adopt(clients: Iterable<readonly [string, Client]>): void {
    for (const [id, client] of clients) this.#made.set(id, client);
  }

  /** Leaves its clients to whoever adopted them. */
  abandon(): void {
    this.#made.clear();
  }

  async close(): Promise<void> {
    for (const client of [...this.#made.values()].reverse()) await client.close?.();
    this.#made.clear();
  }
}
