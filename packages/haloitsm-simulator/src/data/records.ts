import { operations } from '@millrace/haloitsm/catalogue';
import type { Json, JsonObject } from './json.ts';
import { type Change, type Later, Table, type TableDump } from './table.ts';

// Ids of these count within another field: the first action of every ticket is 1, the first row of every lookup too.
const GROUPED: Readonly<Record<string, string>> = { actions: 'ticket_id', lookup: 'lookupid' };

// Their first record is one of the seed, whose fields have the types of the real ones.
const TYPED = new Set(
  'tickets actions asset users client site agent team status tickettype kbarticle'.split(' '),
);

/** How many records a resource has. */
export interface Count {
  readonly resource: string;
  readonly count: number;
  /** More of them are made when somebody asks. */
  readonly more: boolean;
}

/** Every record of the simulated instance, by resource (first path segment, any letter case) and key. */
export class Records {
  readonly #tables = new Map<string, Table>();
  readonly #names = new Map<string, string>();
  readonly #guids = new Set<string>();

  constructor() {
    for (const { method, path, pathParameters } of operations()) {
      const [name = '', parameter, more] = path.split('/');
      this.#names.set(name.toLowerCase(), name);
      if (method === 'GET' && more === undefined && parameter?.startsWith('{'))
        if (pathParameters[0]?.type === 'string') this.#guids.add(name.toLowerCase());
    }
  }

  /** Stands for the present state of a resource: what was made of it may be kept until it changes. */
  state(resource: string): { readonly table: object; readonly version: number } {
    const table = this.#table(resource);
    return { table, version: table.version };
  }

  /** What changed in a resource since a version; undefined where that is too long ago to know. */
  changesSince(resource: string, version: number): readonly Change[] | undefined {
    return this.#table(resource).changesSince(version);
  }

  /** The records in order of creation. The list does not change; a later call may give another one. */
  all(resource: string): readonly JsonObject[] {
    return this.#table(resource).all();
  }

  /** The records of a grouped resource with this value in the field that groups them. */
  inGroup(resource: string, group: string): readonly JsonObject[] {
    return this.#table(resource).group(group);
  }

  get(resource: string, key: string): JsonObject | undefined {
    return this.#table(resource).get(key);
  }

  /** A record of a seeded resource: what its fields look like. What others hold is nobody's business. */
  sample(resource: string): JsonObject | undefined {
    return TYPED.has(resource.toLowerCase()) ? this.#table(resource).first() : undefined;
  }

  /** Adds a record that has its id, or puts it in the place of the one with its key. */
  put(resource: string, record: JsonObject): void {
    this.#table(resource).put(record);
  }

  remove(resource: string, key: string): void {
    this.#table(resource).remove(key);
  }

  /** The id of the next new record. */
  nextId(resource: string, record: JsonObject): Json {
    return this.hasGuidIds(resource) ? crypto.randomUUID() : this.#table(resource).nextId(record);
  }

  /** True where the id of the resource is text in the vendor's document. */
  hasGuidIds(resource: string): boolean {
    return this.#guids.has(resource.toLowerCase());
  }

  /** Makes the records of a grouped resource when somebody asks for their group. */
  later(resource: string, later: Later): void {
    this.#table(resource).later = later;
  }

  /** The resources that have records, with their numbers, by name. */
  counts(): readonly Count[] {
    return [...this.#tables.values()]
      .map(({ name, size, isLazy }) => ({ resource: name, count: size, more: isLazy }))
      .filter(({ count, more }) => count > 0 || more)
      .sort((a, b) => (a.resource < b.resource ? -1 : 1));
  }

  clear(): void {
    this.#tables.clear();
  }

  dump(): readonly TableDump[] {
    return [...this.#tables.values()].map((table) => table.dump());
  }

  /** Puts back the head of a table that `dump` gave; its rows follow with `put`. */
  restore({ name, ...head }: Omit<TableDump, 'rows'>): void {
    this.#table(name).restore(head);
  }

  #table(resource: string): Table {
    const key = resource.toLowerCase();
    let table = this.#tables.get(key);
    if (!table) {
      table = new Table(this.#names.get(key) ?? resource, groupField(resource));
      this.#tables.set(key, table);
    }
    return table;
  }
}

/** The field within whose value the ids of a resource count. */
export function groupField(resource: string): string | undefined {
  return GROUPED[resource.toLowerCase()];
}

/** What a record is found by: its id; for an action its ticket too. */
export function keyOf(resource: string, record: JsonObject): string {
  const id = String(record['id'] ?? '');
  const field = groupField(resource);
  return field === undefined ? id : `${String(record[field] ?? '')}/${id}`;
}
