import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NamedRecord, ReferenceTable } from '@millrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOCK_FILE, type Lock, readLock, writeLock } from '../../src/config/references/lock-file.ts';
import { load, write } from './load.ts';

const text = fc.oneof(
  fc.string({ minLength: 1, unit: 'grapheme' }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '1',
    '01',
    'null',
    'true',
    '~',
    '- a',
    'a: b',
    '#',
    ' x ',
    'é',
    '<<',
  ),
);
const record: fc.Arbitrary<NamedRecord> = fc.record({
  name: text,
  id: fc.oneof(fc.maxSafeInteger(), fc.uuid(), fc.constantFrom('1', 'true', '')),
});
const lock = fc
  .array(fc.tuple(text, fc.array(fc.tuple(text, fc.array(record)))))
  .map((tables): Lock => new Map(tables.map(([id, systems]) => [id, new Map(systems)])));

/** By table, system and name: the ids. */
function ids(of: Lock) {
  return new Map(
    [...of].map(([id, systems]) => [
      id,
      new Map(
        [...systems].map(([system, records]) => {
          const names = new Map<string, Set<NamedRecord['id']>>();
          for (const one of records) names.set(one.name, (names.get(one.name) ?? new Set()).add(one.id));
          return [system, names];
        }),
      ),
    ]),
  );
}

describe('the lock file', () => {
  it('keeps every name and every id as they are', async () => {
    const folder = await write({});
    await fc.assert(
      fc.asyncProperty(lock, async (given) => {
        await writeLock(folder, given);
        expect(ids(await readLock(folder))).toEqual(ids(given));
      }),
      { numRuns: 50 },
    );
  });

  it('is the same text for the same names, whatever their order', async () => {
    const folder = await write({});
    const textOf = async (records: readonly NamedRecord[]) => {
      await writeLock(folder, new Map([['halo/status', new Map([['https://acme', records]])]]));
      return readFile(join(folder, LOCK_FILE), 'utf8');
    };
    const [a, b, c] = [
      { name: 'B', id: 1 },
      { name: 'A', id: 'x' },
      { name: 'B', id: 2 },
    ] as const;
    expect(await textOf([a, b, c])).toBe(await textOf([b, a, c]));
    expect(await textOf([a, b, c])).toMatch(/\n {4}https:\/\/acme:\n {6}A: x\n {6}B:\n {8}- 1\n {8}- 2\n$/);
  });

  it('that is not one is an error, and no reason to fall over', async () => {
    const clients = {
      'clients/halo.yaml':
        'haloitsm: { baseUri: https://a.test, authentication: { clientCredentials: { clientId: a, clientSecret: "${S:-s}" } } }\n',
      'references/halo.yaml': 'haloitsm: { client: halo, tables: { status: Status } }\n',
    };
    for (const broken of [
      '[1]',
      'version: 2',
      'version: 1\nreferences: { a: { b: { c: null } } }',
      'a: b: c',
    ]) {
      const { findings } = await load({ ...clients, [LOCK_FILE]: broken });
      expect(findings.find((one) => one.severity === 'error')).toMatchObject({
        code: 'config.syntax',
        message: expect.stringContaining('The lock file cannot be used'),
        hint: 'Write it anew with `millrace lock`.',
      });
    }
  });
});

describe('a table of names', () => {
  const table = new ReferenceTable([
    { name: 'New', id: 1 },
    { name: 'Low', id: 2 },
    { name: 'Low', id: 3 },
    { name: 'High', id: 'h' },
    { name: 'High', id: 'h' },
  ]);

  it('holds what a name stands for, and nothing for a name that stands for several', () => {
    expect([table.get('New'), table.get('High'), table.get('Low')]).toEqual([1, 'h', undefined]);
    expect(() => table.checkName('t', 'High')).not.toThrow();
    expect(() => table.checkName('t', 'Low')).toThrow('"Low" stands for several ids in "t": 2, 3');
    expect(() => table.checkName('t', 'Nex')).toThrow('"t" knows no "Nex"');
  });

  it('of a file of lookups/ with the same name is a finding', async () => {
    const { short } = await load({
      'lookups/halo/status.yaml': 'New: 1\n',
      'clients/halo.yaml':
        'haloitsm: { baseUri: https://a.test, authentication: { clientCredentials: { clientId: a, clientSecret: "${S:-s}" } } }\n',
      'references/halo.yaml': 'haloitsm: { client: halo, tables: { status: Status } }\n',
    });
    expect(short).toContain('references/halo.yaml:1:37 config.duplicate_id');
  });
});
