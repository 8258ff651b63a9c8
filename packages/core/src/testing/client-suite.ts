import type { Client } from '../contracts.ts';
import type { ClientDefinition } from '../define.ts';
import type { JsonObject } from '../json.ts';
import {
  type Check,
  demand,
  demandNoCanary,
  optionChecks,
  readyOptions,
  rejection,
  within,
} from './check.ts';
import { describe, testRun } from './test-run.ts';

export interface ClientArrangement {
  /** Options that work. */
  readonly options: JsonObject;
  /** Options with credentials that the system refuses; put {@link CANARY} where the secret stands. */
  readonly refused?: JsonObject;
  /** Options with an address where nothing listens. */
  readonly unreachable?: JsonObject;
}

export interface ClientSubject<C extends Client> {
  readonly component: ClientDefinition<never, C>;
  readonly arrange: () => Promise<ClientArrangement>;
}

/** What every client must do. */
export function clientChecks<C extends Client>(subject: ClientSubject<C>): Check[] {
  const { component, arrange } = subject;
  const open = (options: JsonObject) =>
    component.create(readyOptions(component.options, options) as never, { log: testRun().log });
  const ping = async (options: JsonObject) => {
    const client = open(options);
    try {
      await client.ping(AbortSignal.timeout(20_000));
    } finally {
      await client.close?.();
    }
  };
  return [
    ...optionChecks(component),
    {
      name: 'answers a ping when address and credentials are right',
      run: async () => ping((await arrange()).options),
    },
    {
      name: 'rejects a ping with a client error when the credentials are refused',
      run: async () => {
        const { refused } = await arrange();
        if (!refused) return;
        const error = await rejection(ping(refused), 'a ping with refused credentials succeeded');
        demand(error.kind === 'client', `the error is of kind ${error.kind}, not client`);
        demandNoCanary([describe(error), error.stack ?? '']);
      },
    },
    {
      name: 'rejects a ping with a client error when nothing listens at the address',
      run: async () => {
        const { unreachable } = await arrange();
        if (!unreachable) return;
        const error = await rejection(ping(unreachable), 'a ping into the void succeeded');
        demand(error.kind === 'client', `the error is of kind ${error.kind}, not client`);
        demandNoCanary([describe(error)]);
      },
    },
    {
      name: 'gives up a ping that is aborted',
      run: async () => {
        const client = open((await arrange()).options);
        const aborted = AbortSignal.abort(new Error('aborted by the test'));
        const ended = client.ping(aborted).then(
          () => false,
          () => true,
        );
        demand(await within(10_000, ended, 'an aborted ping did not end'), 'an aborted ping succeeded');
        await client.close?.();
      },
    },
  ];
}
