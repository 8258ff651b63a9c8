import { isDeepStrictEqual } from 'node:util';
import type { Batch, ReadFrom } from '../contracts.ts';
import { isObject, type Json } from '../json.ts';
import { arranged, type Check, clientRejection, demand, throughJson } from './check.ts';
import { openComponent } from './opened.ts';
import { optionChecks } from './option-checks.ts';
import { demandRows, readFrom, type SubscriberArrangement, type SubscriberSubject } from './reading.ts';
import { demandNoSecret } from './secrets.ts';
import { stoppingChecks } from './subscriber-stopping.ts';
import { testRun } from './test-run.ts';

/** What every subscriber must do. */
export function subscriberChecks(subject: SubscriberSubject): Check[] {
  const { arrange } = subject;
  return [
    ...optionChecks(subject.component),
    {
      name: 'reads every record once, in order',
      run: async () => {
        const arrangement = await arrange();
        const { batches } = await read(subject, arrangement);
        demand(batches.flatMap((batch) => batch.entities).every(isObject), 'an entity is no JSON object');
        demandRows(batches, arrangement.expected, 'a full read');
      },
    },
    {
      name: 'reads the same when it is asked again',
      run: async () => {
        const arrangement = await arrange();
        const opened = openComponent('subscriber', subject, arrangement, testRun());
        for (const time of ['first', 'second']) {
          const { batches } = await readFrom(opened, {}, testRun());
          demandRows(batches, arrangement.expected, `the ${time} read of one subscriber`);
        }
        await opened.close();
      },
    },
    {
      name: 'announces totals that hold',
      run: async () => {
        const arrangement = await arrange();
        const { batches } = await read(subject, arrangement);
        const { length } = arrangement.expected;
        const wrong = batches.find(({ total }) => total !== undefined && total !== length);
        demand(wrong === undefined, `a total of ${wrong?.total} was announced, and there are ${length}`);
      },
    },
    {
      name: 'reads exactly the rest from every position',
      run: async () => {
        const arrangement = await arrange();
        const { batches } = await read(subject, arrangement);
        demand(
          batches.length > 1 || arrangement.oneBatch === true,
          'all records came in one batch: arrange more of them, or smaller batches, or say oneBatch',
        );
        await demandRests(subject, arrangement, batches);
      },
    },
    {
      name: 'gives a cursor that is JSON, from which the next run reads what came since',
      run: async () => {
        const arrangement = await arrange();
        const { cursor } = await read(subject, arrangement);
        if (cursor !== undefined) demandJson(cursor, 'the cursor');
        const added = (await arrangement.grow?.()) ?? [];
        const next = await read(
          subject,
          arrangement,
          cursor === undefined ? {} : { cursor: throughJson(cursor) },
        );
        const rows = next.batches.flatMap((batch) => batch.entities);
        const lost = added.filter((row) => !rows.some((other) => isDeepStrictEqual(other, row)));
        demand(
          lost.length === 0,
          `${lost.length} of ${added.length} new records were not read from the cursor`,
        );
      },
    },
    {
      name: 'says what is wrong when nothing listens at the address, and no secret with it',
      run: async () => {
        const arrangement = await arrange();
        const clientOptions = arranged(arrangement.unreachable, 'unreachable');
        const run = testRun();
        const opened = openComponent('subscriber', subject, { ...arrangement, clientOptions }, run);
        const error = await clientRejection(readFrom(opened, {}, run), 'a read from nowhere succeeded');
        demandNoSecret(opened.secrets, { 'the error': error, 'the log': run.lines });
        await opened.close();
      },
    },
    ...stoppingChecks(subject),
  ];
}

/** Reads with a subscriber of its own, to the end. */
async function read(subject: SubscriberSubject, arrangement: SubscriberArrangement, from: ReadFrom = {}) {
  const run = testRun();
  const opened = openComponent('subscriber', subject, arrangement, run);
  try {
    return await readFrom(opened, from, run);
  } finally {
    await opened.close();
  }
}

/** From the position of each batch, with a subscriber of its own as after a crash, exactly what is left comes. */
async function demandRests(
  subject: SubscriberSubject,
  arrangement: SubscriberArrangement,
  batches: readonly Batch[],
): Promise<void> {
  let done = 0;
  for (const [index, batch] of batches.entries()) {
    done += batch.entities.length;
    if (batch.position === undefined) continue;
    demandJson(batch.position, `the position of batch ${index + 1}`);
    const rest = await read(subject, arrangement, { position: throughJson(batch.position) });
    const left = arrangement.expected.slice(done);
    demandRows(rest.batches, left, `a read from the position of batch ${index + 1}`);
  }
}

function demandJson(value: Json, what: string): void {
  demand(
    isDeepStrictEqual(throughJson(value), value),
    `${what} is not JSON: it changes on its way through the store`,
  );
}
