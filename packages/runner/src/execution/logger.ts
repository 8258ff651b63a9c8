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

/** The logger that components see: pino, bound to a run. Bound when it has something to say: most tasks have not. */
export function boundLogger(logger: Pino, facts: Record<string, string>): Logger {
  return new BoundLogger(logger, facts);
}

class BoundLogger implements Logger {
  readonly #logger: Pino;
  readonly #facts: Record<string, string>;
  #made: Pino | undefined;

  constructor(logger: Pino, facts: Record<string, string>) {
    this.#logger = logger;
    this.#facts = facts;
  }

  get #bound(): Pino {
    this.#made ??= this.#logger.child(this.#facts);
    return this.#made;
  }

  debug(facts: object, message?: string): void {
    this.#bound.debug(facts, message);
  }

  info(facts: object, message?: string): void {
    this.#bound.info(facts, message);
  }

  warn(facts: object, message?: string): void {
    this.#bound.warn(facts, message);
  }

  error(facts: object, message?: string): void {
    this.#bound.error(facts, message);
  }
}
