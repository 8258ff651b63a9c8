import { RequestError, TimeoutError } from 'got';
import type { Outcome } from '../contracts.ts';
import type { ErrorCode } from '../error-codes.ts';
import { MillraceError, toMillraceError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { isObject, type Json } from '../json.ts';
import type { Method } from './request.ts';

/** What went wrong before there was an answer, or in the middle of it. */
export function transportError(thrown: unknown, what: string): MillraceError {
  if (!(thrown instanceof RequestError)) return toMillraceError(thrown, 'client.interrupted');
  if (thrown.cause instanceof MillraceError) return thrown.cause;
  const error = bare(thrown);
  if (thrown instanceof TimeoutError) {
    const unsent = ['lookup', 'connect', 'secureConnect'].includes(thrown.event);
    return unsent
      ? unreachable(what, `no connection in time (${thrown.event})`, error)
      : new MillraceError('client.timeout', `${what}: no answer in time (${thrown.event})`, {
          hint: "Raise the client's timeout if the system is known to be slow.",
          cause: error,
        });
  }
  const why = UNSENT.get(thrown.code);
  if (why !== undefined) return unreachable(what, why, error);
  return new MillraceError('client.interrupted', `${what}: the connection broke (${thrown.code})`, {
    cause: error,
  });
}

/** An error of got holds the whole request, with its authorization: what is printed with its cause must not. */
function bare({ name, message, code, stack }: RequestError): Error {
  const plain = Object.assign(new Error(message), { name, code });
  if (stack !== undefined) plain.stack = stack;
  return plain;
}

// Nothing of the request has reached the other system when one of these comes.
const UNSENT = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'the host name is not known'],
  ['EAI_AGAIN', 'the host name cannot be looked up'],
  ['EHOSTUNREACH', 'there is no way to the host'],
  ['ENETUNREACH', 'there is no way to its network'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate cannot be verified'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
]);

function unreachable(what: string, why: string, cause: unknown): MillraceError {
  return new MillraceError('client.unreachable', `${what}: ${why}`, {
    hint: "Check the client's address, and that this machine can reach it.",
    cause,
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Json | undefined;
}

/** The error that an answer outside 2xx is. */
export function statusError(answer: Answer, what: string): MillraceError {
  const { status, headers } = answer;
  const told = describeBody(answer.body);
  const location = status >= 300 && status < 400 ? ` (a redirect to ${String(headers['location'])})` : '';
  const message = `${what} answered ${status}${location}${told ? `: ${told}` : ''}`;
  const requestId = headers['x-request-id'] ?? headers['request-id'] ?? headers['x-correlation-id'];
  const retryAfter = readRetryAfter(headers);
  return new MillraceError(codeOf(status), message, {
    status,
    ...(typeof requestId === 'string' && { requestId }),
    ...(retryAfter !== undefined && { retryAfter }),
    ...(answer.body !== undefined && { data: { body: cap(answer.body) } }),
    ...(HINTS[status] && { hint: HINTS[status] }),
  });
}

const HINTS: Readonly<Record<number, string>> = {
  401: "Check the client's credentials and scopes.",
  403: 'Give the application, and the user that it signs in as, the permission for this call.',
  429: "Set the client's `limit` to what the system allows.",
};

function codeOf(status: number): ErrorCode {
  switch (status) {
    case 401:
      return 'client.unauthorized';
    case 403:
      return 'client.forbidden';
    case 404:
      return 'client.not_found';
    case 429:
      return 'client.rate_limited';
    case 408:
    case 425:
    case 503:
      return 'client.unavailable';
    default:
      return status >= 500 ? 'client.server_error' : 'client.refused';
  }
}

/** Milliseconds that the answer asks to wait: `Retry-After` in seconds or as a date, or a reset header. */
function readRetryAfter(headers: Answer['headers']): number | undefined {
  const value = headers['retry-after'];
  if (typeof value === 'string') {
    const seconds = Number(value);
    if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
    const date = Date.parse(value);
    if (!Number.isNaN(date)) return Math.max(0, date - Date.now());
  }
  return readReset(headers);
}

/** Milliseconds until a limit begins anew, as a reset header says. */
export function readReset(headers: Answer['headers']): number | undefined {
  const reset = Number(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset']);
  if (!Number.isFinite(reset) || reset <= 0) return undefined;
  // Either seconds from now or a time since the epoch; no window is as long as the one, or as short as the other.
  return reset > 1e9 ? Math.max(0, reset * 1000 - Date.now()) : reset * 1000;
}

const MAX_TOLD = 500;

/** What the other system says of the failure, in one line. */
export function describeBody(body: Json | undefined): string {
  if (typeof body === 'string') return shorten(body.replace(/<[^>]*>/g, ' '));
  if (!isObject(body)) return body === undefined ? '' : shorten(JSON.stringify(body));
  for (const key of ['Message', 'message', 'error_description', 'errorMessage', 'error', 'title', 'detail']) {
    if (typeof body[key] === 'string' && body[key] !== '') return shorten(body[key]);
  }
  return shorten(JSON.stringify(body));
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MAX_TOLD ? `${line.slice(0, MAX_TOLD - 1)}…` : line;
}

/** A body as a history keeps it: whole up to a size, else the beginning of its text. */
export function cap(body: Json): Json {
  return capText(body, JSON.stringify(body) ?? '');
}

const MOST_KEPT = 16_384;

/** The same where the text of the body is known. */
export function capText(body: Json, text: string): Json {
  return text.length <= MOST_KEPT ? body : `${text.slice(0, MOST_KEPT)}… (${text.length} characters)`;
}

/** The refusal of a record as the error of its task. */
export function rejection(error: MillraceError): MillraceError {
  const { message, data, requestId, status } = error;
  return new MillraceError('entity.rejected', message, {
    cause: error,
    hint: 'Correct the record or the transformers, then retry the task.',
    ...(status !== undefined && { status }),
    ...(data !== undefined && { data }),
    ...(requestId && { requestId }),
  });
}

/**
 * What a failed request with an effect means for its task. A 4xx was not processed, a validation error never will
 * be; what broke after it was sent, or failed inside the other system, may have been processed.
 */
export function failedOutcome(thrown: unknown, method: Method, exchange?: Exchange): Outcome {
  const error = toMillraceError(thrown, 'client.interrupted');
  const kept = exchange && { exchange };
  const { status } = error;
  if (status === 404 && method === 'DELETE') return { status: 'delivered', ...kept };
  if (error.code.startsWith('request.')) return { status: 'rejected', error, ...kept };
  if (error.code === 'client.foreign_link') return { status: 'failed', error, ...kept };
  if (error.code === 'client.refused' && (status === 400 || status === 422)) {
    return { status: 'rejected', error: rejection(error), ...kept };
  }
  if (
    status === 408 ||
    status === 425 ||
    status === 429 ||
    status === 503 ||
    error.code === 'client.unreachable' ||
    error.code === 'client.unavailable' ||
    error.code === 'client.parked'
  ) {
    return { status: 'retry', error, ...kept };
  }
  if (status !== undefined && status < 500 && error.code !== 'client.unreadable')
    return { status: 'failed', error, ...kept };
  return { status: 'unknown', error, ...kept };
}
