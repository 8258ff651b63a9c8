import type { MillraceError, Outcome } from '@millrace/core';
import { cap, type exchangeOf, failedOutcome, type Method, rejection } from '@millrace/core/http';
import { Type } from 'typebox';

type OutcomeStatus = Outcome['status'];
export type Statuses = Readonly<Record<string, OutcomeStatus>>;

/** What statuses mean where it is not what they usually do. */
export const StatusesOption = Type.Unsafe<Statuses>({
  type: 'object',
  patternProperties: {
    '^[2-5](\\d\\d|xx)$': {
      type: 'string',
      enum: ['delivered', 'waiting', 'skipped', 'rejected', 'failed', 'retry', 'unknown'],
      description: 'What becomes of the task',
    },
  },
  additionalProperties: false,
  default: {},
  description:
    'What statuses mean where it is not the usual, such as 409: delivered, 202: waiting, 5xx: retry',
});

/** What the table says of a status: of itself, else of its class. */
export function meaningOf(statuses: Statuses, status: number): OutcomeStatus | undefined {
  return statuses[String(status)] ?? statuses[`${Math.floor(status / 100)}xx`];
}

type Exchange = ReturnType<typeof exchangeOf>;

/** The outcome of a failed request: as the table says, else what the failure usually means. */
export function outcomeOf(
  error: MillraceError,
  method: Method,
  statuses: Statuses,
  exchange: Exchange,
): Outcome {
  // An answer that cannot be read says nothing by its status.
  const { status } = error;
  const meaning =
    status === undefined || error.code === 'client.unreadable' ? undefined : meaningOf(statuses, status);
  if (meaning === undefined) return failedOutcome(error, method, exchange);
  const kept = exchange && { exchange };
  switch (meaning) {
    case 'delivered':
    case 'waiting':
    case 'skipped': {
      const response = exchange?.response?.body;
      return { status: meaning, ...(response !== undefined && { response: cap(response) }), ...kept };
    }
    case 'rejected':
      return { status: 'rejected', error: rejection(error), ...kept };
    default:
      return { status: meaning, error, ...kept };
  }
}
