import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Batch, Subscriber } from '../../src/contracts.ts';
import type { Component } from '../../src/define.ts';
import { MillraceError } from '../../src/errors.ts';
import type { Json } from '../../src/json.ts';
import { subscriberChecks, unusedUrl } from '../../src/testing/index.ts';
import { type Mutation, notesSubscriber } from './notes-components.ts';
import { NotesSystem, TOKEN } from './notes-system.ts';
import { nothing, said, verdict } from './verdict.ts';

async function subscriberSubject(component: Component) {
  const arrange = async () => {
    const { system, url, connections } = await NotesSystem.start(5);
    return {
      options: {},
      clientOptions: { url, token: TOKEN },
      expected: [...system.notes],
      unreachable: { url: await unusedUrl(), token: TOKEN },
      breakNext: () => system.next('truncate'),
      grow: () => [system.add('new')],
      open: connections,
    };
  };
  return subscriberChecks({ component, arrange });
}

/** Changes each batch of a right subscriber. */
const mapping =
  (change: (batch: Batch, index: number, token: Json) => Batch): Mutation<Subscriber> =>
  (right, { token }) => ({
    async *read(from, run) {
      const reader = right.read(from, run);
      for (let index = 0; ; index++) {
        const step = await reader.next();
        if (step.done) return step.value;
        yield change(step.value, index, token ?? null);
      }
    },
  });

/** Changes where a right subscriber begins, and the cursor that it ends with. */
const beginning =
  (
    change: (from: { position?: Json; cursor?: Json }) => object,
    cursor = (last: Json | undefined) => last,
  ): Mutation<Subscriber> =>
  (right) => ({
    async *read(from, run) {
      return cursor(yield* right.read(change({ ...from }), run));
    },
  });

const shift = (value: Json | undefined, by: number) => (value === undefined ? undefined : Number(value) + by);
const READS = 'reads every record once';
const REST = 'reads exactly the rest';

it('the subscriber suite passes what is right, and tries all of it', async () => {
  expect(await verdict(await subscriberSubject(notesSubscriber()))).toEqual(nothing);
});

