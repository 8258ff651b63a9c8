import type { Client, Publisher, Subscriber } from '../contracts.ts';
import type { Component, Kind } from '../define.ts';
import type { JsonObject } from '../json.ts';
import type { Receiver } from '../receiver.ts';
import type { Transport } from '../transport.ts';
import { demand } from './check.ts';
import { readyOptions, type Schema } from './option-checks.ts';
import { secretsIn } from './secrets.ts';
import { type TestRun, testDependencies } from './test-run.ts';

/** What a component is made of in a test. */
export interface Parts {
  /** As they stand in a file, without `client`. */
  readonly options: JsonObject;
  /** Options of the client, where the component has one. */
  readonly clientOptions?: JsonObject;
  /** The project folder: paths in the options are relative to it. */
  readonly directory?: string;
}

/** A component that was made, with its client. */
export interface Opened<T> {
  readonly made: T;
  /** Values that nobody may see. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

type Made = {
  readonly subscriber: Subscriber;
  readonly receiver: Receiver;
  readonly publisher: Publisher;
};
type Create = (options: unknown, dependencies: unknown) => unknown;

/** Makes a subscriber, a receiver or a publisher as the engine does. */
export function openComponent<K extends keyof Made>(
  kind: K,
  subject: { readonly component: Component; readonly client?: Component },
  parts: Parts,
  run: TestRun,
): Opened<Made[K]> {
  const { component } = subject;
  demandKind(kind, component);
  const { options, clientOptions, directory } = parts;
  const definition = subject.client ?? (component.client as Component | undefined);
  const client = definition && openClient(definition, clientOptions ?? {}, run);
  const place = kind === 'publisher' ? 'outgoing' : 'incoming';
  const dependencies = { ...testDependencies(place, run, directory), client: client?.made };
  const made = (component.create as Create)(readyOptions(component.options, options), dependencies);
  const own = secretsIn(component.options as Schema, options);
  return {
    made: made as Made[K],
    secrets: [...own, ...(client?.secrets ?? [])],
    close: async () => client?.close(),
  };
}

/** Makes a client as the engine does. */
export function openClient(
  definition: Component,
  options: JsonObject,
  run: TestRun,
  transport?: Transport,
): Opened<Client> {
  demandKind('client', definition);
  const ready = readyOptions(definition.options, options);
  const made = (definition.create as Create)(ready, {
    log: run.log,
    ...(transport && { transport }),
  }) as Client;
  return {
    made,
    secrets: secretsIn(definition.options as Schema, options),
    close: async () => made.close?.(),
  };
}

function demandKind(kind: Kind, component: Component): void {
  demand(component.kind === kind, `the component is a ${component.kind}, not a ${kind}`);
}
