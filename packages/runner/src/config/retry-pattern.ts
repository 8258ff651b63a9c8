import { milliseconds } from '@millrace/core';

export interface RetryStep {
  /** The failure from which on it holds. */
  readonly from: number;
  readonly waitMs: number;
}

/** Reads `"1:5s;3:1m"`: 5 s from the 1st failure on, 1 minute from the 3rd. Undefined where it is not one. */
export function parseRetryPattern(pattern: string): readonly RetryStep[] | undefined {
  const steps: RetryStep[] = [];
  for (const part of pattern.split(';')) {
    const match = /^\s*([1-9]\d{0,3}):(\d+(?:\.\d+)?(?:ms|s|m|h|d))\s*$/.exec(part);
    if (!match?.[1] || !match[2]) return undefined;
    const step = { from: Number(match[1]), waitMs: milliseconds(match[2]) };
    if (step.from <= (steps.at(-1)?.from ?? 0)) return undefined;
    steps.push(step);
  }
  return steps;
}
