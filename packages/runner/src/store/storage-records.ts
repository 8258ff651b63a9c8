import type { Json } from '@millrace/core';

/** One storage, as far as the store knows it: it knows those that hold something. */
export interface StorageSummary {
  readonly name: string;
  readonly entries: number;
  /** Of keys and values as JSON. */
  readonly bytes: number;
  /** When the entry was written that was written longest ago, and last. */
  readonly oldest: string;
  readonly newest: string;
}

export interface StorageRow {
  readonly key: string;
  readonly value: Json;
  readonly updatedAt: string;
  readonly expiresAt: string | null;
}

export interface StorageFilter {
  readonly storage: string;
  /** Only keys that begin with it. */
  readonly prefix?: string;
  /** Only keys behind it. */
  readonly after?: string;
  readonly limit: number;
}
