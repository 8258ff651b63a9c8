import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { clientSuite, publisherSuite } from '@millrace/core/testing';
import { describe, onTestFinished } from 'vitest';
import { client, publisher } from './plugins/warehouse.ts';

/** A folder of its own for each check: a database file, and one where none can be. */
async function warehouse() {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-warehouse-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return { file: join(folder, 'warehouse.db'), nowhere: join(folder, 'no', 'folder', 'warehouse.db') };
}

describe('the warehouse plugin', () => {
  clientSuite({
    component: client,
    async arrange() {
      const { file, nowhere } = await warehouse();
      return { options: { file }, unreachable: { file: nowhere }, http: false };
    },
  });

  publisherSuite({
    component: publisher,
    async arrange() {
      const { file, nowhere } = await warehouse();
      const rows = [1, 2, 3].map((id) => ({ id, summary: `It's "${id}"`, tags: ['a', { b: id }] }));
      return {
        options: {
          table: 'tickets',
          key: ['id'],
          columns: { id: 'integer', summary: 'text', tags: 'json' },
        },
        clientOptions: { file },
        unreachable: { file: nowhere },
        data: rows,
        invalid: { id: 'seven', summary: 'no number' },
        expected: rows,
        received: () => {
          const database = new DatabaseSync(file);
          const known = database
            .prepare("SELECT count(*) AS tables FROM sqlite_master WHERE type = 'table'")
            .get();
          const found = known?.['tables'] ? database.prepare('SELECT * FROM tickets').all() : [];
          database.close();
          return found.map((row) => ({ ...row, tags: JSON.parse(String(row['tags'])) }));
        },
      };
    },
  });
});
