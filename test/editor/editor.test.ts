import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRegistry } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LanguageServer } from './language-server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INCOMING = 'configs/incoming/halo-tickets.yaml';
const ROUTE = 'configs/routes/tickets-to-assets.yaml';
const modeline = (kind: string) => `# yaml-language-server: $schema=../schema.json#/definitions/${kind}\n`;

let server: LanguageServer;
beforeAll(async () => {
  server = await LanguageServer.start();
});
afterAll(() => server.stop());

/** Files of the example projects that say which schema is theirs. */
async function exampleFiles(): Promise<string[]> {
  const files: string[] = [];
  for (const folder of ['configs', 'examples']) {
    const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = relative(ROOT, join(entry.parentPath, entry.name));
      if (!entry.isFile() || !path.endsWith('.yaml') || path.includes('node_modules')) continue;
      if ((await readFile(join(ROOT, path), 'utf8')).startsWith('# yaml-language-server:')) files.push(path);
    }
  }
  return files;
}

describe('an editor with the YAML language server', () => {
  it('underlines nothing in the files of the examples', async () => {
    const files = await exampleFiles();
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const found = await server.diagnose(file);
      expect(found.map(({ message, range }) => `${file}:${range.start.line + 1} ${message}`)).toEqual([]);
    }
  });

  it('completes the names of components', async () => {
    const offered = await server.complete(INCOMING, `${modeline('incoming')}subscriber:\n  |\n`);
    expect(offered.map(({ label }) => label)).toEqual(expect.arrayContaining(['haloitsm', 'file']));
  });

  it('completes the options of a component, and tells what they are', async () => {
    const offered = await server.complete(
      INCOMING,
      `${modeline('incoming')}subscriber:\n  haloitsm:\n    client: halo\n    |\n`,
    );
    const entity = offered.find(({ label }) => label === 'entity');
    expect(JSON.stringify(entity?.documentation)).toContain('operation');
  });

  it('completes the name of every transformer', async () => {
    const offered = await server.complete(ROUTE, `${modeline('route')}transformers:\n  - |\n`);
    const labels = offered.map(({ label }) => label);
    const missing = createRegistry([])
      .names('transformer')
      .filter((name) => !labels.includes(name));
    expect(missing).toEqual([]);
  });

  it('shows what an option means where the mouse rests', async () => {
    const shown = await server.hover(
      INCOMING,
      `${modeline('incoming')}entity: { type: ticket, iden|tifier: id }\n`,
    );
    expect(shown).toContain('JMESPath');
  });

  it('shows what a transformer does', async () => {
    const shown = await server.hover(
      ROUTE,
      `${modeline('route')}transformers:\n  - fil|ter: { "==": [1, 1] }\n`,
    );
    expect(shown).toContain('JSON Logic');
  });

  it('underlines a misspelt option where it stands', async () => {
    const text = (await readFile(join(ROOT, INCOMING), 'utf8')).replace(
      /^( +)entity: Tickets/m,
      '$1entty: Tickets',
    );
    const line = text.split('\n').findIndex((one) => one.includes('entty'));
    const found = await server.diagnose(INCOMING, text);
    const places = found
      .filter(({ message }) => String(message).includes('entty'))
      .map(({ range }) => range.start.line);
    expect(places).toEqual([line]);
  });

  it('underlines a transformer that does not exist', async () => {
    const text = `${modeline('route')}incoming: halo-tickets\noutgoing: halo-assets\ntransformers:\n  - fliter: true\n`;
    const found = await server.diagnose(ROUTE, text);
    expect(
      found.some(({ message, range }) => String(message).includes('fliter') && range.start.line === 4),
    ).toBe(true);
  });

  it('has a sentence for every option of every component and transformer', async () => {
    const schema = JSON.parse(await readFile(join(ROOT, 'configs/schema.json'), 'utf8'));
    const silent: string[] = [];
    const visit = (node: unknown, path: string) => {
      if (Array.isArray(node))
        return node.forEach((member, index) => void visit(member, `${path}[${index}]`));
      if (typeof node !== 'object' || node === null) return;
      const { properties } = node as { properties?: Record<string, { description?: string }> };
      for (const [name, option] of Object.entries(properties ?? {})) {
        if (!option.description) silent.push(`${path}.${name}`);
      }
      for (const [key, member] of Object.entries(node)) visit(member, `${path}/${key}`);
    };
    visit(schema.definitions, '');
    expect(silent).toEqual([]);
  });
});
