import { type MillraceError, milliseconds } from '@millrace/core';
import type { Retry } from '../config/project.ts';

interface PatternStep {
  /** The failure from which on it holds. */
  readonly from: number;
  readonly waitMs: number;
}

/** Reads `"1:5s;3:1m"`: 5 s from the 1st failure on, 1 minute from the 3rd. Undefined where it is not one. */
export function parseRetryPattern(pattern: string): readonly PatternStep[] | undefined {
  const steps: PatternStep[] = [];
  for (const part of pattern.split(';')) {
    const match = /^\s*([1-9]\d{0,3}):(\d+(?:\.\d+)?(?:ms|s|m|h|d))\s*$/.exec(part);
    if (!match?.[1] || !match[2]) return undefined;
    const step = { from: Number(match[1]), waitMs: milliseconds(match[2]) };
    if (step.from <= (steps.at(-1)?.from ?? 0)) return undefined;
    steps.push(step);
  }
  return steps;
}

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
