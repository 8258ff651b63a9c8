import type { Logger } from '@millrace/core';
import { toMillraceError } from '@millrace/core';
import pino, { type Logger as Pino } from 'pino';
import type { SecretMask } from './secrets.ts';

export type { Pino };

/** JSON lines on a stream, secrets masked in every field and message. */
export function createLogger(level: string, mask: SecretMask, stream: { write(line: string): void }): Pino {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => toMillraceError(error).toRecord() },
    },
    // The last gate: whatever a component logs, it leaves the process as masked text.
    { write: (line: string) => stream.write(mask.text(line)) },
  );
}

/** The logger that components see: pino, bound to a run. */
export function boundLogger(logger: Pino, facts: Record<string, string>): Logger {
  return logger.child(facts) as Logger;
}
