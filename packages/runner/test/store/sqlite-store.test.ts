import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { operationsSuite } from './operations-suite.ts';
import { storageSuite } from './storage-suite.ts';
import { storeSuite } from './store-suite.ts';

const create = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-store-'));
  return {
    open: () => openStore('sqlite:.millrace/millrace.db', folder),
    dispose: () => rm(folder, { recursive: true }),
  };
};

storeSuite('SQLite', create);
operationsSuite('SQLite', create);
storageSuite('SQLite', create);

describe('a SQLite store', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-store-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('that a newer Millrace wrote is refused', async () => {
    await (await openStore('sqlite:a.db', folder)).close();
    const db = new DatabaseSync(join(folder, 'a.db'));
    db.exec('PRAGMA user_version = 999');
    db.close();
    await expect(openStore('sqlite:a.db', folder)).rejects.toMatchObject({ code: 'store.newer' });
  });

  it('that is no database is refused with a hint', async () => {
    await expect(openStore('sqlite:.', folder)).rejects.toMatchObject({ code: 'store.unavailable' });
    await expect(openStore('mysql://x', folder)).rejects.toMatchObject({ code: 'store.unavailable' });
  });

  it('uses an index for every query of a claim', async () => {
    await (await openStore('sqlite:a.db', folder)).close();
    const db = new DatabaseSync(join(folder, 'a.db'));
    const { DUE } = await import('../../src/store/sqlite/claims.ts');
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${DUE}`).all('r', 1, 10) as { detail: string }[];
    expect(plan.map((step) => step.detail.replace(/\(.*/, '').trim())).toEqual([
      'SEARCH t USING INDEX tasks_due',
      'CORRELATED SCALAR SUBQUERY 1',
      'SEARCH leases USING INTEGER PRIMARY KEY',
      'CORRELATED SCALAR SUBQUERY 2',
      'SEARCH older USING COVERING INDEX tasks_by_key',
      'SEARCH payloads USING INTEGER PRIMARY KEY',
    ]);
    db.close();
  });
});
