import { operations } from '@millrace/haloitsm/catalogue';
import type { Json, JsonObject } from './json.ts';

/** Resources whose id is no number that counts up. */
const GUID_IDS = new Set([
  'priority',
  'holiday',
  'webhook',
  'webhookevent',
  'roles',
  'application',
  'keyvault',
]);

/** What a table holds, in order of creation. */
interface Table {
  readonly name: string;
  readonly rows: Map<string, JsonObject>;
  nextId: number;
}

/** Every record of the simulated instance, by resource (first path segment, any letter case) and key. */
export class Records {
  readonly #tables = new Map<string, Table>();
  readonly #names: ReadonlyMap<string, string>;
  #version = 0;

  constructor() {
    const names = new Map<string, string>();
    for (const { path } of operations()) {
      const [name = ''] = path.split('/');
      names.set(name.toLowerCase(), name);
    }
    this.#names = names;
  }

  /** Goes up with every change: what was made of older records is stale. */
  get version(): number {
    return this.#version;
  }

  all(resource: string): readonly JsonObject[] {
    return [...this.#table(resource).rows.values()];
  }

  get(resource: string, key: string): JsonObject | undefined {
    return this.#table(resource).rows.get(key);
  }

  /** Adds a record that has its id. */
  add(resource: string, record: JsonObject): void {
    const table = this.#table(resource);
    table.rows.set(keyOf(resource, record), record);
    const id = record['id'];
    if (typeof id === 'number') table.nextId = Math.max(table.nextId, id + 1);
    this.#version++;
  }

  remove(resource: string, key: string): void {
    this.#table(resource).rows.delete(key);
    this.#version++;
  }

  /** The id of the next new record. Those of actions begin at 1 in each ticket. */
  nextId(resource: string, record: JsonObject): Json {
    if (resource.toLowerCase() === 'actions') {
      const ids = this.all(resource)
        .filter((one) => one['ticket_id'] === record['ticket_id'])
        .map((one) => Number(one['id']));
      return Math.max(0, ...ids) + 1;
    }
    if (GUID_IDS.has(resource.toLowerCase())) return crypto.randomUUID();
    return this.#table(resource).nextId++;
  }

  hasGuidIds(resource: string): boolean {
    return GUID_IDS.has(resource.toLowerCase());
  }

  clear(): void {
    this.#tables.clear();
    this.#version++;
  }

  dump(): Record<string, { readonly nextId: number; readonly rows: readonly JsonObject[] }> {
    return Object.fromEntries(
      [...this.#tables.values()].map((table) => [
        table.name,
        { nextId: table.nextId, rows: [...table.rows.values()] },
      ]),
    );
  }

  restore(
    dump: Readonly<Record<string, { readonly nextId: number; readonly rows: readonly JsonObject[] }>>,
  ): void {
    this.clear();
    for (const [name, { nextId, rows }] of Object.entries(dump)) {
      for (const row of rows) this.add(name, row);
      this.#table(name).nextId = nextId;
    }
  }

  #table(resource: string): Table {
    const key = resource.toLowerCase();
    let table = this.#tables.get(key);
    if (!table) {
      table = { name: this.#names.get(key) ?? resource, rows: new Map(), nextId: 1 };
      this.#tables.set(key, table);
    }
    return table;
  }
}

/** What a record is found by: its id; for an action its ticket's too. */
export function keyOf(resource: string, record: JsonObject): string {
  const id = String(record['id']);
  return resource.toLowerCase() === 'actions' ? `${String(record['ticket_id'])}/${id}` : id;
}
