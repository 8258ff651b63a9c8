import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface ProjectOptions {
  readonly concurrency: number;
  /** To the first byte of an answer. */
  readonly timeout?: string;
  /** How many tasks that ended well stay when the store is pruned. */
  readonly keep?: number;
}

/** The asset that stands for a ticket, and the version of it that was read. */
export const assetOf = (ticket: number) => `T-${ticket}`;
export const summaryOf = (version: number) => `v${version}`;
/** What the desk was seeded with is version 0. */
export const versionOf = (summary: unknown) => Number(/^v(\d+)$/.exec(String(summary))?.[1] ?? 0);

const files = ({ concurrency, timeout, keep }: ProjectOptions): Readonly<Record<string, string>> => ({
  'millrace.yaml': `minFreeDisk: 0
${keep === undefined ? '' : `tasks: { keep: { count: ${keep} } }\n`}`,
  'clients/halo.yaml': `
haloitsm:
  baseUri: \${HALO_BASE_URI}
  tenant: \${HALO_TENANT:-}
  authentication:
    clientCredentials: { clientId: "\${HALO_CLIENT_ID}", clientSecret: "\${HALO_CLIENT_SECRET}", scopes: [all] }
${timeout === undefined ? '' : `  timeout: { response: ${timeout} }\n`}`,
  'incoming/tickets.yaml': `
subscriber: { haloitsm: { client: halo, entity: Tickets, incremental: { field: last_update } } }
entity: { type: ticket, identifier: id }
schedule: { cron: "* * * * * *" }
transformers:
  - chaos: {}
  - changed: { storage: seen }
`,
  'storages/seen.yaml': 'description: What was read\n',
  'storages/sent.yaml': 'description: What arrived\n',
  'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
transformers:
  - map: { payload: { inventory_number: "T-&{id}", client_id: "&{client_id}", notes: "&{summary}" } }
`,
  // Attempts enough that no task is used up by being in flight at kill after kill: that is another matter.
  'outgoing/assets.yaml': `
transformers:
  - storage.set: { storage: sent, key: "&{payload.inventory_number}", value: "&{payload.notes}" }
publisher: { haloitsm: { client: halo, method: post, entity: Asset } }
concurrency: ${concurrency}
retry: { attempts: 100, initial: 50ms, max: 400ms }
`,
  'plugins/chaos.ts': `
import { definePlugin, defineTransformer, Options } from '@millrace/core';

const reached = (globalThis as Record<symbol, unknown>)[Symbol.for('millrace.chaos')];

const chaos = defineTransformer({
  description: 'Says that a record passes, where somebody listens.',
  options: Options({}),
  create: () => ({
    transform: (data) => {
      if (typeof reached === 'function') reached();
      return data;
    },
  }),
});

export default definePlugin({ name: 'chaos', components: { chaos } });
`,
});

export async function writeProject(folder: string, options: ProjectOptions): Promise<void> {
  for (const [name, text] of Object.entries(files(options))) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}
