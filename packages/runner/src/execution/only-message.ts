import { type JsonObject, MillraceError } from '@millrace/core';

/** The message that the chain of an outgoing made, or undefined for none. Throws `outgoing.many_messages`. */
export function onlyMessage(made: readonly JsonObject[]): JsonObject | undefined {
  if (made.length > 1) {
    throw new MillraceError(
      'outgoing.many_messages',
      `The outgoing made ${made.length} messages of one task`,
    );
  }
  return made[0];
}
