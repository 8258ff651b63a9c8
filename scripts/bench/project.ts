// The job as a Millrace project.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const teams = Array.from({ length: 50 }, (_, n) => `Team ${n}: T${String(n).padStart(3, '0')}\n`).join('');

const files = (url: string, batch: number): Record<string, string> => ({
  'clients/halo.yaml': `haloitsm:
  baseUri: ${url}
  authentication: { clientCredentials: { clientId: bench, clientSecret: "\${BENCH_SECRET}", scopes: [all] } }
`,
  'incoming/tickets.yaml': `subscriber: { haloitsm: { client: halo, entity: Tickets } }
entity: { type: ticket, identifier: id }
transformers:
  - filter: { "!=": [{ var: status_id }, 9] }
`,
  'routes/tickets-to-assets.yaml': `incoming: tickets
outgoing: assets
transformers:
  - map:
      payload:
        inventory_number: "T-&{id}"
        summary: "&{summary}"
        client_id: "&{client_id}"
        client: "&{client_name}"
        site: "&{site_name}"
        user: "&{user_name}"
        agent: "&{agent_id}"
        team: "&{lookup('teams', team, 'none')}"
        priority: "&{priority_id}"
        category: "&{category_1}"
        occurred: "&{format_date(dateoccurred, 'dd.MM.yyyy')}"
        estimate: "&{estimate}"
`,
  'outgoing/assets.yaml': `publisher: { haloitsm: { client: halo, method: post, entity: Asset } }
concurrency: 10
retry: { attempts: 8, initial: 100ms }
${batch > 1 ? `batch: { size: ${batch} }\n` : ''}`,
  'lookups/teams.yaml': teams,
});

export async function writeProject(folder: string, url: string, batch: number): Promise<void> {
  for (const [name, text] of Object.entries(files(url, batch))) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}
