import type { Traffic, TrafficRequest } from '../contracts.ts';

/** So many requests in any window of that length. */
export interface Limit {
  readonly requests: number;
  readonly windowMs: number;
}

/** The server counts when a request arrives, we when it leaves: the difference stays within this. */
const MARGIN_MS = 250;
/** What polling may take of a limit while publishing waits. */
export const POLL_SHARE = 0.8;

/** Reads `500/180s`, a margin added to the window; undefined where it is not a limit. */
export function parseLimit(limit: string): Limit | undefined {
  const parsed = read(limit);
  return parsed && { ...parsed, windowMs: parsed.windowMs + MARGIN_MS };
}

/** How many requests a limit allows in an hour; undefined where it is not a limit. */
export function requestsPerHour(limit: string): number | undefined {
  const parsed = read(limit);
  return parsed && Math.floor((parsed.requests * 3_600_000) / parsed.windowMs);
}

function read(limit: string): Limit | undefined {
  const match = /^([1-9]\d{0,6})\/(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(limit);
  if (!match) return undefined;
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[3] ?? ''] ?? 1000;
  return { requests: Number(match[1]), windowMs: Number(match[2]) * unit };
}

/** A sliding-window log in memory, for a client that nobody shares. */
export class OwnTraffic implements Traffic {
  #sent: { at: number; readonly grant: number; readonly publish: number; readonly poll: number }[] = [];
  #grants = 0;

  async take({ requests, windowMs, publish, poll, answered }: TrafficRequest) {
    const now = performance.now();
    for (const { grant, ago } of answered) {
      const known = this.#sent.find((one) => one.grant === grant);
      if (known) known.at = now - ago;
    }
    this.#sent = this.#sent.filter(({ at }) => now - at < windowMs);
    const sum = (kind: 'publish' | 'poll') => this.#sent.reduce((total, one) => total + one[kind], 0);
    const polls = sum('poll');
    const free = Math.max(0, requests - polls - sum('publish'));
    const published = Math.min(publish, free);
    const share = publish > published ? Math.max(1, Math.floor(requests * POLL_SHARE)) - polls : requests;
    const polled = Math.max(0, Math.min(poll, free - published, share));
    const grant = ++this.#grants;
    if (published + polled > 0) this.#sent.push({ at: now, grant, publish: published, poll: polled });
    const oldest = Math.min(now, ...this.#sent.map(({ at }) => at));
    return { publish: published, poll: polled, grant, waitMs: oldest + windowMs - now };
  }
}
