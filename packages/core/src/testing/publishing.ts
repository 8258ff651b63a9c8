import { isDeepStrictEqual } from 'node:util';
import type { Message, Outcome } from '../contracts.ts';
import type { Component } from '../define.ts';
import type { Json, JsonObject } from '../json.ts';
import { deepFreeze, demand, throughJson } from './check.ts';
import { openComponent, type Parts } from './opened.ts';
import { demandNoSecret } from './secrets.ts';
import { describe, testRun } from './test-run.ts';

export interface PublisherArrangement extends Parts {
  /** Data of messages that the system takes; at least two. */
  readonly data: readonly JsonObject[];
  /** What the system was given up to now, also what it refused, in any order. */
  readonly received: () => readonly Json[] | Promise<readonly Json[]>;
  /** What it should have been given for the data. */
  readonly expected: readonly Json[];
  /** Data of a message that is not valid, whether the publisher or the system says so. */
  readonly invalid?: JsonObject;
  /** Makes the next request be answered like this. `disconnect`: the connection breaks after it was read. */
  readonly failNext?: (how: 'refuse' | 'unavailable' | 'disconnect') => void;
  /** Makes the next request be answered with 500. */
  readonly breakNext?: () => void;
  /** Options of the client with an address where nothing listens. */
  readonly unreachable?: JsonObject;
}

export interface PublisherSubject {
  readonly component: Component;
  /** Default: the client that the component names. */
  readonly client?: Component;
  /** Called for each check: a system of its own, and the options that lead to it. */
  readonly arrange: () => Promise<PublisherArrangement>;
}

/** A publisher over a system of its own; every answer of it is looked at for what may not be there. */
export async function beginPublishing(subject: PublisherSubject) {
  const arrangement = await subject.arrange();
  const open = (clientOptions: JsonObject | undefined) => {
    const run = testRun({ entity: { type: 'test', id: '0' }, task: { id: 'task-0' }, attempt: 1 });
    const parts = { ...arrangement, ...(clientOptions && { clientOptions }) };
    const opened = openComponent('publisher', subject, parts, run);
    const publish = async (...messages: readonly Message[]): Promise<readonly Outcome[]> => {
      const outcomes = await opened.made.publish(deepFreeze(messages), run);
      const counted = `${outcomes.length} outcomes for ${messages.length} messages`;
      demand(outcomes.length === messages.length, counted);
      demandNoSecret(opened.secrets, { 'an outcome': outcomes, 'the log': run.lines });
      for (const outcome of outcomes) demandStorable(outcome);
      return outcomes;
    };
    return { ...opened, run, publish };
  };
  return {
    ...open(undefined),
    arrangement,
    open,
    received: async () => throughJson(await arrangement.received()),
  };
}

/** A publisher under test, and the system that it sends to. */
export type Publishing = Awaited<ReturnType<typeof beginPublishing>>;

function demandStorable(outcome: Outcome): void {
  if ('error' in outcome) demand(outcome.error instanceof Error, 'an outcome without an error in it');
  const kept = { ...('response' in outcome && { response: outcome.response }), exchange: outcome.exchange };
  demand(isDeepStrictEqual(throughJson(kept), withoutUndefined(kept)), 'a response or exchange is not JSON');
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

export function messageOf(data: JsonObject, index: number): Message {
  const entity = { type: 'test', id: String(index) };
  const frozen = deepFreeze(structuredClone(data));
  return { data: frozen, entity, taskId: `task-${index}`, attempt: 1, runId: '01TESTRUN0000000000000000A' };
}

/** An outcome in words. */
export function told(outcome: Outcome | undefined): string {
  if (!outcome) return 'nothing';
  return 'error' in outcome ? `${outcome.status}: ${describe(outcome.error).slice(0, 300)}` : outcome.status;
}
