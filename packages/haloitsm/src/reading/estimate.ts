import type { Limit } from '@millrace/core/http';

/** What is still to be asked for. */
export interface Work {
  readonly records: number;
  /** Pages of the list. */
  readonly pages: number;
  /** Requests for details or children, and how many of them are in flight. */
  readonly single: number;
  readonly concurrency: number;
}

export interface Estimate {
  readonly requests: number;
  readonly seconds: number;
  /** In words, for a person who waits. */
  readonly text: string;
}

/** A read that takes less is not announced. */
const LONG_S = 10;

/**
 * How long a read will take: by the time that one request took, and by the limit, which lets a whole lot go at once
 * and then none until the window is over. Undefined where it is not worth a word.
 */
export function estimate(
  { records, pages, single, concurrency }: Work,
  limit: Limit | undefined,
  took: number,
): Estimate | undefined {
  const requests = pages + single;
  if (requests === 0) return undefined;
  const each = (pages * took + (single * took) / concurrency) / requests;
  const lots = limit ? Math.ceil(requests / limit.requests) - 1 : 0;
  const lot = limit ? Math.max(limit.windowMs, limit.requests * each) : 0;
  const seconds = (lots * lot + (requests - lots * (limit?.requests ?? 0)) * each) / 1000;
  if (seconds < LONG_S) return undefined;
  const number = (value: number) => value.toLocaleString('en-US');
  const paced = limit
    ? `, at ${number(limit.requests)} in ${duration(Math.round(limit.windowMs / 1000))}`
    : '';
  const text = `${number(records)} records in ${number(requests)} requests${paced}: about ${duration(seconds)}`;
  return { requests, seconds, text };
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  const minutes = seconds / 60;
  return minutes < 120 ? `${Math.round(minutes)} minutes` : `${(minutes / 60).toFixed(1)} hours`;
}
