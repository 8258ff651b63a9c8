import { describe, expect, it, onTestFinished } from 'vitest';
import { Admission } from '../../src/http/admission.ts';
import { Breaker } from '../../src/http/breaker.ts';
import { createHttp, failedOutcome } from '../../src/http/index.ts';
import { serve } from '../../src/testing/index.ts';

function breaker() {
  let now = 0;
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  return { breaker: new Breaker(() => now), pass };
}

const fail = (one: Breaker, times: number, status = 503) => {
  for (let n = 0; n < times; n++) one.answered(status);
};

describe('a breaker', () => {
  it('opens after five of 502, 503 and 504 in a row, and not before', () => {
    const { breaker: one } = breaker();
    fail(one, 4, 502);
    one.answered(500);
    fail(one, 4, 504);
    expect(one.closedFor).toBe(0);
    one.answered(503);
    expect(one.closedFor).toBe(5_000);
    expect(() => one.check('POST Asset')).toThrow(/5 times in a row/);
  });

  it('lets one request try when the time is over, then twice as many with each answer', () => {
    const { breaker: one, pass } = breaker();
    fail(one, 5);
    pass(5_000);
    expect(() => one.check('POST Asset')).not.toThrow();
    expect(one.cap).toBe(1);
    one.answered(201);
    one.answered(201);
    expect(one.cap).toBe(4);
    for (let n = 0; n < 10; n++) one.answered(200);
    expect(one.cap).toBe(Number.POSITIVE_INFINITY);
  });

  it('opens again at once, and twice as long, when the one that tried fails; never longer than five minutes', () => {
    const { breaker: one, pass } = breaker();
    fail(one, 5);
    for (const wait of [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      expect(one.closedFor).toBe(wait);
      pass(wait);
      one.answered(503);
    }
  });

  it('waits as long as the system asks, and what was still on its way changes nothing', () => {
    const { breaker: one } = breaker();
    fail(one, 4);
    one.answered(503, 30_000);
    fail(one, 5);
    expect(one.closedFor).toBe(30_000);
  });
});

/** A client of a server that answers as told by the number of the request, from 0. */
async function client(
  answer: (index: number) => { status: number; headers?: Record<string, string> },
  options = {},
) {
  const times: number[] = [];
  let most = 0;
  let now = 0;
  const url = await serve((_, response) => {
    now++;
    most = Math.max(most, now);
    const { status, headers } = answer(times.push(performance.now()) - 1);
    setImmediate(() => {
      now--;
      response.writeHead(status, headers).end();
    });
  });
  const http = createHttp({ baseUrl: url, retry: { attempts: 1 }, ...options });
  onTestFinished(() => http.close());
  const { signal } = new AbortController();
  const send = (method: 'GET' | 'POST' = 'POST') => http.request({ method, path: 'x', signal });
  return { send, times, most: () => most };
}

describe('a client whose system is down', () => {
  it('sends nothing more, says until when, and the task is tried again', async () => {
    const { send, times } = await client(() => ({ status: 503 }));
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => send()));
    const parked = results.filter((one) => one.status === 'rejected' && one.reason.code === 'client.parked');
    expect(parked.length).toBeGreaterThanOrEqual(20);
    expect(times.length).toBe(40 - parked.length);
    const [first] = parked as PromiseRejectedResult[];
    expect(first?.reason.retryAfter).toBeGreaterThan(4_000);
    expect(failedOutcome(first?.reason, 'POST')).toMatchObject({ status: 'retry' });
  });
});

describe('a client that is told to slow down', () => {
  it('waits as long as a 429 says, all of its requests', async () => {
    const { send, times } = await client((index) =>
      index === 0 ? { status: 429, headers: { 'retry-after': '1' } } : { status: 200 },
    );
    await expect(send()).rejects.toMatchObject({ code: 'client.rate_limited' });
    await Promise.all([send(), send()]);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(990);
  });

  it('then goes at half of the rate that was too much, one after the other, where no limit is configured', async () => {
    const { send, times, most } = await client((index) =>
      index === 50 ? { status: 429, headers: { 'retry-after': '0.05' } } : { status: 200 },
    );
    await Promise.allSettled(Array.from({ length: 51 }, () => send()));
    const before = times.length;
    const start = performance.now();
    await Promise.all(Array.from({ length: 10 }, () => send()));
    // 51 were sent within the second that is measured at least: 25 a second from now on.
    expect(performance.now() - start).toBeGreaterThan(300);
    expect(times.length - before).toBe(10);
    expect(most()).toBeGreaterThan(1);
  });

  it('stops when a header says that nothing is left, until the limit begins anew', async () => {
    const { send, times } = await client((index) => ({
      status: 200,
      ...(index === 0 && { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' } }),
    }));
    await send();
    await send();
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(990);
  });
});

describe('admission', () => {
  it('gives a shared limit to publishing before polling, and asks for no more than can be in flight', async () => {
    const asked: { publish: number; poll: number }[] = [];
    let left = 3;
    const traffic = {
      take: async ({ publish, poll }: { publish: number; poll: number }) => {
        asked.push({ publish, poll });
        const published = Math.min(publish, left);
        const polled = Math.min(poll, left - published);
        left -= published + polled;
        return { publish: published, poll: polled, grant: 1, waitMs: 50 };
      },
    };
    const limit = { requests: 3, windowMs: 50 };
    const admission = new Admission({ concurrency: 2, limit, traffic, breaker: new Breaker() });
    const { signal } = new AbortController();
    const order: string[] = [];
    const enter = async (kind: 'publish' | 'poll', name: string) => {
      const place = await admission.enter(kind, signal);
      order.push(name);
      admission.leave(place);
    };
    await Promise.all([enter('poll', 'poll 1'), enter('poll', 'poll 2'), enter('publish', 'publish')]);
    expect(order).toContain('publish');
    expect(Math.max(...asked.map((one) => one.publish + one.poll))).toBeLessThanOrEqual(2);
    left = 0;
    const more = [enter('poll', 'late poll'), enter('publish', 'late publish')];
    left = 1;
    await more[1];
    expect(order.at(-1)).toBe('late publish');
    left = 5;
    await Promise.all(more);
  });
});
