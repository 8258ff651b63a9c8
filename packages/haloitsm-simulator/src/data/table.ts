import type { JsonObject } from './json.ts';

/** One change of a table: a record that came (no `before`), went (no `after`), or took another's place. */
export interface Change {
  readonly before?: JsonObject;
  readonly after?: JsonObject;
}

/** Records that are made when their group is first asked for. */
export interface Later {
  groups(): Iterable<string>;
  rowsOf(group: string): readonly JsonObject[];
}

/** The content of a table, for a file. */
export interface TableDump {
  readonly name: string;
  readonly nextIds: Readonly<Record<string, number>>;
  readonly rows: readonly JsonObject[];
  /** Groups that have been made; the others are made of the seed again. */
  readonly filled?: readonly string[];
}

/** So many changes are remembered at least. */
const REMEMBERED = 1000;

/** The records of one resource, by key. In a grouped table the ids of each group count from 1. */
export class Table {
  readonly name: string;
  readonly #groupField: string | undefined;
  /** In order of creation. */
  readonly #rows = new Map<string, JsonObject>();
  readonly #groups = new Map<string, Map<string, JsonObject>>();
  readonly #nextIds = new Map<string, number>();
  readonly #filled = new Set<string>();
  #later: Later | undefined;
  #list: readonly JsonObject[] | undefined;
  #changes: Change[] = [];
  #version = 0;

  constructor(name: string, groupField: string | undefined) {
    this.name = name;
    this.#groupField = groupField;
  }

  /** Counts the changes. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** True where some of its records are made only when somebody asks. */
  get isLazy(): boolean {
    return this.#later !== undefined;
  }

  set later(later: Later) {
    this.#later = later;
  }

  /** What changed since a version, oldest first; undefined where that is too long ago to know. */
  changesSince(version: number): readonly Change[] | undefined {
    const count = this.#version - version;
    if (count > this.#changes.length) return undefined;
    return count === 0 ? [] : this.#changes.slice(-count);
  }

  /** All records: in order of creation, those of a grouped table by group. The list itself never changes. */
  all(): readonly JsonObject[] {
    if (this.#later) {
      for (const group of this.#later.groups()) this.#fill(group);
      this.#later = undefined;
    }
    this.#list ??= this.#groupField === undefined ? [...this.#rows.values()] : this.#byGroup();
    return this.#list;
  }

  group(group: string): readonly JsonObject[] {
    this.#fill(group);
    return [...(this.#groups.get(group)?.values() ?? [])];
  }

  get(key: string): JsonObject | undefined {
    if (this.#later) this.#fill(key.slice(0, key.indexOf('/')));
    return this.#rows.get(key);
  }

  first(): JsonObject | undefined {
    for (const group of this.#later?.groups() ?? []) {
      this.#fill(group);
      break;
    }
    return this.#rows.values().next().value;
  }

  /** Adds a record that has its id, or puts it in the place of the one with its key. */
  put(record: JsonObject): void {
    const before = this.get(this.keyOf(record));
    this.#keep(record);
    this.#touch({ ...(before && { before }), after: record });
  }

  remove(key: string): void {
    const before = this.get(key);
    if (!before) return;
    this.#rows.delete(key);
    this.#groups.get(this.#groupOf(before))?.delete(key);
    this.#touch({ before });
  }

  /** The number that the next new record gets. */
  nextId(record: JsonObject): number {
    const group = this.#groupOf(record);
    this.#fill(group);
    return this.#nextIds.get(group) ?? 1;
  }

  /** What a record is found by: its id; in a grouped table `group/id`. */
  keyOf(record: JsonObject): string {
    const id = String(record['id'] ?? '');
    return this.#groupField === undefined ? id : `${this.#groupOf(record)}/${id}`;
  }

  dump(): TableDump {
    const { name } = this;
    const rows = this.#groupField === undefined ? [...this.#rows.values()] : this.#byGroup();
    const filled = this.#later && [...this.#filled];
    return { name, nextIds: Object.fromEntries(this.#nextIds), rows, ...(filled && { filled }) };
  }

  /** Puts back what `dump` gave, but for its rows. */
  restore({ nextIds, filled }: Omit<TableDump, 'name' | 'rows'>): void {
    for (const [group, id] of Object.entries(nextIds)) this.#nextIds.set(group, id);
    if (filled) for (const group of filled) this.#filled.add(group);
    else this.#later = undefined;
  }

  #fill(group: string): void {
    if (!this.#later || this.#filled.has(group)) return;
    this.#filled.add(group);
    for (const row of this.#later.rowsOf(group)) this.#keep(row);
  }

  #keep(record: JsonObject): void {
    const [key, group] = [this.keyOf(record), this.#groupOf(record)];
    this.#rows.set(key, record);
    if (this.#groupField !== undefined) {
      const members = this.#groups.get(group) ?? new Map<string, JsonObject>();
      this.#groups.set(group, members.set(key, record));
    }
    const id = record['id'];
    if (typeof id === 'number') this.#nextIds.set(group, Math.max(this.#nextIds.get(group) ?? 1, id + 1));
    this.#list = undefined;
  }

  #touch(change: Change): void {
    this.#version++;
    this.#list = undefined;
    this.#changes.push(change);
    if (this.#changes.length > 2 * REMEMBERED) this.#changes = this.#changes.slice(-REMEMBERED);
  }

  #byGroup(): readonly JsonObject[] {
    return [...this.#groups.entries()]
      .sort(([a], [b]) => Number(a) - Number(b))
      .flatMap(([, members]) => [...members.values()]);
  }

  #groupOf(record: JsonObject): string {
    return this.#groupField === undefined ? '' : String(record[this.#groupField] ?? '');
  }
}
