import type { Component } from '../define.ts';
import type { JsonObject } from '../json.ts';
import { arranged, type Check, clientRejection, demand, within } from './check.ts';
import { openClient } from './opened.ts';
import { optionChecks, type Schema } from './option-checks.ts';
import { demandNoSecret, hasSecrets } from './secrets.ts';
import { type TestRun, testRun } from './test-run.ts';

export interface ClientArrangement {
  /** Options that work. */
  readonly options: JsonObject;
  /** Options with credentials that the system refuses. A client with secrets must be tried with them. */
  readonly refused?: JsonObject;
  /** Options with an address where nothing listens. */
  readonly unreachable?: JsonObject;
}

export interface ClientSubject {
  readonly component: Component;
  /** Called for each check: a system of its own, and the options that lead to it. */
  readonly arrange: () => Promise<ClientArrangement>;
}

/** What every client must do. */
export function clientChecks(subject: ClientSubject): Check[] {
  const { component, arrange } = subject;

  const ping = async (options: JsonObject, run: TestRun) => {
    const client = openClient(component, options, run);
    try {
      await client.made.ping(run.signal);
    } finally {
      await client.close();
    }
  };

  const refusal = (name: string, pick: (arrangement: ClientArrangement) => JsonObject, sentence: string) => ({
    name,
    run: async () => {
      const options = pick(await arrange());
      const run = testRun();
      const { secrets } = openClient(component, options, run);
      const error = await clientRejection(ping(options, run), sentence);
      demandNoSecret(secrets, { 'the error': error, 'the log': run.lines });
    },
  });

  return [
    ...optionChecks(component),
    {
      name: 'answers a ping when address and credentials are right',
      run: async () => {
        const { options } = await arrange();
        const run = testRun();
        await ping(options, run);
        demandNoSecret(openClient(component, options, run).secrets, { 'the log': run.lines });
      },
    },
    refusal(
      'rejects a ping with a client error, and no secret in it, when the credentials are refused',
      ({ refused }) => {
        const needed = hasSecrets(component.options as Schema);
        demand(refused !== undefined || !needed, 'a client with a secret must be tried with a wrong one');
        return arranged(refused, 'refused');
      },
      'a ping with refused credentials succeeded',
    ),
    refusal(
      'rejects a ping with a client error when nothing listens at the address',
      ({ unreachable }) => arranged(unreachable, 'unreachable'),
      'a ping into the void succeeded',
    ),
    {
      name: 'says truly whether the transformer request can use it',
      run: async () => {
        const client = openClient(component, (await arrange()).options, testRun());
        const has = typeof client.made.request === 'function';
        await client.close();
        demand(
          has === (component.requests === true),
          `it ${has ? 'has' : 'has no'} request: set requests in its definition`,
        );
      },
    },
    {
      name: 'gives up a ping that is aborted',
      run: async () => {
        const run = testRun();
        const client = openClient(component, (await arrange()).options, run);
        run.abort();
        const ended = client.made.ping(run.signal).then(
          () => 'succeeded',
          () => 'rejected',
        );
        demand(
          (await within(ended, 'an aborted ping did not end')) === 'rejected',
          'an aborted ping succeeded',
        );
        await client.close();
      },
    },
    {
      name: 'closes, whether it was used or not',
      run: async () => {
        const run = testRun();
        const { options } = await arrange();
        const [used, unused] = [openClient(component, options, run), openClient(component, options, run)];
        await used.made.ping(run.signal);
        await within(Promise.all([used.close(), unused.close()]), 'the client did not close');
      },
    },
  ];
}
