import {
  type Batch,
  type ClientDefinition,
  checkOptions,
  type Json,
  type JsonObject,
  type OptionFinding,
  type SubscriberDefinition,
} from '@millrace/core';
import { type TestRun, testDependencies, testRun } from '@millrace/core/testing';
import haloitsm from '@millrace/haloitsm';
import type { Simulator } from '@millrace/haloitsm-simulator';
import { onTestFinished } from 'vitest';

const { client, subscriber } = haloitsm.components as unknown as {
  client: ClientDefinition<never>;
  subscriber: SubscriberDefinition<never>;
};

/** What one read gave. */
export interface ReadResult {
  readonly rows: readonly JsonObject[];
  readonly batches: readonly Batch[];
  readonly cursor: Json | undefined;
  readonly run: TestRun & { readonly notes: readonly string[] };
  /** Rows that were read and not handed on. */
  readonly dropped: number;
}

export interface ReadOptions {
  readonly cursor?: Json | undefined;
  readonly position?: Json | undefined;
  /** Called after each batch; false ends the read, as a crash would. */
  readonly after?: (batch: Batch, index: number) => unknown;
  /** A run whose storages are to be used again. */
  readonly run?: TestRun;
}

/** A reader of a simulator, by the options of the subscriber. */
export interface HaloReader {
  read(options?: ReadOptions): Promise<ReadResult>;
}

/** Reads from a simulator in this process. */
export function reader(simulator: Simulator, options: JsonObject, more: JsonObject = {}): HaloReader {
  const { url, tenant, clientId, clientSecret } = simulator;
  const settings = {
    baseUri: url,
    tenant,
    authentication: { clientCredentials: { clientId, clientSecret, scopes: ['all'] } },
    ...more,
  };
  const halo = client.create(ready(client.options, settings) as never, testDependencies('incoming'));
  onTestFinished(() => halo.close?.());
  const dependencies = { ...testDependencies('incoming'), client: halo };
  const made = subscriber.create(ready(subscriber.options, options) as never, dependencies as never);
  return {
    async read({ cursor, position, after, run: given }: ReadOptions = {}) {
      const notes: string[] = [];
      const run = { ...(given ?? testRun()), notes, note: (text: string) => void notes.push(text) };
      const from = { ...(cursor !== undefined && { cursor }), ...(position !== undefined && { position }) };
      const batches: Batch[] = [];
      const reading = made.read(stored(from), run);
      let end: Json | undefined;
      for (;;) {
        const step = await reading.next();
        if (step.done) {
          end = step.value;
          break;
        }
        batches.push(step.value);
        if ((await after?.(step.value, batches.length - 1)) === false) {
          await reading.return(undefined);
          break;
        }
      }
      const rows = batches.flatMap((batch) => batch.entities);
      const dropped = batches.reduce((sum, batch) => sum + (batch.dropped ?? 0), 0);
      return { rows, batches, cursor: end === undefined ? cursor : stored(end), run, dropped };
    },
  };
}

/** What the store makes of it. */
function stored<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function ready(schema: object, options: JsonObject): Json | undefined {
  return checkOptions(schema as never, options, (finding: OptionFinding) => {
    throw new Error(`${finding.path.join('.')}: ${finding.message}`);
  });
}

/** What the subscriber's own check finds in options. */
export function findings(options: JsonObject): OptionFinding[] {
  const found: OptionFinding[] = [];
  const report = (finding: OptionFinding) => void found.push(finding);
  const checked = checkOptions(subscriber.options, options, report);
  if (checked !== undefined) subscriber.check?.(checked as never, report);
  return found;
}
