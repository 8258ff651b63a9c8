import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const root = new URL('..', import.meta.url);

it('every test that docs/guarantees.md names exists', async () => {
  const text = (await readFile(new URL('docs/guarantees.md', root), 'utf8')).replace(/\s+/g, ' ');
  const named = [...text.matchAll(/`([^`]+\.ts) › ([^`]+)`/g)].map(([, file = '', name = '']) => ({
    file,
    name,
  }));
  expect(named.length).toBeGreaterThan(20);
  for (const { file, name } of named) {
    const source = await readFile(new URL(file, root), 'utf8');
    expect(source, `${file} has no test "${name}"`).toContain(name);
  }
});
