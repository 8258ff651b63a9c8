import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { type Component, defineReceiver } from '../../src/define.ts';
import {
  checkHookAuthentication,
  compileHookAuthentication,
  HookAuthentication,
  isObject,
  type JsonObject,
  MillraceError,
  Options,
  readHookBody,
} from '../../src/index.ts';
import type { Receiver } from '../../src/receiver.ts';
import { CANARY, hookRequest, receiverChecks } from '../../src/testing/index.ts';
import { nothing, said, verdict } from './verdict.ts';

type Mutation = (right: Receiver) => Receiver;

/** A receiver of notes that is right, or one that a mutation makes wrong. */
function notesReceiver(mutate: Mutation = (right) => right, check = true): Component {
  return defineReceiver({
    description: 'Notes, as they come.',
    options: Options({ authentication: Type.Optional(HookAuthentication) }),
    check: ({ authentication }, report) => {
      if (check) checkHookAuthentication(authentication, report);
    },
    create({ authentication = {} }) {
      const prove = compileHookAuthentication(authentication);
      return mutate({
        receive(request) {
          prove(request);
          const body = readHookBody(request);
          if (!isObject(body)) throw new MillraceError('hook.unreadable', 'It is no note');
          return { entities: [body], delivery: { id: String(body['id']), rememberMs: 1000 } };
        },
      });
    },
  }) as unknown as Component;
}

function subject(component: Component) {
  const call = (body: unknown, token = CANARY) =>
    hookRequest({ headers: { authorization: `Bearer ${token}` }, body });
  return receiverChecks({
    component,
    arrange: async () => ({
      options: { authentication: { bearer: { token: CANARY } } },
      unprotected: {},
      requests: [call({ id: 1 }), call({ id: 2 })],
      expected: [[{ id: 1 }], [{ id: 2 }]],
      forged: [call({ id: 1 }, 'guess')],
      unreadable: call('['),
    }),
  });
}

it('the receiver suite passes what is right, and tries all of it', async () => {
  expect(await verdict(subject(notesReceiver()))).toEqual(nothing);
});

/** Changes what a right receiver gives. */
const giving =
  (change: (entities: readonly JsonObject[], count: number) => object): Mutation =>
  (right) => {
    let count = 0;
    return {
      async receive(request, run) {
        const received = await right.receive(request, run);
        return { ...received, ...change(received.entities, count++) };
      },
    };
  };

describe('the receiver suite finds a receiver', () => {
  const wrong: [string, string, Mutation][] = [
    ['that loses a record', 'gives the records', giving(() => ({ entities: [] }))],
    ['that gives what is no object', 'gives the records', giving(() => ({ entities: [1] }))],
    [
      'that gives something else for the same call',
      'gives the records',
      giving((entities, count) => (count > 2 ? { entities: [...entities, ...entities] } : {})),
    ],
    [
      'that calls two deliveries one',
      'knows a call',
      giving(() => ({ delivery: { id: 'x', rememberMs: 1 } })),
    ],
    [
      'that does not know a delivery again',
      'knows a call',
      giving((_, count) => ({ delivery: { id: String(count), rememberMs: 1 } })),
    ],
    ['that remembers for no time', 'knows a call', giving(() => ({ delivery: { id: 'x', rememberMs: 0 } }))],
    ['that refuses by its answer', 'answers 2xx', giving(() => ({ answer: { status: 500 } }))],
    ['that tells its secret', 'gives the records', giving(() => ({ answer: { body: CANARY } }))],
    ['that takes no method', 'answers 2xx', (right) => ({ ...right, methods: [] })],
    [
      'that lets anybody in',
      'refuses who does not know',
      () => ({ receive: (request) => ({ entities: [readHookBody(request) as JsonObject] }) }),
    ],
    [
      'that shows its secret to whoever does not know it',
      'refuses who does not know',
      () => ({
        receive() {
          throw new MillraceError('hook.unauthorized', `The token is ${CANARY}`);
        },
      }),
    ],
    [
      'that finds nothing in what it cannot read',
      'refuses a body',
      (right) => ({
        receive: (request, run) =>
          request.body.length === 1 ? { entities: [] } : right.receive(request, run),
      }),
    ],
    [
      'that changes the bytes',
      'gives the records',
      (right) => ({
        async receive(request, run) {
          const received = await right.receive(request, run);
          request.body[0] = 0;
          return received;
        },
      }),
    ],
  ];
  it.each(wrong)('%s', async (_, beginning, mutation) => {
    expect(await said(subject(notesReceiver(mutation)), beginning)).not.toBe('');
  });

  it('that can be configured without a secret', async () => {
    expect(await said(subject(notesReceiver(undefined, false)), 'cannot be configured')).toContain(
      'options without a secret pass the checks',
    );
  });
});
