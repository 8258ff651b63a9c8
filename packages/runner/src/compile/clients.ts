import { type Client, type ClientDefinition, type Logger, MillraceError, type Traffic } from '@millrace/core';
import type { Project } from '../config/project.ts';

export interface ClientServices {
  readonly log: Logger;
  /** By id of the client. */
  readonly traffic: (client: string) => Traffic;
}

/** The clients of a project: each made when first needed, shared by all that use it, closed in reverse order. */
export class Clients {
  readonly #project: Project;
  readonly #log: Logger;
  readonly #traffic: (client: string) => Traffic;
  readonly #made = new Map<string, Client>();

  constructor(project: Project, { log, traffic }: ClientServices) {
    this.#project = project;
    this.#log = log;
    this.#traffic = traffic;
  }

  get(id: string): Client {
    const made = this.#made.get(id);
    if (made) return made;
    const resource = this.#project.clients.get(id);
    const definition = resource && this.#project.registry.component('client', resource.component);
    if (!resource || !definition)
      throw new MillraceError('config.unknown_reference', `There is no client "${id}"`);
    const client = (definition as unknown as ClientDefinition).create(
      { ...resource.options },
      { log: this.#log, traffic: this.#traffic(id) },
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
