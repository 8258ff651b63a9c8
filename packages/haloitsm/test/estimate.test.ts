import { parseLimit } from '@millrace/core/http';
import { describe, expect, it } from 'vitest';
import { estimate } from '../src/reading/estimate.ts';

const list = (pages: number) => ({ records: pages * 100, pages, single: 0, concurrency: 1 });

describe('how long a read takes', () => {
  it('is said by the limit: a whole lot goes at once, and then none until the window is over', () => {
    expect(estimate(list(1000), parseLimit('500/18s'), 4)).toEqual({
      requests: 1000,
      seconds: 20.25,
      text: '100,000 records in 1,000 requests, at 500 in 18 s: about 21 s',
    });
    expect(estimate(list(1001), parseLimit('500/180s'), 4)?.text).toMatch(/about 6 minutes$/);
  });

  it('is said by the time of an answer where the limit is no hindrance, or there is none', () => {
    expect(estimate(list(400), undefined, 300)?.text).toBe('40,000 records in 400 requests: about 2 minutes');
    expect(estimate(list(400), parseLimit('500/180s'), 300)?.seconds).toBe(120);
  });

  it('counts the requests for details and children, so many at a time', () => {
    const work = { records: 20_000, pages: 200, single: 20_000, concurrency: 4 };
    expect(estimate(work, parseLimit('500/180s'), 300)?.text).toBe(
      '20,000 records in 20,200 requests, at 500 in 3 minutes: about 2.0 hours',
    );
  });

  it('is not said of what takes less than ten seconds', () => {
    expect(estimate(list(20), parseLimit('500/180s'), 200)).toBeUndefined();
    expect(estimate(list(0), undefined, 200)).toBeUndefined();
  });
});
