import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command, haloEnv } from '../support/command.ts';
import { FILE_ROUTE, HALO_PROJECT, makeProject } from '../support/project.ts';
import { simulate } from '../support/simulator.ts';

/** Every file below a folder, as text. */
async function textsBelow(folder: string): Promise<[string, string][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (file): Promise<[string, string]> => [file, await readFile(file, 'latin1')]),
  );
}

describe('a secret', () => {
  it('is in no log, no error, no output and no file of the store, whatever happens', async () => {
    const simulator = await simulate({ tickets: 30 });
    simulator.failNext({ fault: '500', method: 'POST', times: 3 });
    const project = await makeProject({
      ...HALO_PROJECT,
      ...FILE_ROUTE,
      'routes/to-assets.yaml': `${HALO_PROJECT['routes/to-assets.yaml']}history: { raw: always, exchange: always }\n`,
    });
    const env = haloEnv(simulator);
    const wrong = { ...env, HALO_CLIENT_SECRET: `canary-${env['HALO_CLIENT_SECRET']}` };
    const outputs = [];
    for (const [args, variables] of [
      [['run', '--log-level', 'debug'], wrong],
      [['validate', '--online'], wrong],
      [['run', '--json', '--log-level', 'debug'], env],
      [['tasks', 'list', '--json'], env],
      [['runs', 'list', '--json'], env],
      [['plugins', '--json'], env],
      [['schema'], env],
    ] as const) {
      const { stdout, stderr } = await command([...args, '--config', project], variables);
      outputs.push([args.join(' '), stdout + stderr] as const);
    }
    const texts = [...outputs, ...(await textsBelow(project))];
    expect(texts.length).toBeGreaterThan(10);
    for (const secret of [env['HALO_CLIENT_SECRET'] ?? '', encodeURIComponent(wrong.HALO_CLIENT_SECRET)]) {
      const leaks = texts.filter(([, text]) => text.includes(secret)).map(([name]) => name);
      expect(leaks).toEqual([]);
    }
    // The search itself works: what is no secret is found in the store.
    expect(
      texts.some(([name, text]) => name.includes('millrace.db') && text.includes('inventory_number')),
    ).toBe(true);
  });
});
