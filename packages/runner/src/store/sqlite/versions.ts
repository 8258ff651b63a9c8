import { isOlder } from '@millrace/core';
import type { NewTask } from '../store.ts';
import type { Database } from './database.ts';

type Versioned = Pick<NewTask, 'route' | 'entity' | 'version'>;

/** Whether a newer version of the entity became a task of the route before. */
export function isOutdated(db: Database, { route, entity, version }: Versioned): boolean {
  if (version === undefined) return false;
  const known = db.get(
    'SELECT version FROM versions WHERE route = ? AND type = ? AND identifier = ?',
    route,
    entity.type,
    entity.id,
  );
  return known !== undefined && isOlder(version, String(known['version']));
}

/** Keeps the version of an entity that is not outdated. */
export function rememberVersion(db: Database, { route, entity, version }: Versioned): void {
  if (version === undefined) return;
  db.run(
    `INSERT INTO versions (route, type, identifier, version) VALUES (?, ?, ?, ?)
     ON CONFLICT (route, type, identifier) DO UPDATE SET version = excluded.version
     WHERE version <> excluded.version`,
    route,
    entity.type,
    entity.id,
    version,
  );
}
