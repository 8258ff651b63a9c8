import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from '../contracts.ts';
import type { Json } from '../json.ts';
import { arranged, type Check, demand, throughJson, within } from './check.ts';
import { optionChecks } from './option-checks.ts';
import { publisherFailureChecks } from './publisher-failures.ts';
import { beginPublishing, messageOf, type PublisherSubject, told } from './publishing.ts';

/** What every publisher must do. */
export function publisherChecks(subject: PublisherSubject): Check[] {
  const begin = () => beginPublishing(subject);
  return [
    ...optionChecks(subject.component),
    {
      name: 'delivers each message once, says so in the same order, and leaves the messages as they are',
      run: async () => {
        const { arrangement, publish, received, close } = await begin();
        const { data, expected } = arrangement;
        demand(data.length > 1, 'arrange at least two messages');
        const outcomes = await publish(...data.map(messageOf));
        const bad = outcomes.find((outcome) => outcome.status !== 'delivered');
        demand(bad === undefined, `a message that the system takes ended as ${told(bad)}`);
        const given = await received();
        demand(
          sameMembers(given, expected),
          `the system was given ${given.length} records, other than the ${expected.length} expected ones, once each`,
        );
        await close();
      },
    },
    {
      name: 'says which of several messages is not valid, and delivers the others or none',
      run: async () => {
        const { arrangement, publish, received, close } = await begin();
        const [first, second] = arrangement.data;
        const invalid = arranged(arrangement.invalid, 'invalid');
        const outcomes = await publish(...[invalid, first ?? {}, second ?? {}].map(messageOf));
        const [refused, ...others] = outcomes.map((outcome) => outcome.status);
        demand(isRefusal(refused), `the message that is not valid ended as ${told(outcomes[0])}`);
        const whole = others.every(isRefusal);
        demand(
          whole || others.every((status) => status === 'delivered'),
          `the messages beside one that is not valid ended as ${others.join(' and ')}`,
        );
        const given = await received();
        const arrived = arrangement.expected.slice(0, 2).filter((one) => includes(given, one)).length;
        demand(whole || arrived === 2, 'a message was called delivered, and did not arrive');
        await close();
      },
    },
    {
      name: 'sends nothing when it is aborted, and claims nothing',
      run: async () => {
        const { arrangement, publish, run, received, close } = await begin();
        run.abort();
        const ended = publish(messageOf(arrangement.data[0] ?? {}, 0)).catch(() => []);
        const [outcome] = await within(ended, 'an aborted publish did not end');
        demand(outcome?.status !== 'delivered', 'an aborted publish says that it delivered');
        demand((await received()).length === 0, 'something was sent although the run was aborted');
        await close();
      },
    },
    {
      name: 'answers truthfully what became of a message, where it can be asked',
      run: async () => {
        const { arrangement, made, publish, run, close } = await begin();
        const [first, second] = arrangement.data.map(messageOf);
        const verify = arranged(made.verify?.bind(made), 'verify of a publisher');
        demand(first !== undefined && second !== undefined, 'arrange at least two messages');
        await publish(first);
        demand((await verify(first, run)) !== 'absent', 'a delivered message is said to be absent');
        const never = await verify(second, run);
        demand(never !== 'delivered', 'a message that was never sent is said to be delivered');
        await close();
      },
    },
    ...publisherFailureChecks(begin),
  ];
}

function isRefusal(status: Outcome['status'] | undefined): boolean {
  return status === 'rejected' || status === 'failed';
}

function includes(list: readonly Json[], member: Json): boolean {
  return list.some((other) => isDeepStrictEqual(other, member));
}

function sameMembers(left: readonly Json[], right: readonly Json[]): boolean {
  const rest = throughJson([...right]);
  for (const member of left) {
    const index = rest.findIndex((other) => isDeepStrictEqual(other, member));
    if (index === -1) return false;
    rest.splice(index, 1);
  }
  return rest.length === 0;
}
