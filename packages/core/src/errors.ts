import { CODES, type ErrorCode, type ErrorKind } from './error-codes.ts';

/** Where in a project's files something is wrong. Line and column count from 1. */
export interface Location {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Path of the option, such as `subscriber.haloitsm.entity`. */
  readonly path?: string;
}

export interface ErrorDetails extends Location {
  /** What to do about it, as an imperative sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** HTTP status of the answer that caused it. */
  readonly status?: number;
  /** The remote system's own name for the request. */
  readonly requestId?: string;
  /** Milliseconds the remote system asked us to wait. */
  readonly retryAfter?: number;
  /** Facts that a machine may want, such as the fields that were refused. Never secrets. */
  readonly data?: unknown;
}

/** The form in which an error is stored with a task or a run and printed by `--json`. */
export interface ErrorRecord extends Location {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly data?: unknown;
}

/**
 * The one error of Millrace. Its code says what happened, and the table of codes says whether it is tried
 * again and how the process exits; nothing is decided on the class or the text of an error.
 */
export class MillraceError extends Error {
  override readonly name = 'MillraceError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly path: string | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;
  readonly data: unknown;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.file = details.file;
    this.line = details.line;
    this.column = details.column;
    this.path = details.path;
    this.status = details.status;
    this.requestId = details.requestId;
    this.retryAfter = details.retryAfter;
    this.data = details.data;
  }

  get kind(): ErrorKind {
    return CODES[this.code].kind;
  }

  /** True where the same call may succeed later. */
  get retried(): boolean {
    return CODES[this.code].retry;
  }

  /** The same error at a place that only the caller knows; what is known already stays. */
  at(location: Location): MillraceError {
    return this.#copy({ ...location, ...withoutUndefined(this.#details()) });
  }

  /** The same error with its path set, whatever it was. */
  withPath(path: string): MillraceError {
    return this.#copy({ ...withoutUndefined(this.#details()), path });
  }

  /** The same error in other words. */
  withMessage(message: string): MillraceError {
    return this.#copy(withoutUndefined(this.#details()), message);
  }

  toRecord(): ErrorRecord {
    const { hint, file, line, column, path, status, requestId, data } = this;
    const known = withoutUndefined({ hint, file, line, column, path, status, requestId, data });
    return { code: this.code, message: this.message, ...known };
  }

  #copy(details: ErrorDetails, message = this.message): MillraceError {
    const copy = new MillraceError(this.code, message, details);
    if (this.stack !== undefined) copy.stack = this.stack;
    return copy;
  }

  #details(): Record<string, unknown> {
    const { hint, file, line, column, path, status, requestId, retryAfter, data, cause } = this;
    return { hint, file, line, column, path, status, requestId, retryAfter, data, cause };
  }
}

/** Turns whatever was thrown into a MillraceError; one that is one already is never shadowed. */
export function toMillraceError(thrown: unknown, code: ErrorCode = 'internal.bug'): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new MillraceError(code, message, { cause: thrown });
}

function withoutUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
