import {
  type Json,
  MillraceError,
  milliseconds,
  type Storage,
  type StorageEntry,
  type Storages,
} from '@millrace/core';
import type { StorageResource } from '../config/project.ts';
import type { StorageWrite, Store } from '../store/store.ts';

/** What a session reads beneath its own writes. */
export type StorageSource = Pick<Store, 'readStorage' | 'storageEntries'>;

/**
 * The storages as one run sees them: its own writes are read back at once, and reach the store only with the batch
 * or the delivery that they belong to. What an entity wrote that then failed is forgotten.
 */
export class StorageSession implements Storages {
  readonly #store: StorageSource;
  readonly #declared: ReadonlyMap<string, StorageResource>;
  readonly #kept = new Map<string, StorageWrite>();
  readonly #now: () => number;
  #pending = new Map<string, StorageWrite>();

  constructor(
    store: StorageSource,
    declared: ReadonlyMap<string, StorageResource>,
    now: () => number = Date.now,
  ) {
    this.#store = store;
    this.#declared = declared;
    this.#now = now;
  }

  get(name: string): Storage {
    const resource = this.#declared.get(name);
    if (!resource) {
      throw new MillraceError('config.unknown_reference', `No storage is called "${name}"`, {
        hint: `Declare it in storages/${name}.yaml.`,
      });
    }
    const defaultTtl = resource.ttl === undefined ? undefined : milliseconds(resource.ttl);
    const { maxEntries } = resource;
    return {
      get: (key) => this.#read(name, key),
      set: (key, value, options) => {
        const ttl = options?.ttl ?? defaultTtl;
        this.#write({
          storage: name,
          key,
          value,
          ...(ttl !== undefined && { expiresAt: this.#now() + ttl }),
          ...(maxEntries !== undefined && { maxEntries }),
        });
      },
      delete: (key) => this.#write({ storage: name, key }),
      entries: (page) => this.#entries(name, page.after ?? '', page.limit),
    };
  }

  /** The entity came through: its writes go with the batch. */
  keep(): void {
    for (const [key, write] of this.#pending) {
      // What was written again is the newest: the order of writing says which entries are the oldest.
      this.#kept.delete(key);
      this.#kept.set(key, write);
    }
    this.#pending = new Map();
  }

  /** The entity failed: what it wrote never happened. */
  discard(): void {
    this.#pending = new Map();
  }

  /** The writes to store; the next batch begins with none. */
  take(): readonly StorageWrite[] {
    const writes = [...this.#kept.values()];
    this.#kept.clear();
    return writes;
  }

  async #read(storage: string, key: string): Promise<Json | undefined> {
    const address = addressOf(storage, key);
    const write = this.#pending.get(address) ?? this.#kept.get(address);
    return write ? this.#valueOf(write) : this.#store.readStorage(storage, key);
  }

  /** What the store has, with the writes in hand laid over it. */
  async #entries(storage: string, after: string, limit: number): Promise<readonly StorageEntry[]> {
    const mine = new Map<string, Json | undefined>();
    for (const write of [...this.#kept.values(), ...this.#pending.values()]) {
      if (write.storage === storage && byBytes(write.key, after) > 0)
        mine.set(write.key, this.#valueOf(write));
    }
    const stored = await this.#store.storageEntries(storage, after, limit + mine.size);
    for (const { key, value } of stored) if (!mine.has(key)) mine.set(key, value);
    return [...mine]
      .flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]))
      .sort((a, b) => byBytes(a.key, b.key))
      .slice(0, limit);
  }

  #valueOf({ value, expiresAt }: StorageWrite): Json | undefined {
    return expiresAt !== undefined && expiresAt <= this.#now() ? undefined : value;
  }

  #write(write: StorageWrite): void {
    const address = addressOf(write.storage, write.key);
    this.#pending.delete(address);
    this.#pending.set(address, write);
  }
}

/** The order of the store: that of the bytes, not of JavaScript's code units. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function addressOf(storage: string, key: string): string {
  return `${storage}\u0000${key}`;
}