describe('the subscriber suite finds a subscriber', () => {
  const wrong: [string, string, Mutation<Subscriber>][] = [
    [
      'that loses a record',
      READS,
      mapping((batch, index) => (index === 1 ? { ...batch, entities: batch.entities.slice(1) } : batch)),
    ],
    [
      'that doubles a record',
      READS,
      mapping((batch) => ({ ...batch, entities: [...batch.entities, ...batch.entities.slice(-1)] })),
    ],
    [
      'that turns batches round',
      READS,
      mapping((batch) => ({ ...batch, entities: batch.entities.toReversed() })),
    ],
    [
      'that gives what is no object',
      READS,
      mapping((batch) => ({ ...batch, entities: batch.entities.map((row) => [row]) as never })),
    ],
    [
      'that loses a record on resume',
      REST,
      beginning(({ position, cursor }) => strip({ position: shift(position, 1), cursor })),
    ],
    [
      'that doubles a record on resume',
      REST,
      beginning(({ position, cursor }) => strip({ position: shift(position, -1), cursor })),
    ],
    [
      'that loses the last one on resume',
      REST,
      (right) => ({
        async *read(from, run) {
          const held: Batch[] = [];
          for await (const batch of right.read(from, run)) held.push(batch);
          const given = from.position === undefined ? held : held.slice(0, -1);
          yield* given;
          return undefined;
        },
      }),
    ],
    [
      'whose position is no JSON',
      REST,
      mapping((batch) => ({ ...batch, position: { at: new Date(0) } as never })),
    ],
    [
      'whose cursor is no JSON',
      'gives a cursor',
      beginning(
        (from) => from,
        () => new Map() as never,
      ),
    ],
    [
      'whose cursor goes too far',
      'gives a cursor',
      beginning(
        (from) => from,
        (last) => Number(last) + 1,
      ),
    ],
    ['that announces a wrong total', 'announces totals', mapping((batch) => ({ ...batch, total: 6 }))],
    [
      'that can be read once only',
      'reads the same',
      (right) => {
        let used = false;
        return {
          async *read(from, run) {
            if (used) return undefined;
            used = true;
            return yield* right.read(from, run);
          },
        };
      },
    ],
    [
      'that ignores an abort',
      'ends within a batch',
      (right) => ({
        read: (from, run) => right.read(from, { ...run, signal: new AbortController().signal }),
      }),
    ],
    [
      'that goes on when nobody wants more',
      'ends at once',
      (right) => ({
        read(from, run) {
          const reader = right.read(from, run);
          reader.return = async () => ({ done: true, value: undefined });
          return reader;
        },
      }),
    ],
    [
      'that takes a broken answer for the end',
      'loses and doubles nothing',
      (right) => ({
        async *read(from, run) {
          try {
            return yield* right.read(from, run);
          } catch {
            return undefined;
          }
        },
      }),
    ],
    [
      'that reads a page again when it broke',
      'loses and doubles nothing',
      (right) => ({
        async *read(from, run) {
          let position = from.position;
          try {
            for await (const batch of right.read(from, run)) {
              yield batch;
              position ??= batch.position ?? 0;
            }
          } catch {
            yield* right.read({ position: Number(position) - 1 }, run);
          }
          return undefined;
        },
      }),
    ],
    [
      'that logs its token',
      REST,
      (right, { token }) => ({
        read: (from, run) => {
          run.log.debug({ headers: { authorization: `Bearer ${token}` } }, 'reading');
          return right.read(from, run);
        },
      }),
    ],
    [
      'that keeps its token in the position',
      REST,
      mapping((batch, _, token) => ({ ...batch, position: { token, at: batch.position ?? 0 } })),
    ],
    [
      'whose errors are not typed',
      'says what is wrong',
      (right) => ({
        async *read(from, run) {
          try {
            return yield* right.read(from, run);
          } catch {
            throw new TypeError('fetch failed');
          }
        },
      }),
    ],
    [
      'that shows its token in an error',
      'says what is wrong',
      (right, { token }) => ({
        async *read(from, run) {
          try {
            return yield* right.read(from, run);
          } catch (error) {
            throw new MillraceError(
              'client.unreachable',
              `GET /notes?token=${encodeURIComponent(String(token))}`,
              { cause: error },
            );
          }
        },
      }),
    ],
  ];

  it.each(wrong)('%s', async (_, check, mutate) => {
    expect(await said(await subscriberSubject(notesSubscriber(mutate)), check)).not.toContain(TOKEN);
  });

  it('that leaves a connection open', async () => {
    const { system, url, connections } = await NotesSystem.start(5);
    const left: ReturnType<typeof connect>[] = [];
    const component = notesSubscriber((right) => ({
      async *read(from, run) {
        left.push(connect(Number(new URL(url).port), '127.0.0.1'));
        return yield* right.read(from, run);
      },
    }));
    const arrange = async () => ({
      options: {},
      clientOptions: { url, token: TOKEN },
      expected: system.notes,
      open: connections,
    });
    const told = await said(subscriberChecks({ component, arrange }), 'gives back what it opened');
    expect(told).toContain('1 stayed open after a read that was read to its end');
    for (const socket of left) socket.destroy();
  });

  it('that cannot be resumed for want of batches', async () => {
    const { system, url } = await NotesSystem.start(1);
    const arrange = async () => ({
      options: {},
      clientOptions: { url, token: TOKEN },
      expected: system.notes,
    });
    const checks = subscriberChecks({ component: notesSubscriber(), arrange });
    expect(await said(checks, REST)).toContain('one batch');
  });
});

function strip(from: Record<string, Json | undefined>): object {
  return Object.fromEntries(Object.entries(from).filter(([, value]) => value !== undefined));
}
