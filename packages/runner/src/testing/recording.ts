import type { Json, JsonObject, TransportAnswer, TransportRequest } from '@millrace/core';
import type { RecordedCall } from '../config/test-file.ts';
import type { StorageSource } from '../execution/storage-session.ts';
import type { PlanRecording } from '../preview/plan-report.ts';
import { sentRequest } from '../preview/request-match.ts';

type Seeds = Record<string, Record<string, Json>>;

/** What was read of storages, while it was read. */
export class ReadStorages {
  readonly seeds: Seeds = {};

  wrap(source: StorageSource): StorageSource {
    return {
      readStorage: async (storage, key) => {
        const value = await source.readStorage(storage, key);
        if (value !== undefined) this.#keep(storage, key, value);
        return value;
      },
      storageEntries: async (storage, after, limit) => {
        const entries = await source.storageEntries(storage, after, limit);
        for (const { key, value } of entries) this.#keep(storage, key, value);
        return entries;
      },
    };
  }

  #keep(storage: string, key: string, value: Json): void {
    this.seeds[storage] ??= {};
    this.seeds[storage][key] = value;
  }
}

/** What a live run saw of the outside world. */
export interface Recorded {
  readonly rows: readonly JsonObject[];
  readonly calls: readonly RecordedCall[];
  readonly seeds: Readonly<Record<string, JsonObject>>;
}

/** Everything of the outside world that the live run of a route saw. */
export class Recording implements PlanRecording, Recorded {
  readonly rows: JsonObject[] = [];
  readonly #calls = new Map<string, RecordedCall>();
  readonly #storages = new ReadStorages();

  get seeds(): Seeds {
    return this.#storages.seeds;
  }

  get calls(): readonly RecordedCall[] {
    return [...this.#calls.values()];
  }

  row(row: JsonObject): void {
    this.rows.push(row);
  }

  readonly received = (request: TransportRequest, { status = 200, body }: TransportAnswer): void => {
    const { method, path, query, body: sent } = sentRequest(request);
    const asked = {
      method,
      path: `/${path}`,
      ...(Object.keys(query).length > 0 && { query }),
      ...(sent !== undefined && { body: sent }),
    };
    // The same question has one answer: the first.
    const key = JSON.stringify(asked);
    if (!this.#calls.has(key))
      this.#calls.set(key, { request: asked, response: { status, ...(body !== undefined && { body }) } });
  };

  storages(source: StorageSource): StorageSource {
    return this.#storages.wrap(source);
  }
}
