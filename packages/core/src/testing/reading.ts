import { isDeepStrictEqual } from 'node:util';
import type { Batch, ReadFrom, Subscriber } from '../contracts.ts';
import type { Component } from '../define.ts';
import type { JsonObject } from '../json.ts';
import { demand, throughJson } from './check.ts';
import type { Opened, Parts } from './opened.ts';
import { demandNoSecret } from './secrets.ts';
import type { TestRun } from './test-run.ts';

export interface SubscriberArrangement extends Parts {
  /** All records that a full read gives, in order; more than one batch of them, so that resuming is tried. */
  readonly expected: readonly JsonObject[];
  /** The source always gives everything in one batch: there is nothing to resume. */
  readonly oneBatch?: boolean;
  /** Options of the client with an address where nothing listens. */
  readonly unreachable?: JsonObject;
  /** Makes the next answer of the source break off in its middle, or be wrong. */
  readonly breakNext?: () => void | Promise<void>;
  /** Makes the source whole again, where it does not become so by itself. */
  readonly repair?: () => void | Promise<void>;
  /** Adds records to the source and gives them, as a read from the last cursor must. */
  readonly grow?: () => readonly JsonObject[] | Promise<readonly JsonObject[]>;
  /** How many files, connections and the like are open. */
  readonly open?: () => number | Promise<number>;
}

export interface SubscriberSubject {
  readonly component: Component;
  /** Default: the client that the component names. */
  readonly client?: Component;
  /** Called for each check: a source of its own, and the options that lead to it. */
  readonly arrange: () => Promise<SubscriberArrangement>;
}

/** A subscriber may read no more batches than this in a test. */
const BATCHES = 10_000;

/** Reads to the end, and looks at all that came for what may not be there. */
export async function readFrom(opened: Opened<Subscriber>, from: ReadFrom, run: TestRun) {
  const batches: Batch[] = [];
  const reader = opened.made.read(from, run);
  for (;;) {
    const step = await reader.next();
    if (step.done) {
      const positions = batches.map((batch) => batch.position);
      const seen = { 'the log': run.lines, 'a position': positions, 'the cursor': step.value };
      demandNoSecret(opened.secrets, seen);
      return { batches, cursor: step.value };
    }
    batches.push(step.value);
    demand(batches.length < BATCHES, `the read did not end after ${BATCHES} batches`);
  }
}

/** Throws where batches hold other records than these, and says which was the first. */
export function demandRows(batches: readonly Batch[], expected: readonly JsonObject[], what: string): void {
  const rows = throughJson(batches.flatMap((batch) => batch.entities));
  const wanted = throughJson(expected);
  if (isDeepStrictEqual(rows, wanted)) return;
  const at = wanted.findIndex((row, index) => !isDeepStrictEqual(row, rows[index]));
  const where = at === -1 ? 'more came at the end' : `the first difference is at record ${at + 1}`;
  throw new Error(`${what} gave ${rows.length} records where ${wanted.length} were to come; ${where}`);
}
