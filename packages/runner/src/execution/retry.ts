import { type MillraceError, milliseconds } from '@millrace/core';
import type { Retry } from '../config/project.ts';
import { parseRetryPattern } from '../config/retry-pattern.ts';

/**
 * Milliseconds to wait after the given number of failed attempts, or undefined when they are used up. A time that
 * the other system named is waited out in full, even where the own backoff is shorter.
 */
export function retryDelay(
  retry: Retry,
  attempts: number,
  error?: MillraceError,
  random: () => number = Math.random,
): number | undefined {
  if (attempts >= retry.attempts) return undefined;
  return Math.max(backoff(retry, attempts, random), error?.retryAfter ?? 0);
}

function backoff(retry: Retry, attempts: number, random: () => number): number {
  if (retry.pattern !== undefined) {
    const steps = parseRetryPattern(retry.pattern) ?? [];
    return steps.findLast((step) => attempts >= step.from)?.waitMs ?? 0;
  }
  const initial = milliseconds(retry.initial);
  const grown = retry.backoff === 'constant' ? initial : initial * 2 ** Math.min(attempts - 1, 40);
  const wait = Math.min(grown, milliseconds(retry.max));
  return retry.jitter === 'full' ? Math.round(random() * wait) : wait;
}
