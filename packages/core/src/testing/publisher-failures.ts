import type { Outcome } from '../contracts.ts';
import { MillraceError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { arranged, type Check, demand, within } from './check.ts';
import { messageOf, type PublisherArrangement, type Publishing, told } from './publishing.ts';

type Statuses = readonly Outcome['status'][];

/** What every publisher must do when the system refuses, fails, or is not there. */
export function publisherFailureChecks(begin: () => Promise<Publishing>): Check[] {
  /** Publishes one message into trouble, and looks at what is said about it. */
  const trouble = (
    name: string,
    make: (arrangement: PublisherArrangement) => void,
    allowed: Statuses,
  ): Check => ({
    name,
    run: async () => {
      const publishing = await begin();
      make(publishing.arrangement);
      await demandOutcome(publishing, allowed);
      await publishing.close();
    },
  });

  return [
    trouble(
      'does not call delivered what the system refuses',
      ({ failNext }) => arranged(failNext, 'failNext')('refuse'),
      ['rejected', 'failed'],
    ),
    trouble(
      'leaves to the task what the system cannot take now',
      ({ failNext }) => arranged(failNext, 'failNext')('unavailable'),
      ['retry', 'unknown'],
    ),
    trouble(
      'does not claim to know what became of a request that made the system fail',
      ({ breakNext }) => arranged(breakNext, 'breakNext')(),
      ['unknown'],
    ),
    {
      name: 'does not know whether it arrived when the connection breaks, and does not send it again',
      run: async () => {
        const publishing = await begin();
        const { arrangement, made, received, run, close } = publishing;
        arranged(arrangement.failNext, 'failNext')('disconnect');
        const message = await demandOutcome(publishing, ['unknown']);
        const { length } = await received();
        demand(length <= 1, `the system was given the message ${length} times`);
        const answer = length === 1 ? await made.verify?.(message, run) : undefined;
        demand(answer !== 'absent', 'a message that arrived is said to be absent');
        await close();
      },
    },
    {
      name: 'leaves it to the task when nothing listens at the address, and shows no secret',
      run: async () => {
        const publishing = await begin();
        const options: JsonObject = arranged(publishing.arrangement.unreachable, 'unreachable');
        const lost = publishing.open(options);
        await demandOutcome(lost, ['retry', 'unknown'], publishing.arrangement);
        await lost.close();
        await publishing.close();
      },
    },
  ];
}

async function demandOutcome(
  { publish, arrangement }: Pick<Publishing, 'publish'> & Partial<Pick<Publishing, 'arrangement'>>,
  allowed: Statuses,
  from = arrangement,
) {
  const message = messageOf(from?.data[0] ?? {}, 0);
  const [outcome] = await within(publish(message), 'publish did not end');
  demand(
    outcome !== undefined && allowed.includes(outcome.status),
    `the outcome must be ${allowed.join(' or ')}, not ${told(outcome)}`,
  );
  if ('error' in outcome) {
    demand(outcome.error instanceof MillraceError, `the error must be a MillraceError: ${told(outcome)}`);
  }
  return message;
}
