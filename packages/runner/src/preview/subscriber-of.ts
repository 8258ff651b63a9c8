import { MillraceError, type Subscriber } from '@millrace/core';
import type { CompiledIncoming } from '../compile/compile.ts';

/** What an incoming reads with. Throws `call.invalid_option` for one that only receives. */
export function subscriberOf({ id, subscriber }: CompiledIncoming): Subscriber {
  if (subscriber) return subscriber;
  throw new MillraceError('call.invalid_option', `Incoming "${id}" only receives: there is nothing to read`, {
    hint: 'Take a record as it came through it with `millrace transform`.',
  });
}
