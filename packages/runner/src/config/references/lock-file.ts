import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NamedRecord } from '@millrace/core';
import { parse, stringify } from 'yaml';
import { MAX_ALIASES } from '../exact-numbers.ts';

export const LOCK_FILE = 'millrace.lock.yaml';

const HEAD = [
  '# What stands for the names that references/ tells of, by table and system, as `millrace lock` read it. Commit it; do not',
  '# edit it. A list stands for a name that is ambiguous.',
].join('\n');

/** What is locked of one table, by system. */
export type LockedTable = ReadonlyMap<string, readonly NamedRecord[]>;
/** What is locked, by table: `halo/status`. */
export type Lock = ReadonlyMap<string, LockedTable>;

/** Reads the lock file of a project; empty where there is none. Throws an Error where it is not one. */
export async function readLock(directory: string): Promise<Lock> {
  let text: string;
  try {
    text = await readFile(join(directory, LOCK_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  const content: unknown = parse(text, { mapAsMap: true, maxAliasCount: MAX_ALIASES });
  const version = mapOf(content, 'the file').get('version');
  if (version !== 1) throw new Error(`its version is ${String(version)}, and 1 is known`);
  const tables = mapOf(content, 'the file').get('references') ?? new Map();
  return new Map(
    [...mapOf(tables, 'references')].map(([id, systems]) => [
      id,
      new Map(
        [...mapOf(systems, id)].map(([system, names]) => [system, recordsOf(names, `${id} of ${system}`)]),
      ),
    ]),
  );
}

function mapOf(value: unknown, what: string): ReadonlyMap<string, unknown> {
  if (!(value instanceof Map)) throw new Error(`${what} must be an object`);
  return new Map([...value].map(([key, member]) => [String(key), member]));
}

function recordsOf(value: unknown, what: string): readonly NamedRecord[] {
  return [...mapOf(value, what)].flatMap(([name, ids]) =>
    [ids].flat().map((id) => {
      if (typeof id !== 'number' && typeof id !== 'string') throw new Error(`"${name}" in ${what} has no id`);
      return { name, id };
    }),
  );
}

/** Writes the lock file, whole or not at all; names in order, so that a change is easy to see. */
export async function writeLock(directory: string, lock: Lock): Promise<void> {
  const sorted = <T>(map: ReadonlyMap<string, T>) =>
    [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const references = new Map(
    sorted(lock).map(([id, systems]) => [
      id,
      new Map(sorted(systems).map(([system, records]) => [system, new Map(sorted(idsByName(records)))])),
    ]),
  );
  const text = stringify(
    new Map<string, unknown>([
      ['version', 1],
      ['references', references],
    ]),
    { lineWidth: 0 },
  );
  const path = join(directory, LOCK_FILE);
  await writeFile(`${path}.new`, `${HEAD}\n${text}`);
  await rename(`${path}.new`, path);
}

function idsByName(records: readonly NamedRecord[]): Map<string, NamedRecord['id'] | NamedRecord['id'][]> {
  const ids = new Map<string, NamedRecord['id'] | NamedRecord['id'][]>();
  for (const { name, id } of records) {
    const known = ids.get(name);
    const all = [...new Set(known === undefined ? [id] : [known, id].flat())];
    ids.set(name, all.length === 1 ? id : all);
  }
  return ids;
}
