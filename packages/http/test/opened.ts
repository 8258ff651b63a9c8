import {
  type Batch,
  type Client,
  type Component,
  checkOptions,
  type Json,
  type JsonObject,
  type Message,
  type OptionFinding,
  type Outcome,
  type Publisher,
  type ReadFrom,
  type Subscriber,
} from '@millrace/core';
import { type TestRun, testDependencies, testRun } from '@millrace/core/testing';
import { onTestFinished } from 'vitest';
import http from '../src/index.ts';

const components = http.components as Readonly<Record<'client' | 'subscriber' | 'publisher', Component>>;

function make<T>(kind: keyof typeof components, options: JsonObject, dependencies: object): T {
  const { options: schema, create } = components[kind];
  const ready = checkOptions(schema, options, ({ message, path }) => {
    throw new Error(`${path.join('.')}: ${message}`);
  });
  return (create as (options: unknown, dependencies: unknown) => T)(ready, dependencies);
}

/** Every finding about options, of their schema and of the component's own check. */
export function findings(kind: keyof typeof components, options: JsonObject): string[] {
  const found: OptionFinding[] = [];
  const { options: schema, check } = components[kind];
  const ready = checkOptions(schema, options, (finding) => found.push(finding));
  if (ready !== undefined)
    (check as (options: unknown, report: (one: OptionFinding) => void) => void)?.(ready, (one) =>
      found.push(one),
    );
  return found.map(({ code, path }) => `${code} ${path.join('.')}`);
}

/** A client that closes with the test. */
export function openClient(options: JsonObject): Required<Client> {
  const client = make<Required<Client>>(
    'client',
    { retry: { attempts: 3, initial: '1ms', max: '5ms' }, ...options },
    {},
  );
  onTestFinished(() => client.close());
  return client;
}

export interface ReadResult {
  readonly rows: readonly JsonObject[];
  readonly batches: readonly Batch[];
  readonly cursor: Json | undefined;
}

/** Reads to the end by a subscriber of its own. */
export async function read(
  client: Client,
  options: JsonObject,
  from: ReadFrom = {},
  run: TestRun = testRun(),
): Promise<ReadResult> {
  const subscriber = make<Subscriber>('subscriber', options, {
    ...testDependencies('incoming', run),
    client,
  });
  const batches: Batch[] = [];
  const reader = subscriber.read(from, run);
  for (;;) {
    const step = await reader.next();
    if (step.done) return { rows: batches.flatMap(({ entities }) => entities), batches, cursor: step.value };
    batches.push(step.value);
  }
}

export function messageOf(data: JsonObject, taskId = 'task-1', attempt = 1): Message {
  return { data, entity: { type: 'thing', id: '1' }, taskId, attempt, runId: 'run-1' };
}

/** A publisher, and a call of it. */
export function openPublisher(client: Client, options: JsonObject) {
  const run = testRun({ entity: { type: 'other', id: '9' }, task: { id: 'other' }, attempt: 9 });
  const publisher = make<Publisher>('publisher', options, { ...testDependencies('outgoing', run), client });
  return {
    publish: (...messages: readonly Message[]): Promise<readonly Outcome[]> =>
      publisher.publish(messages, run),
    verify: (message: Message) => publisher.verify?.(message, run),
  };
}
