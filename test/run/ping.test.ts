import { describe, expect, it } from 'vitest';
import { ping } from '../../packages/runner/src/execution/ping.ts';
import { openHalo } from '../support/halo-writing.ts';
import { simulate } from '../support/simulator.ts';

describe('asking whether a system answers', () => {
  it('is over in time where it hangs, and says so', async () => {
    const simulator = await simulate({ tickets: 1, latency: 5_000 });
    await expect(ping(openHalo(simulator), 100)).rejects.toMatchObject({
      code: 'client.timeout',
      message: 'No answer within 0.1 s',
    });
  });

  it('is silent where it answers', async () => {
    await expect(ping(openHalo(await simulate({ tickets: 1 })), 10_000)).resolves.toBeUndefined();
  });
});
