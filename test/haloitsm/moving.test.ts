import { type Batch, type Json, type JsonObject, MillraceError } from '@millrace/core';
import type { Simulator } from '@millrace/haloitsm-simulator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HaloReader, reader } from '../support/halo.ts';
import { simulate } from '../support/simulator.ts';

/** What the desk does while a run reads: so many of each a request. */
const work = fc.record({
  create: fc.constantFrom(0, 0.3, 1, 3),
  change: fc.constantFrom(0, 0.3, 1, 3),
  act: fc.constantFrom(0, 0.5),
  remove: fc.constantFrom(0, 0.3, 1, 2),
  seed: fc.nat({ max: 100_000 }),
});

/** The summaries of all tickets that are there: each change writes another one. */
function summaries(simulator: Simulator): Map<number, string> {
  const there = simulator.records('Tickets').filter(({ deleted }) => deleted !== true);
  return new Map(there.map(({ id, summary }) => [Number(id), String(summary)]));
}

/** The last version of each ticket that came. */
class Target {
  readonly got = new Map<number, string>();
  cursor: Json | undefined;
  /** Runs that said that something is missing. */
  incomplete = 0;

  /** One run, as the engine does it: interrupted after two batches and taken up, where that is asked for. */
  async run(halo: HaloReader, interrupted: boolean): Promise<void> {
    const position = await this.#read(halo, undefined, interrupted ? 2 : Number.POSITIVE_INFINITY);
    if (position !== undefined) await this.#read(halo, position, Number.POSITIVE_INFINITY);
  }

  /** Where to go on; undefined where the run came to its end. */
  async #read(halo: HaloReader, position: Json | undefined, most: number): Promise<Json | undefined> {
    const { cursor } = this;
    let last: Json | undefined;
    let isCut = false;
    const after = (batch: Batch, index: number) => {
      for (const { id, summary } of batch.entities) this.got.set(Number(id), String(summary));
      last = batch.position;
      isCut = index + 1 >= most;
      return !isCut;
    };
    try {
      const { cursor: next } = await halo.read({ cursor, position, after });
      if (isCut) return last;
      this.cursor = next;
    } catch (error) {
      // A desk that changes faster than it is read, or from which all goes that was just listed: the run says so, and its
      // cursor stays where it was.
      const codes = ['source.incomplete', 'client.not_found'];
      if (!(error instanceof MillraceError) || !codes.includes(error.code)) throw error;
      this.incomplete++;
    }
    return undefined;
  }
}

const incremental = { field: 'last_update', overlap: '0s' };

describe('a desk that is worked at while it is read', () => {
  it.each<[string, JsonObject]>([
    ['by lastupdatefromdate', { entity: 'Tickets', incremental }],
    ['by datesearch', { entity: 'Tickets', incremental: { ...incremental, filter: 'datesearch' } }],
    ['newest first', { entity: 'Tickets', incremental: { ...incremental, filter: 'order' } }],
    ['open ones only', { entity: 'Tickets', incremental, parameters: { query: { open_only: true } } }],
    ['with their details', { entity: 'Tickets', incremental, hydrate: true }],
  ])(
    '%s: the last version of every ticket arrives, over any runs and interruptions',
    async (name, options) => {
      const simulator = await simulate({ tickets: 40, pageCap: 6 });
      const halo = reader(simulator, options);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(work, fc.boolean()), { minLength: 1, maxLength: 4 }),
          async (runs) => {
            simulator.reset();
            const target = new Target();
            for (const [deeds, interrupted] of runs) {
              // With details each record that is read is a request: the desk must stop some time.
              simulator.churn({ ...deeds, per: 'call', limit: 60 });
              await target.run(halo, interrupted);
            }
            simulator.stopChurn();
            const { incomplete } = target;
            await target.run(halo, false);
            expect(target.incomplete).toBe(incomplete);
            const wanted = [...summaries(simulator)].filter(
              ([id]) => name !== 'open ones only' || isOpen(simulator, id),
            );
            expect(wanted.filter(([id, summary]) => target.got.get(id) !== summary)).toEqual([]);
          },
        ),
        { numRuns: Number(process.env['MILLRACE_RUNS'] ?? 12) },
      );
    },
    60_000,
  );
});

function isOpen(simulator: Simulator, id: number): boolean {
  const status = simulator.records('Tickets').find((one) => one['id'] === id)?.['status_id'];
  return status !== 8 && status !== 9;
}
