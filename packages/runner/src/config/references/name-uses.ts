import { type LookupTable, MillraceError, ReferenceTable } from '@millrace/core';
import type { Finding } from '../project.ts';

/** Checks a project again with other tables in the place of its own. */
export type Recheck = (tables: ReadonlyMap<string, LookupTable>) => readonly Finding[];

type Tables = ReadonlyMap<string, LookupTable>;

/** The same table; hears which names the configuration uses. */
class Listening extends ReferenceTable {
  readonly names = new Set<string>();

  override checkName(_: string, name: string): void {
    this.names.add(name);
  }
}

/** Refuses one name, so that every place that uses it is found. */
class Pointing extends ReferenceTable {
  readonly #wanted: string;

  constructor(wanted: string) {
    super([]);
    this.#wanted = wanted;
  }

  override checkName(id: string, name: string): void {
    if (name === this.#wanted) throw new MillraceError('config.unknown_name', `"${id}" knows no "${name}"`);
  }
}

/** The names that stand in the configuration, by table. */
export function usedNames(tables: Tables, recheck: Recheck): ReadonlyMap<string, ReadonlySet<string>> {
  const listening = new Map<string, Listening>();
  for (const [id, table] of tables) if (table instanceof ReferenceTable) listening.set(id, new Listening([]));
  recheck(new Map<string, LookupTable>([...tables, ...listening]));
  return new Map([...listening].map(([id, { names }]) => [id, names]));
}

/** Where the configuration uses a name. */
export function placesOf(table: string, name: string, tables: Tables, recheck: Recheck): readonly Finding[] {
  const listening = [...tables].map(
    ([id, one]) => [id, one instanceof ReferenceTable ? new Listening([]) : one] as const,
  );
  const findings = recheck(new Map<string, LookupTable>([...listening, [table, new Pointing(name)]]));
  const places = new Map<string, Finding>();
  for (const finding of findings) {
    const { file, line, column } = finding;
    if (finding.code === 'config.unknown_name') places.set(JSON.stringify([file, line, column]), finding);
  }
  return [...places.values()];
}
