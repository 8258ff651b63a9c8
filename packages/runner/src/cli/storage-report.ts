import Table from 'cli-table3';
import type { DeclaredStorages } from '../config/storages.ts';
import type { StorageRow, StorageSummary } from '../store/store.ts';
import pc from './colours.ts';
import { PLAIN_TABLE } from './plain-table.ts';

/** A storage of the project, or one that holds something and is declared no longer. */
export interface ListedStorage {
  readonly name: string;
  readonly declared: boolean;
  readonly entries: number;
  readonly bytes: number;
  readonly oldest: string | null;
  readonly newest: string | null;
}

export async function listedStorages(
  declared: DeclaredStorages,
  held: readonly StorageSummary[],
): Promise<readonly ListedStorage[]> {
  const summaries = new Map(held.map((one) => [one.name, one]));
  const names = new Set([...declared.names, ...summaries.keys()]);
  const known = new Set(declared.names);
  return [...names].sort().map((name) => {
    const { entries = 0, bytes = 0, oldest = null, newest = null } = summaries.get(name) ?? {};
    return { name, declared: known.has(name), entries, bytes, oldest, newest };
  });
}

const table = (head: string[]) =>
  new Table({ head, style: { head: [], border: [], compact: true }, chars: PLAIN_TABLE });
const time = (iso: string | null) => iso?.slice(0, 19).replace('T', ' ') ?? '';

export function storageTable(storages: readonly ListedStorage[]): string {
  const rows = table(['storage', 'entries', 'size', 'oldest', 'newest', '']);
  for (const { name, declared, entries, bytes, oldest, newest } of storages) {
    const note = declared ? '' : pc.yellow('not declared any more');
    rows.push([name, entries, size(bytes), time(oldest), time(newest), note]);
  }
  return rows.toString();
}

const STEP = 1000;

function size(bytes: number): string {
  if (bytes < STEP) return `${bytes} B`;
  const kilobytes = bytes / STEP;
  return kilobytes < STEP ? `${kilobytes.toFixed(1)} kB` : `${(kilobytes / STEP).toFixed(1)} MB`;
}

const VALUE_WIDTH = 70;

export function entryTable(entries: readonly StorageRow[], next: string | undefined): string {
  if (entries.length === 0) return 'No entry.';
  const rows = table(['key', 'value', 'written', 'expires']);
  for (const { key, value, updatedAt, expiresAt } of entries) {
    const text = JSON.stringify(value);
    const shown = text.length > VALUE_WIDTH ? `${text.slice(0, VALUE_WIDTH - 1)}…` : text;
    rows.push([key, shown, time(updatedAt), time(expiresAt)]);
  }
  const more = next === undefined ? '' : `\n${pc.dim(`There are more: --after ${JSON.stringify(next)}`)}`;
  return rows.toString() + more;
}
