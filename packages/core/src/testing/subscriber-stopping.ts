import type { Batch } from '../contracts.ts';
import { arranged, type Check, clientRejection, demand, demandNone, throughJson, within } from './check.ts';
import { openComponent } from './opened.ts';
import { demandRows, readFrom, type SubscriberSubject } from './reading.ts';
import { demandNoSecret } from './secrets.ts';
import { testRun } from './test-run.ts';

/** What every subscriber must do when a read ends before its end. */
export function stoppingChecks(subject: SubscriberSubject): Check[] {
  /** A read that has given its first batch. */
  const begin = async () => {
    const arrangement = await subject.arrange();
    const run = testRun();
    const opened = openComponent('subscriber', subject, arrangement, run);
    const reader = opened.made.read({}, run);
    const first = await reader.next();
    demand(first.done !== true, 'the read gave no batch');
    return { arrangement, run, opened, reader, first: first.value as Batch };
  };

  return [
    {
      name: 'ends within a batch when it is aborted',
      run: async () => {
        const { run, opened, reader } = await begin();
        run.abort();
        let more = 0;
        const rest = async () => {
          for await (const _ of reader) more++;
        };
        await within(
          rest().catch(() => {}),
          'an aborted read did not end',
        );
        demand(more <= 1, `${more} batches came after the abort`);
        await opened.close();
      },
    },
    {
      name: 'ends at once when nobody wants more',
      run: async () => {
        const { opened, reader } = await begin();
        await within(reader.return(undefined), 'a read that was given up did not end');
        const { done } = await reader.next();
        demand(done === true, 'a read that was given up went on');
        await opened.close();
      },
    },
    {
      name: 'gives back what it opened, whether it was read to the end, given up or aborted',
      run: async () => {
        for (const how of ['read to its end', 'given up', 'aborted']) {
          const { arrangement, run, opened, reader } = await begin();
          const open = arranged(arrangement.open, 'open');
          if (how === 'given up') await reader.return(undefined);
          if (how === 'aborted') run.abort();
          await (async () => {
            for await (const _ of reader);
          })().catch(() => {});
          await opened.close();
          await demandNone(open, (left) => `${left} stayed open after a read that was ${how}`);
        }
      },
    },
    {
      name: 'loses and doubles nothing when an answer breaks off in the middle of a read',
      run: async () => {
        const { arrangement, run, opened, reader, first } = await begin();
        const breakNext = arranged(arrangement.breakNext, 'breakNext');
        await breakNext();
        const batches = [first];
        const rest = async () => {
          for await (const batch of reader) batches.push(batch);
        };
        const ended = rest();
        const failed = await ended.then(
          () => false,
          () => true,
        );
        const error = failed ? await clientRejection(ended, '') : undefined;
        const count = batches.flatMap((batch) => batch.entities).length;
        const { expected } = arrangement;
        demandRows(batches, failed ? expected.slice(0, count) : expected, 'a read whose source broke');
        const position = batches.at(-1)?.position;
        await arrangement.repair?.();
        if (failed && position !== undefined) {
          const again = await readFrom(opened, { position: throughJson(position) }, testRun());
          demandRows(again.batches, expected.slice(count), 'the read that went on after it');
        }
        demandNoSecret(opened.secrets, { 'the error': error, 'the log': run.lines });
        await opened.close();
      },
    },
  ];
}
