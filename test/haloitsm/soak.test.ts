import { describe, expect, it } from 'vitest';
import { initialLoad } from './soak/initial-load.ts';
import { worstCase } from './soak/worst-case.ts';

// The short form of `npm run soak`.
describe('a large desk', () => {
  it('at its worst, while people work at it: every version arrives, and none twice', async () => {
    const { runs, delivered, wrong } = await worstCase({
      tickets: 2000,
      created: 50,
      changed: 50,
      seed: 4,
      tokenLifetime: 2,
      slowMs: 100,
      progress: () => {},
    });
    expect(wrong).toEqual([]);
    expect(delivered).toBeGreaterThanOrEqual(2050);
    expect(runs.at(-1)?.status).toBe('finished');
  }, 120_000);

  it('is read at the rate that its limit allows, says how long it takes, and goes on after a kill', async () => {
    const { said, share, wrong } = await initialLoad({
      tickets: 600,
      pageCap: 10,
      requests: 12,
      windowMs: 2_500,
      kill: true,
      progress: () => {},
    });
    expect(wrong).toEqual([]);
    expect(said).toMatch(/^tickets: 600 records in 60 requests, at 12 in 3 s: about 1[0-9] s$/);
    // Of so short a time a good part goes by while the command starts again: the long form wants 95 %.
    expect(share).toBeGreaterThan(0.6);
  }, 120_000);
});
