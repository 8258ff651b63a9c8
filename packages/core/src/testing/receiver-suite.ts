import { isDeepStrictEqual } from 'node:util';
import type { Component } from '../define.ts';
import type { OptionFinding } from '../findings.ts';
import { isObject, type JsonObject } from '../json.ts';
import { checkOptions } from '../options.ts';
import type { HookRequest, Received, Receiver } from '../receiver.ts';
import { arranged, type Check, clientRejection, deepFreeze, demand, throughJson } from './check.ts';
import { type Opened, openComponent, type Parts } from './opened.ts';
import { optionChecks } from './option-checks.ts';
import { demandNoSecret } from './secrets.ts';
import { type TestRun, testRun } from './test-run.ts';

export interface ReceiverArrangement extends Parts {
  /** Calls as the system makes them, each different from the others. */
  readonly requests: readonly HookRequest[];
  /** The records of each of them, in order. */
  readonly expected: readonly (readonly JsonObject[])[];
  /** The first call as somebody makes it who does not know the secret. */
  readonly forged?: readonly HookRequest[];
  /** The same options without a secret: the checks must refuse them. */
  readonly unprotected?: JsonObject;
  /** A call of somebody who knows the secret, with a body that cannot be read. */
  readonly unreadable?: HookRequest;
}

export interface ReceiverSubject {
  readonly component: Component;
  /** Default: the client that the component names. */
  readonly client?: Component;
  /** Called for each check: the options, and calls that fit them. */
  readonly arrange: () => Promise<ReceiverArrangement>;
}

/** A call for tests: a POST of JSON, unless it says something else. */
export function hookRequest({
  body = '',
  ...given
}: Partial<Omit<HookRequest, 'body'>> & { body?: unknown }): HookRequest {
  const bytes = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { 'content-type': 'application/json', ...given.headers };
  const now = Date.parse('2026-01-02T03:04:05Z');
  return { method: 'POST', query: {}, receivedAt: now, ...given, headers, body: Buffer.from(bytes) };
}

/** What every receiver must do. */
export function receiverChecks(subject: ReceiverSubject): Check[] {
  const begin = async () => {
    const arrangement = await subject.arrange();
    const run = testRun();
    return { arrangement, run, opened: openComponent('receiver', subject, arrangement, run) };
  };
  return [
    ...optionChecks(subject.component),
    {
      name: 'cannot be configured without a secret by an oversight',
      run: async () => {
        const open = arranged((await subject.arrange()).unprotected, 'unprotected');
        demand(refusals(subject.component, open).length > 0, 'options without a secret pass the checks');
        const { options } = await subject.arrange();
        const told = refusals(subject.component, options).map(({ message }) => message);
        demand(told.length === 0, `the arranged options are refused: ${told.join('; ')}`);
      },
    },
    {
      name: 'gives the records of each call, in order, and the same again for the same call',
      run: async () => {
        const { arrangement, opened, run } = await begin();
        const { requests, expected } = arrangement;
        demand(
          requests.length > 0 && requests.length === expected.length,
          'arrange calls, and what each holds',
        );
        for (const time of ['first', 'second']) {
          for (const [index, request] of requests.entries()) {
            const { entities } = await take(opened, request, run);
            const equal = isDeepStrictEqual(throughJson(entities), throughJson(expected[index]));
            demand(equal, `call ${index + 1} gave other records than expected, the ${time} time`);
          }
        }
        await opened.close();
      },
    },
    {
      name: 'knows a call that comes again from a new one, where it says what a delivery is known by',
      run: async () => {
        const { arrangement, opened, run } = await begin();
        const ids = async () => {
          const found: string[] = [];
          for (const request of arrangement.requests) {
            const { delivery } = await take(opened, request, run);
            if (delivery) found.push(delivery.id);
            demand(!delivery || delivery.rememberMs > 0, 'a delivery is remembered for no time at all');
          }
          return found;
        };
        const first = await ids();
        demand(new Set(first).size === first.length, 'two different calls have the same id of a delivery');
        demand(isDeepStrictEqual(await ids(), first), 'a call that comes again has another id than before');
        await opened.close();
      },
    },
    {
      name: 'refuses who does not know the secret, and does not show it',
      run: async () => {
        const { arrangement, opened, run } = await begin();
        for (const request of arranged(arrangement.forged, 'forged')) {
          const error = await clientRejection(take(opened, request, run), 'a forged call was taken');
          demand(error.code === 'hook.unauthorized', `a forged call was refused with ${error.code}`);
          demandNoSecret(opened.secrets, { 'the error': error, 'the log': run.lines });
        }
        await opened.close();
      },
    },
    {
      name: 'refuses a body that it cannot read, instead of finding no records in it',
      run: async () => {
        const { arrangement, opened, run } = await begin();
        const request = arranged(arrangement.unreadable, 'unreadable');
        const error = await clientRejection(take(opened, request, run), 'an unreadable call was taken');
        const right = error.code === 'hook.unreadable' || error.code === 'hook.unsupported_type';
        demand(right, `an unreadable call was refused with ${error.code}`);
        await opened.close();
      },
    },
    {
      name: 'answers 2xx where it answers by itself, and takes a body of some length',
      run: async () => {
        const { arrangement, opened, run } = await begin();
        const { methods, maxBytes } = opened.made;
        demand(methods === undefined || methods.length > 0, 'it takes no method');
        demand(maxBytes === undefined || maxBytes > 0, 'it takes no body');
        for (const request of arrangement.requests) {
          const { status = 200 } = (await take(opened, request, run)).answer ?? {};
          demand(status >= 200 && status <= 299, `it answers ${status} to a call that it takes`);
        }
        await opened.close();
      },
    },
  ];
}

/** Takes a call that is frozen, and looks at all that came of it. */
async function take(opened: Opened<Receiver>, request: HookRequest, run: TestRun): Promise<Received> {
  // Bytes cannot be frozen: they are compared.
  const before = Buffer.from(request.body);
  const { body, ...head } = request;
  deepFreeze(head);
  const received = await opened.made.receive({ ...head, body }, run);
  demand(before.equals(body), 'the bytes of a call were changed');
  demand(received.entities.every(isObject), 'a record is no JSON object');
  demandNoSecret(opened.secrets, { 'the answer': received.answer ?? {}, 'the log': run.lines });
  return received;
}

function refusals(component: Component, options: JsonObject): readonly OptionFinding[] {
  const findings: OptionFinding[] = [];
  const report = (finding: OptionFinding) => void findings.push(finding);
  const ready = checkOptions(component.options, options, report);
  if (ready !== undefined) component.check?.(ready as never, report);
  return findings.filter(({ severity = 'error' }) => severity === 'error');
}
