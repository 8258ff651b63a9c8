import { isDeepStrictEqual } from 'node:util';
import type { Batch, Client, ReadFrom } from '../contracts.ts';
import type { ClientDefinition, SubscriberDefinition } from '../define.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import {
  type Check,
  demand,
  demandNoCanary,
  optionChecks,
  readyOptions,
  rejection,
  within,
} from './check.ts';
import { describe, type TestRun, testDependencies, testRun } from './test-run.ts';

export interface SubscriberArrangement {
  readonly options: JsonObject;
  readonly clientOptions?: JsonObject;
  /** All records that a full read gives, in order. More than one batch of them, so that resuming is tried. */
  readonly expected: readonly JsonObject[];
  /** Options of the client with an address where nothing listens. */
  readonly unreachable?: JsonObject;
}

export interface SubscriberSubject<C extends Client> {
  readonly component: SubscriberDefinition<never, C>;
  readonly client?: ClientDefinition<never, C>;
  readonly arrange: () => Promise<SubscriberArrangement>;
}

const BATCHES = 10_000;

/** What every subscriber must do. */
export function subscriberChecks<C extends Client>(subject: SubscriberSubject<C>): Check[] {
  const { arrange } = subject;
  return [
    ...optionChecks(subject.component),
    {
      name: 'reads every record once, in order',
      run: async () => {
        const arrangement = await arrange();
        const { batches } = await read(subject, arrangement, {});
        const rows = batches.flatMap((batch) => batch.entities);
        demand(rows.every(isObject), 'an entity is no JSON object');
        const { expected } = arrangement;
        demand(
          isDeepStrictEqual(plain(rows), plain(expected)),
          `${rows.length} records were read, other than the ${expected.length} expected ones`,
        );
      },
    },
    {
      name: 'announces totals that hold',
      run: async () => {
        const arrangement = await arrange();
        const { batches } = await read(subject, arrangement, {});
        const totals = batches.flatMap((batch) => (batch.total === undefined ? [] : [batch.total]));
        const wrong = totals.find((total) => total !== arrangement.expected.length);
        demand(
          wrong === undefined,
          `a total of ${wrong} was announced, and there are ${arrangement.expected.length}`,
        );
      },
    },
    {
      name: 'reads exactly the rest from every position',
      run: async () => {
        const arrangement = await arrange();
        const { batches } = await read(subject, arrangement, {});
        let done = 0;
        for (const [index, batch] of batches.entries()) {
          done += batch.entities.length;
          const position = plain(batch.position ?? null);
          demand(
            isDeepStrictEqual(position, batch.position ?? null),
            `the position of batch ${index + 1} is not JSON`,
          );
          if (batch.position === undefined) continue;
          const rest = await read(subject, arrangement, { position });
          const rows = rest.batches.flatMap((one) => one.entities);
          const wanted = arrangement.expected.slice(done);
          demand(
            isDeepStrictEqual(plain(rows), plain(wanted)),
            `from the position of batch ${index + 1}, ${rows.length} records were read and ${wanted.length} are left`,
          );
        }
      },
    },
    {
      name: 'gives a cursor that is JSON, and reads from it',
      run: async () => {
        const arrangement = await arrange();
        const { cursor } = await read(subject, arrangement, {});
        if (cursor === undefined) return;
        demand(isDeepStrictEqual(plain(cursor), cursor), 'the cursor is not JSON');
        await read(subject, arrangement, { cursor: plain(cursor) });
      },
    },
    {
      name: 'ends within a batch when it is aborted',
      run: async () => {
        const run = testRun();
        const arrangement = await arrange();
        const opened = open(subject, arrangement, run);
        const reader = opened.subscriber.read({}, run);
        await reader.next();
        run.abort();
        const ended = drain(reader).catch(() => []);
        const more = await within(10_000, ended, 'an aborted read did not end');
        demand(more.length <= 1, `${more.length} batches came after the abort`);
        await opened.close();
      },
    },
    {
      name: 'says what is wrong when nothing listens at the address, and no secret with it',
      run: async () => {
        const arrangement = await arrange();
        if (!arrangement.unreachable) return;
        const run = testRun();
        const opened = open(subject, { ...arrangement, clientOptions: arrangement.unreachable }, run);
        const error = await rejection(
          drain(opened.subscriber.read({}, run)),
          'a read from nowhere succeeded',
        );
        demand(error.kind === 'client', `the error is of kind ${error.kind}, not client`);
        demandNoCanary([describe(error), ...run.lines]);
        await opened.close();
      },
    },
  ];
}

function open<C extends Client>(
  subject: SubscriberSubject<C>,
  arrangement: SubscriberArrangement,
  run: TestRun,
) {
  const { component } = subject;
  const client = openClient(subject.client, arrangement.clientOptions, run);
  const dependencies = { ...testDependencies('incoming', run), client: client as C };
  const subscriber = component.create(
    readyOptions(component.options, arrangement.options) as never,
    dependencies,
  );
  return { subscriber, close: async () => client?.close?.() };
}

/** Makes the client that a component needs, where it needs one. */
export function openClient<C extends Client>(
  definition: ClientDefinition<never, C> | undefined,
  options: JsonObject | undefined,
  run: TestRun,
): C | undefined {
  if (!definition) return undefined;
  return definition.create(readyOptions(definition.options, options ?? {}) as never, { log: run.log });
}

async function read<C extends Client>(
  subject: SubscriberSubject<C>,
  arrangement: SubscriberArrangement,
  from: ReadFrom,
) {
  const run = testRun();
  const { subscriber, close } = open(subject, arrangement, run);
  const batches: Batch[] = [];
  const reader = subscriber.read(from, run);
  for (;;) {
    const step = await reader.next();
    demand(batches.length < BATCHES, `the read did not end after ${BATCHES} batches`);
    if (step.done) {
      await close();
      demandNoCanary(run.lines);
      return { batches, cursor: step.value };
    }
    batches.push(step.value);
  }
}

async function drain(reader: AsyncGenerator<Batch, unknown>): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of reader) batches.push(batch);
  return batches;
}

function plain<T>(value: T): T & Json {
  return JSON.parse(JSON.stringify(value)) as T & Json;
}
