import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch, Json, JsonObject, Message, Publisher, Subscriber } from '@millrace/core';
import { checkOptions } from '@millrace/core';
import { type TestRun, testDependencies, testRun } from '@millrace/core/testing';
import { onTestFinished } from 'vitest';
import { publisher } from '../src/publisher.ts';
import { subscriber } from '../src/subscriber.ts';

/** A project folder of its own, which goes when the test is done. */
export async function folder(): Promise<string> {
  const path = realpathSync(await mkdtemp(join(tmpdir(), 'millrace-file-')));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** The text of a file; empty where it is not there. */
export function text(directory: string, name: string): string {
  return existsSync(join(directory, name)) ? readFileSync(join(directory, name), 'utf8') : '';
}

function ready(component: { readonly options: object }, options: JsonObject): never {
  const checked = checkOptions(component.options as never, options, ({ message }) => {
    throw new Error(message);
  });
  return checked as never;
}

export function makePublisher(directory: string, options: JsonObject, run = testRun()): Publisher {
  const dependencies = { ...testDependencies('outgoing', run, directory), client: undefined as never };
  return publisher.create(ready(publisher, options), dependencies);
}

export function makeSubscriber(directory: string, options: JsonObject): Subscriber {
  const dependencies = { ...testDependencies('incoming', undefined, directory), client: undefined as never };
  return subscriber.create(ready(subscriber, options), dependencies);
}

export function message(taskId: string, data: JsonObject, runId = '01RUN'): Message {
  return { data, entity: { type: 'record', id: taskId }, taskId, attempt: 1, runId };
}

/** Publishes records as tasks t0, t1, … and gives the states of the outcomes. */
export async function publishAll(made: Publisher, records: readonly JsonObject[], run = testRun()) {
  return made.publish(
    records.map((data, index) => message(`t${index}`, data)),
    run,
  );
}

export async function readAll(made: Subscriber, position?: Json, run: TestRun = testRun()) {
  const batches: Batch[] = [];
  for await (const batch of made.read(position === undefined ? {} : { position }, run)) batches.push(batch);
  return { batches, rows: batches.flatMap((batch) => batch.entities) };
}

/** How many times this process has files of a folder open; 0 where the system does not tell. */
export function openIn(directory: string): number {
  if (process.platform !== 'linux') return 0;
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(directory);
    } catch {
      return false;
    }
  }).length;
}
