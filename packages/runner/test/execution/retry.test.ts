import { MillraceError } from '@millrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRetryPattern } from '../../src/config/retry-pattern.ts';
import { retryDelay } from '../../src/execution/retry.ts';

const RETRY = { attempts: 8, backoff: 'exponential', initial: '5s', max: '30m', jitter: 'none' } as const;

describe('the wait before the next attempt', () => {
  it('doubles up to its longest, and ends with the attempts', () => {
    const waits = [1, 2, 3, 4, 7, 8].map((attempts) => retryDelay(RETRY, attempts));
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 320_000, undefined]);
    expect(retryDelay({ ...RETRY, attempts: 100 }, 50)).toBe(1_800_000);
    expect(retryDelay({ ...RETRY, backoff: 'constant' }, 5)).toBe(5_000);
  });

  it('is a random part of that where the jitter is full', () => {
    expect(retryDelay({ ...RETRY, jitter: 'full' }, 2, undefined, () => 0.25)).toBe(2_500);
  });

  it('follows a pattern by the number of failures', () => {
    const retry = { ...RETRY, pattern: '1:5s;3:1m;6:15m' };
    expect([1, 2, 3, 5, 6, 7].map((attempts) => retryDelay(retry, attempts))).toEqual([
      5_000, 5_000, 60_000, 60_000, 900_000, 900_000,
    ]);
  });

  it('is never shorter than what the other system asked for', () => {
    const error = new MillraceError('client.rate_limited', 'slow down', { retryAfter: 90_000 });
    expect(retryDelay(RETRY, 1, error)).toBe(90_000);
  });

  it('never grows beyond its bounds, whatever the numbers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempts, random) => {
          const wait =
            retryDelay({ ...RETRY, attempts: 2000, jitter: 'full' }, attempts, undefined, () => random) ?? -1;
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(1_800_000);
        },
      ),
    );
  });

  it.each(['', '5s', '0:5s', '2:5s;1:1m', '1:5', '1:5s;;', 'x:1s'])('refuses the pattern %j', (pattern) => {
    expect(parseRetryPattern(pattern)).toBeUndefined();
  });
});
