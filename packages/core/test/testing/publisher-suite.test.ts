import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import type { Outcome, Publisher } from '../../src/contracts.ts';
import type { Component } from '../../src/define.ts';
import { MillraceError } from '../../src/errors.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { publisherChecks, unusedUrl } from '../../src/testing/index.ts';
import { type Mutation, notesPublisher, post } from './notes-components.ts';
import { NotesSystem, TOKEN } from './notes-system.ts';
import { nothing, said, verdict } from './verdict.ts';

async function publisherSubject(component: Component) {
  const data = [1, 2, 3].map((id) => ({ id, text: `note ${id}`, tags: ['a'] }));
  const arrange = async () => {
    const { system, url } = await NotesSystem.start(0);
    return {
      options: {},
      clientOptions: { url, token: TOKEN },
      data,
      received: () => system.posted,
      expected: data,
      invalid: { id: 9 },
      failNext: (how: 'refuse' | 'unavailable' | 'disconnect') => system.next(how),
      breakNext: () => system.next('fail'),
      unreachable: { url: await unusedUrl(), token: TOKEN },
    };
  };
  return publisherChecks({ component, arrange });
}

/** Changes the outcomes of a right publisher. */
const outcomes =
  (change: (outcomes: readonly Outcome[], token: Json) => readonly Outcome[]): Mutation<Publisher> =>
  (right, { token }) => ({
    publish: async (messages, run) => change(await right.publish(messages, run), token ?? null),
  });

const each = (change: (outcome: Outcome) => Outcome) => outcomes((all) => all.map(change));
const DELIVERS = 'delivers each message once';
const delivered: Outcome = { status: 'delivered' };

it('the publisher suite passes what is right, and tries all of it', async () => {
  expect(await verdict(await publisherSubject(notesPublisher()))).toEqual(nothing);
});

describe('the publisher suite finds a publisher', () => {
  const wrong: [string, string, Mutation<Publisher>][] = [
    ['that sends nothing', DELIVERS, () => ({ publish: async (messages) => messages.map(() => delivered) })],
    [
      'that sends a message twice',
      DELIVERS,
      (right) => ({
        publish: async (messages, run) => {
          await right.publish(messages.slice(0, 1), run);
          return right.publish(messages, run);
        },
      }),
    ],
    ['that gives too few outcomes', DELIVERS, outcomes((all) => all.slice(1))],
    [
      'that changes the messages',
      DELIVERS,
      (right) => ({
        publish: (messages, run) => {
          for (const { data } of messages) (data['tags'] as string[]).push('sent');
          return right.publish(messages, run);
        },
      }),
    ],
    [
      'that gives its outcomes in another order',
      'says which of several',
      outcomes((all) => all.toReversed()),
    ],
    ['that delivers what the system refuses', 'does not call delivered', each(() => delivered)],
    [
      'that fails what may go later',
      'leaves to the task',
      each((outcome) => ({
        status: 'failed',
        error: new MillraceError('client.unavailable', outcome.status),
      })),
    ],
    [
      'that calls a failure of the system a failure of the task',
      'does not claim to know',
      each(() => ({ status: 'failed', error: new MillraceError('client.server_error', '500') })),
    ],
    [
      'that calls a lost answer a failure',
      'does not know whether it arrived',
      each(() => ({ status: 'failed', error: new MillraceError('client.interrupted', 'x') })),
    ],
    [
      'that sends again after a lost answer',
      'does not know whether it arrived',
      (right, { http }) => ({
        async publish(messages, run) {
          const first = await right.publish(messages, run);
          if (first[0]?.status !== 'unknown') return first;
          await post(http, messages[0]?.data ?? null, run.signal);
          return first;
        },
      }),
    ],
    [
      'that says absent of what arrived',
      'does not know whether it arrived',
      (right) => ({ ...right, verify: async () => 'absent' }),
    ],
    [
      'whose errors are not typed',
      'leaves it to the task when nothing listens',
      each(() => ({ status: 'retry', error: new Error('x') })),
    ],
    [
      'that shows its token',
      'leaves it to the task when nothing listens',
      outcomes((_, token) => [
        { status: 'retry', error: new MillraceError('client.unreachable', `x ${token}`) },
      ]),
    ],
    [
      'that keeps its token in the exchange',
      DELIVERS,
      outcomes((all, token) =>
        all.map((outcome) => ({
          ...outcome,
          exchange: { request: { method: 'POST', url: `/?k=${encodeURIComponent(String(token))}` } },
        })),
      ),
    ],
    [
      'whose response is no JSON',
      DELIVERS,
      each((outcome) => ({ ...outcome, response: new Date() as never })),
    ],
    [
      'that sends although it was aborted',
      'sends nothing when it is aborted',
      (right) => ({
        publish: (messages, run) => right.publish(messages, { ...run, signal: new AbortController().signal }),
      }),
    ],
    [
      'that says delivered of what it never sent',
      'answers truthfully',
      (right) => ({ ...right, verify: async () => 'delivered' }),
    ],
    [
      'that says absent of what it delivered',
      'answers truthfully',
      (right) => ({ ...right, verify: async () => 'absent' }),
    ],
  ];

  it.each(wrong)('%s', async (_, check, mutate) => {
    expect(await said(await publisherSubject(notesPublisher(mutate)), check)).not.toContain(TOKEN);
  });
});

describe('every suite finds options', () => {
  const component = (options: unknown): Component => ({ ...notesPublisher(), options: options as never });
  const text = { type: 'string', description: 'x' };
  const wrong: [string, string, JsonObject][] = [
    ['whose schema is none', 'has options whose schema', { type: 'object', propertys: {} }],
    [
      'without a description',
      'says what each option',
      { type: 'object', additionalProperties: false, properties: { a: { type: 'string' } } },
    ],
    [
      'without a description, deep inside',
      'says what each option',
      {
        type: 'object',
        additionalProperties: false,
        properties: {
          a: {
            type: 'array',
            description: 'x',
            items: { type: 'object', additionalProperties: false, properties: { b: { type: 'string' } } },
          },
        },
      },
    ],
    ['that take any key', 'refuses options', { type: 'object', properties: { a: text } }],
    [
      'that take any key in a group',
      'refuses options',
      {
        type: 'object',
        additionalProperties: false,
        properties: { a: { type: 'object', properties: { b: text } } },
      },
    ],
    [
      'with a default that does not fit',
      'has defaults',
      { type: 'object', additionalProperties: false, properties: { a: { ...text, default: 1 } } },
    ],
  ];

  it.each(wrong)('%s', async (_, check, options) => {
    await said(await publisherSubject(component(options)), check);
  });

  it('of a component that says nothing of itself', async () => {
    await said(
      await publisherSubject({ ...component(Type.Object({})), description: ' ' }),
      'says what it is',
    );
  });
});
