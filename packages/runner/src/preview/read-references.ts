import type { Logger, NamedRecord, RunContext } from '@millrace/core';
import { ResourceCompiler } from '../compile/resource-compiler.ts';
import type { Project, ReferenceResource } from '../config/project.ts';
import { StorageSession } from '../execution/storage-session.ts';
import { memoryStorages } from './storage-copy.ts';

/** What a system says now of one table. */
export interface ReadTable {
  /** `halo/status` */
  readonly id: string;
  readonly resource: ReferenceResource;
  /** The name of the table in its file: `status`. */
  readonly table: string;
  /** Which system was asked. */
  readonly system: string;
  readonly records: readonly NamedRecord[];
}

/** A table that could not be read. */
export interface UnreadTable {
  readonly id: string;
  readonly resource: ReferenceResource;
  readonly table: string;
  readonly error: unknown;
}

/** Asks the systems of a project what stands for their names; of clients that are switched off nothing is asked. */
export async function readReferences(
  project: Project,
  log: Logger,
  signal: AbortSignal,
): Promise<readonly (ReadTable | UnreadTable)[]> {
  const parts = new ResourceCompiler(project, { log, traffic: () => undefined });
  const context = { run: { id: 'lock', startedAt: new Date().toISOString() } };
  const storages = new StorageSession(memoryStorages({}), project.storages);
  const run: RunContext = { id: context.run.id, signal, log, storages, context };
  const asked = [...project.references.values()].filter(
    (one) => project.clients.get(one.client)?.enabled !== false,
  );
  try {
    const read = asked.flatMap((resource) => {
      const reference = parts.reference(resource);
      return resource.tables.map(async (table) => {
        const named = { id: `${resource.id}/${table}`, resource, table };
        try {
          const records = await reference.read(table, run);
          return { ...named, records, system: systemOf(project, resource.client) };
        } catch (error) {
          return { ...named, error };
        }
      });
    });
    return await Promise.all(read);
  } finally {
    await parts.clients.close();
  }
}

/** The system that a client leads to. */
function systemOf(project: Project, client: string): string {
  const resource = project.clients.get(client);
  const definition = resource && project.registry.component('client', resource.component);
  return definition?.system?.(resource?.options as never) ?? client;
}
