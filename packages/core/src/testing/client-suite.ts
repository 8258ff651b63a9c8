import type { Component } from '../define.ts';
import type { JsonObject } from '../json.ts';
import { asksForToken, type Transport } from '../transport.ts';
import { arranged, type Check, clientRejection, demand, NotTried, within } from './check.ts';
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
  /** Whether the client asks by HTTP, with `createHttp`. Default: it does. */
  readonly http?: boolean;
}

export interface ClientSubject {
  readonly component: Component;
  /** Called for each check: a system of its own, and the options that lead to it. */
  readonly arrange: () => Promise<ClientArrangement>;
}

function answering(asked: string[]): Transport {
  return {
    attached: () => {},
    answer: (request) => {
      asked.push(`${request.method} ${request.url}`);
      return { body: asksForToken(request) ? { access_token: 'token', expires_in: 3600 } : {} };
    },
  };
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
      name: 'sends nothing of its own where a test or a preview answers in place of the system',
      run: async () => {
        const { options, unreachable, http = true } = await arrange();
        if (!http) throw new NotTried('the client does not ask by HTTP');
        const run = testRun();
        const asked: string[] = [];
        const client = openClient(component, unreachable ?? options, run, answering(asked));
        // The answer is none of the system's: what the client makes of it is its own affair.
        await within(
          client.made.ping(run.signal).catch(() => {}),
          'the ping did not end',
        );
        await client.close();
        demand(asked.length > 0, 'the client must hand `transport` to createHttp, beside `traffic`');
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
