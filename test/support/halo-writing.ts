import {
  type Client,
  checkOptions,
  type JsonObject,
  type Message,
  type OptionFinding,
  type Outcome,
  type Publisher,
  type PublisherDefinition,
  type RunContext,
} from '@millrace/core';
import { testDependencies, testRun } from '@millrace/core/testing';
import haloitsm from '@millrace/haloitsm';
import type { Simulator } from '@millrace/haloitsm-simulator';
import { onTestFinished } from 'vitest';

const { client, publisher } = haloitsm.components as unknown as {
  client: { options: never; create: (options: never, dependencies: never) => Client };
  publisher: PublisherDefinition<never>;
};

function options<T>(schema: T, given: JsonObject): never {
  return checkOptions(schema as never, given, (finding) => {
    throw new Error(`${finding.path?.join('.')}: ${finding.message}`);
  }) as never;
}

/** A client of a simulator, which is closed with the test. */
export function openHalo({ url, tenant, clientId, clientSecret }: Simulator): Client {
  const given = {
    baseUri: url,
    tenant,
    authentication: { clientCredentials: { clientId, clientSecret, scopes: ['all'] } },
  };
  const { log } = testRun();
  const halo = client.create(options(client.options, given), { log } as never);
  onTestFinished(() => halo.close?.());
  return halo;
}

export interface WriterServices {
  /** Folder of the project, for files. */
  readonly directory?: string;
  readonly clients?: Readonly<Record<string, Client>>;
}

/** The publisher of an outgoing, with its options as a file has them. */
export function writerTo(halo: Client, given: JsonObject, services: WriterServices = {}): Publisher {
  const { directory, clients } = services;
  const dependencies = testDependencies('outgoing', testRun(), directory, undefined, clients);
  return publisher.create(options(publisher.options, given), { ...dependencies, client: halo } as never);
}

export function messagesOf(all: readonly JsonObject[], type = 'record'): Message[] {
  return all.map((data, index) => ({
    data,
    entity: { type, id: String(index + 1) },
    taskId: `task-${index + 1}`,
    attempt: 1,
    runId: 'run',
  }));
}

/** One publish call for records, and what became of each. */
export function publishAll(
  writer: Publisher,
  all: readonly JsonObject[],
  run: RunContext = testRun(),
): Promise<readonly Outcome[]> {
  return writer.publish(messagesOf(all), run);
}

/** What the checks say of options. */
export function findingsOf(given: JsonObject): OptionFinding[] {
  const found: OptionFinding[] = [];
  publisher.check?.(options(publisher.options, given), (finding) => found.push(finding));
  return found;
}

/** The POST and DELETE requests that a simulator was sent, below /api. */
export function written(simulator: Simulator, path = '') {
  return simulator.journal({ path }).filter(({ method }) => method !== 'GET');
}
