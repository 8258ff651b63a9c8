import { isDeepStrictEqual } from 'node:util';
import type { Client, Message, Outcome, Publisher } from '../contracts.ts';
import type { ClientDefinition, PublisherDefinition } from '../define.ts';
import type { Json, JsonObject } from '../json.ts';
import { type Check, demand, demandNoCanary, optionChecks, readyOptions } from './check.ts';
import { openClient } from './subscriber-suite.ts';
import { describe, type TestRun, testDependencies, testRun } from './test-run.ts';

export interface PublisherArrangement {
  readonly options: JsonObject;
  readonly clientOptions?: JsonObject;
  /** Data of messages that the system takes; at least two. */
  readonly data: readonly JsonObject[];
  /** What the system was given for them, in any order. */
  readonly received: () => readonly Json[];
  /** What it should have been given. */
  readonly expected: readonly Json[];
  /** Makes the next request be answered like this. `disconnect`: the connection breaks after it was read. */
  readonly failNext?: (how: 'refuse' | 'unavailable' | 'disconnect') => void;
}

export interface PublisherSubject<C extends Client> {
  readonly component: PublisherDefinition<never, C>;
  readonly client?: ClientDefinition<never, C>;
  readonly arrange: () => Promise<PublisherArrangement>;
}

/** What every publisher must do. */
export function publisherChecks<C extends Client>(subject: PublisherSubject<C>): Check[] {
  const failing = (
    how: 'refuse' | 'unavailable' | 'disconnect',
    allowed: readonly Outcome['status'][],
    sentence: string,
  ) => ({
    name: sentence,
    run: async () => {
      const arrangement = await subject.arrange();
      if (!arrangement.failNext) return;
      const { publisher, run, close } = open(subject, arrangement);
      arrangement.failNext(how);
      const [outcome] = await publisher.publish([message(arrangement.data[0] ?? {}, 0)], run);
      demand(
        outcome !== undefined && allowed.includes(outcome.status),
        `the outcome is ${outcome?.status}, not ${allowed.join(' or ')}`,
      );
      if ('error' in outcome) demandNoCanary([describe(outcome.error), ...run.lines]);
      await close();
    },
  });
  return [
    ...optionChecks(subject.component),
    {
      name: 'delivers each message once, and says so in the same order',
      run: async () => {
        const arrangement = await subject.arrange();
        const { publisher, run, close } = open(subject, arrangement);
        const outcomes = await publisher.publish(arrangement.data.map(message), run);
        demand(
          outcomes.length === arrangement.data.length,
          `${outcomes.length} outcomes for ${arrangement.data.length} messages`,
        );
        const bad = outcomes.find((outcome) => outcome.status !== 'delivered');
        demand(
          bad === undefined,
          `a message that the system takes ended as ${bad?.status}: ${bad && 'error' in bad ? describe(bad.error) : ''}`,
        );
        demand(
          sameMembers(arrangement.received(), arrangement.expected),
          'the system was given something else than the messages, once each',
        );
        demandNoCanary(run.lines);
        await close();
      },
    },
    failing('refuse', ['rejected', 'failed'], 'does not call delivered what the system refuses'),
    failing('unavailable', ['retry', 'unknown'], 'leaves what the system cannot take now to the task'),
    failing(
      'disconnect',
      ['unknown'],
      'does not know whether it arrived when the connection breaks, and does not send it again',
    ),
    {
      name: 'answers truthfully what became of a message, where it can be asked',
      run: async () => {
        const arrangement = await subject.arrange();
        const { publisher, run, close } = open(subject, arrangement);
        const [first, second] = arrangement.data.map(message);
        if (publisher.verify && first && second) {
          await publisher.publish([first], run);
          const answers = [await publisher.verify(first, run), await publisher.verify(second, run)];
          demand(answers[0] !== 'absent', 'a delivered message is said to be absent');
          demand(answers[1] !== 'delivered', 'a message that was never sent is said to be delivered');
        }
        await close();
      },
    },
  ];
}

function open<C extends Client>(subject: PublisherSubject<C>, arrangement: PublisherArrangement) {
  const { component } = subject;
  const run: TestRun = testRun({ entity: { type: 'test', id: '1' }, task: { id: 'task-0' }, attempt: 1 });
  const client = openClient(subject.client, arrangement.clientOptions, run);
  const dependencies = { ...testDependencies('outgoing', run), client: client as C };
  const publisher: Publisher = component.create(
    readyOptions(component.options, arrangement.options) as never,
    dependencies,
  );
  return { publisher, run, close: async () => client?.close?.() };
}

function message(data: JsonObject, index: number): Message {
  const entity = { type: 'test', id: String(index) };
  return { data, entity, taskId: `task-${index}`, attempt: 1, runId: '01TESTRUN0000000000000000A' };
}

function sameMembers(left: readonly Json[], right: readonly Json[]): boolean {
  const rest = [...right];
  for (const member of left) {
    const index = rest.findIndex((other) => isDeepStrictEqual(other, member));
    if (index === -1) return false;
    rest.splice(index, 1);
  }
  return rest.length === 0;
}
