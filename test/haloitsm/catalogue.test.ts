import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { simulate } from '../support/simulator.ts';

const own = (path: string) => fileURLToPath(new URL(`../../packages/haloitsm/${path}`, import.meta.url));

/** Runs the script on a copy of the catalogue. */
async function rebuild(document: unknown) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-catalogue-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of ['catalogue.json', 'fields.json']) await cp(own(name), join(folder, name));
  const from = join(folder, 'document.json');
  await writeFile(from, JSON.stringify(document));
  const run = spawnSync(process.execPath, [own('scripts/catalogue.ts'), '--from', from, '--folder', folder], {
    encoding: 'utf8',
  });
  return { ...run, read: (name: string) => readFile(join(folder, name), 'utf8') };
}

async function servedDocument() {
  const { url } = await simulate({ tickets: 1 });
  return (await (await fetch(`${url}/api/swagger/v2/swagger.json`)).json()) as {
    paths: Record<
      string,
      Record<string, { parameters: { name: string; schema: object }[]; requestBody?: object }>
    >;
  };
}

describe('a catalogue that is built anew', () => {
  it('from the document of an instance like ours is what it was', async () => {
    const { status, stdout, read } = await rebuild(await servedDocument());
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/^1331 operations: 0 new, 0 gone, 0 changed; .*as they were/),
    ]);
    const { operations } = JSON.parse(await read('catalogue.json'));
    expect(operations).toHaveLength(1331);
    expect(await read('fields.json')).toBe(await readFile(own('fields.json'), 'utf8'));
  });

  it('says what an instance has otherwise: operations, parameters, bodies', async () => {
    const document = await servedDocument();
    const { paths } = document;
    paths['/Widget'] = { get: { parameters: [] } };
    delete paths['/Address'];
    const tickets = paths['/Tickets']?.['get']?.parameters;
    tickets?.push({ name: 'shiny', schema: { type: 'bool' }, in: 'query' } as never);
    const asset = paths['/Asset']?.['post'] as { requestBody: object };
    asset.requestBody = { content: { 'application/json': { schema: { type: 'object' } } } };
    const { status, stdout, read } = await rebuild(document);
    expect(status).toBe(0);
    expect(stdout).toContain('+ GET Widget\n');
    expect(stdout).toContain('- GET Address\n');
    expect(stdout).toContain('~ GET Tickets: +shiny\n');
    expect(stdout).toContain('~ POST Asset: body array is object\n');
    expect(JSON.stringify(JSON.parse(await read('catalogue.json')))).toContain('["GET","Widget",""');
  });

  it('is left alone where the document is none', async () => {
    const { status, stderr, read } = await rebuild({ openapi: '3.0.1' });
    expect([status, stderr]).toEqual([2, expect.stringContaining('describes no operation')]);
    expect(await read('catalogue.json')).toBe(await readFile(own('catalogue.json'), 'utf8'));
  });
});
