import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export type ProjectFiles = Readonly<Record<string, string>>;

/** Writes a project into a folder of its own, which goes when the test is done. */
export async function makeProject(files: ProjectFiles): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-project-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFiles(folder, files);
  return folder;
}

export async function writeFiles(folder: string, files: ProjectFiles): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** Tickets of a simulator to assets of the same one. */
export const HALO_PROJECT: ProjectFiles = {
  'clients/halo.yaml': `
haloitsm:
  baseUri: \${HALO_BASE_URI}
  tenant: \${HALO_TENANT:-}
  authentication:
    clientCredentials: { clientId: "\${HALO_CLIENT_ID}", clientSecret: "\${HALO_CLIENT_SECRET}", scopes: [all] }
`,
  'incoming/tickets.yaml': `
subscriber: { haloitsm: { client: halo, entity: Tickets } }
entity: { type: ticket, identifier: id }
`,
  'routes/to-assets.yaml': `
incoming: tickets
outgoing: assets
transformers:
  - map: { payload: { inventory_number: "T-&{id}", client_id: "&{client_id}" } }
`,
  'outgoing/assets.yaml': `
publisher: { haloitsm: { client: halo, method: post, entity: Asset } }
retry: { attempts: 6, initial: 50ms, max: 400ms }
`,
};

export const FILE_ROUTE: ProjectFiles = {
  'routes/to-file.yaml': `
incoming: tickets
outgoing: lines
transformers:
  - map: { id: "&{id}", summary: "&{summary}" }
`,
  'outgoing/lines.yaml': `
publisher: { file: { path: out/tickets.ndjson, sync: false } }
batch: { size: 50 }
`,
};
