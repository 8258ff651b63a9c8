import { type Client, type ClientDefinition, type Logger, MillraceError } from '@millrace/core';
import type { Project } from '../config/project.ts';

/** The clients of a project: each made when first needed, shared by all that use it, closed in reverse order. */
export class Clients {
  readonly #project: Project;
  readonly #log: Logger;
  readonly #made = new Map<string, Client>();

  constructor(project: Project, log: Logger) {
    this.#project = project;
    this.#log = log;
  }

  get(id: string): Client {
    const made = this.#made.get(id);
    if (made) return made;
    const resource = this.#project.clients.get(id);
    const definition = resource && this.#project.registry.component('client', resource.component);
    if (!resource || !definition) throw new MillraceError('internal.bug', `client "${id}" passed the checks`);
    const client = (definition as unknown as ClientDefinition).create(
      { ...resource.options },
      { log: this.#log },
    );
    this.#made.set(id, client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of [...this.#made.values()].reverse()) await client.close?.();
    this.#made.clear();
  }
}
