import { type Client, MillraceError } from '@millrace/core';

/** Asks a client whether its system answers. Rejects with a `client.*` error, also where no answer comes in time. */
export async function ping(client: Client, milliseconds: number): Promise<void> {
  const signal = AbortSignal.timeout(milliseconds);
  try {
    await client.ping(signal);
  } catch (error) {
    if (!signal.aborted || error instanceof MillraceError) throw error;
    throw new MillraceError('client.timeout', `No answer within ${milliseconds / 1000} s`, {
      hint: 'Look whether the system is up, and what lies between.',
      cause: error,
    });
  }
}
