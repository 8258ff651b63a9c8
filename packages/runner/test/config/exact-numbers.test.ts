import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseData } from '../../src/config/exact-numbers.ts';
import { readRecords } from '../../src/config/given-file.ts';
import { parseSource } from '../../src/config/source.ts';

const YAML = `
id: 12345678901234567890
negative: -12345678901234567890
safe: 9007199254740991
amount: 12345678901234567.25
list: [9007199254740993, 1.5, "12345678901234567890"]
12345678901234567891: a key
far: 1e20
`;

const DATA = {
  id: '12345678901234567890',
  negative: '-12345678901234567890',
  safe: 9_007_199_254_740_991,
  amount: '12345678901234567.25',
  list: ['9007199254740993', 1.5, '12345678901234567890'],
  '12345678901234567891': 'a key',
  far: 1e20,
};

describe('a long number in a file of the project', () => {
  it('stays as it was written, as text', () => {
    expect(parseSource(YAML, 'x.yaml').source.content).toEqual(DATA);
    expect(parseData(YAML)).toEqual(DATA);
  });

  it('has the place that it has in the file', () => {
    const { source } = parseSource(YAML, 'x.yaml');
    expect(source.locate(['list', 0])).toMatchObject({ line: 6, column: 8 });
    expect(source.locate(['12345678901234567891'])).toMatchObject({ line: 7 });
  });

  it('is told apart from a file that cannot be read', () => {
    expect(() => parseData('a: [1')).toThrow();
  });
});

describe('a long number in a file of data', () => {
  it.each([
    ['x.json', '{"id": 12345678901234567890}'],
    ['x.ndjson', '{"id": 12345678901234567890}\n'],
    ['x.yaml', 'id: 12345678901234567890\n'],
  ])('stays as it was written: %s', async (name, text) => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-given-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, name), text);
    expect(await readRecords(join(folder, name))).toEqual([{ id: '12345678901234567890' }]);
  });
});
