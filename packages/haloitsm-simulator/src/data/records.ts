import { operations } from '@millrace/haloitsm/catalogue';
import type { Json, JsonObject } from './json.ts';

// Ids of these count within another field: the first action of every ticket is 1, the first row of every lookup too.
const GROUPED: Readonly<Record<string, string>> = { actions: 'ticket_id', lookup: 'lookupid' };

// Their first record is one of the seed, whose fields have the types of the real ones.
const TYPED = new Set(
  'tickets actions asset users client site agent team status tickettype kbarticle'.split(' '),
);

interface Table {
  readonly name: string;
  /** In order of creation. */
  readonly rows: Map<string, JsonObject>;
  /** The next id; of a grouped resource by group. */
  readonly nextIds: Map<string, number>;
  version: number;
  list: readonly JsonObject[] | undefined;
}

export interface Dump {
  readonly [resource: string]: {
    readonly nextIds: Readonly<Record<string, number>>;
    readonly rows: readonly JsonObject[];
  };
}

/** Every record of the simulated instance, by resource (first path segment, any letter case) and key. */
export class Records {
  readonly #tables = new Map<string, Table>();
  readonly #fillers = new Map<string, () => void>();
  readonly #names = new Map<string, string>();
  readonly #guids = new Set<string>();
  #versions = 0;

  constructor() {
    for (const { method, path, pathParameters } of operations()) {
      const [name = '', parameter, more] = path.split('/');
      this.#names.set(name.toLowerCase(), name);
      if (method === 'GET' && more === undefined && parameter?.startsWith('{'))
        if (pathParameters[0]?.type === 'string') this.#guids.add(name.toLowerCase());
    }
  }

  /** Changes with every change of the resource: what was made of older records is stale. */
  version(resource: string): number {
    return this.#table(resource).version;
  }

  /** The records in order of creation. The list does not change; a later call may give another one. */
  all(resource: string): readonly JsonObject[] {
    const table = this.#table(resource);
    table.list ??= [...table.rows.values()];
    return table.list;
  }

  get(resource: string, key: string): JsonObject | undefined {
    return this.#table(resource).rows.get(key);
  }

  /** A record of a seeded resource: what its fields look like. What others hold is nobody's business. */
  sample(resource: string): JsonObject | undefined {
    if (!TYPED.has(resource.toLowerCase())) return undefined;
    return this.#table(resource).rows.values().next().value;
  }

  /** Adds a record that has its id, or puts it in the place of the one with its key. */
  put(resource: string, record: JsonObject): void {
    const table = this.#table(resource);
    table.rows.set(keyOf(resource, record), record);
    const id = record['id'];
    if (typeof id === 'number') {
      const group = groupOf(resource, record);
      table.nextIds.set(group, Math.max(table.nextIds.get(group) ?? 1, id + 1));
    }
    this.#touch(table);
  }

  remove(resource: string, key: string): void {
    const table = this.#table(resource);
    table.rows.delete(key);
    this.#touch(table);
  }

  /** The id of the next new record. */
  nextId(resource: string, record: JsonObject): Json {
    if (this.hasGuidIds(resource)) return crypto.randomUUID();
    return this.#table(resource).nextIds.get(groupOf(resource, record)) ?? 1;
  }

  /** True where the id of the resource is text in the vendor's document. */
  hasGuidIds(resource: string): boolean {
    return this.#guids.has(resource.toLowerCase());
  }

  /** Fills a resource when it is first asked for. */
  later(resource: string, fill: () => void): void {
    this.#fillers.set(resource.toLowerCase(), fill);
  }

  clear(): void {
    this.#tables.clear();
    this.#fillers.clear();
  }

  dump(): Dump {
    for (const key of [...this.#fillers.keys()]) this.#table(key);
    return Object.fromEntries(
      [...this.#tables.values()].map(({ name, nextIds, rows }) => [
        name,
        { nextIds: Object.fromEntries(nextIds), rows: [...rows.values()] },
      ]),
    );
  }

  restore(dump: Dump): void {
    this.clear();
    for (const [name, { nextIds, rows }] of Object.entries(dump)) {
      for (const row of rows) this.put(name, row);
      for (const [group, id] of Object.entries(nextIds)) this.#table(name).nextIds.set(group, id);
    }
  }

  #table(resource: string): Table {
    const key = resource.toLowerCase();
    let table = this.#tables.get(key);
    if (!table) {
      const name = this.#names.get(key) ?? resource;
      table = { name, rows: new Map(), nextIds: new Map(), version: ++this.#versions, list: undefined };
      this.#tables.set(key, table);
    }
    const fill = this.#fillers.get(key);
    if (fill) {
      this.#fillers.delete(key);
      fill();
    }
    return table;
  }

  #touch(table: Table): void {
    table.version = ++this.#versions;
    table.list = undefined;
  }
}

/** The field within whose value the ids of a resource count. */
export function groupField(resource: string): string | undefined {
  return GROUPED[resource.toLowerCase()];
}

function groupOf(resource: string, record: JsonObject): string {
  const field = groupField(resource);
  return field === undefined ? '' : String(record[field] ?? '');
}

/** What a record is found by: its id; for an action its ticket too. */
export function keyOf(resource: string, record: JsonObject): string {
  const id = String(record['id'] ?? '');
  return groupField(resource) === undefined ? id : `${groupOf(resource, record)}/${id}`;
}
