export interface RateLimitRule {
  readonly requests: number;
  readonly windowMs: number;
}

/** Reads `500/180s`, or `off`. Throws a RangeError. */
export function parseRateLimit(text: string): RateLimitRule | 'off' {
  if (text === 'off') return text;
  const match = /^([1-9]\d*)\/(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  if (!match) throw new RangeError(`"${text}" is no rate limit; write 500/180s, or off`);
  const unit = { ms: 1, s: 1000, m: 60_000 }[match[3] ?? ''] ?? 1000;
  return { requests: Number(match[1]), windowMs: Number(match[2]) * unit };
}

/** Counts requests in a rolling window. */
export class RateLimit {
  readonly #rule: RateLimitRule;
  readonly #times: number[] = [];

  constructor(rule: RateLimitRule) {
    this.#rule = rule;
  }

  /** Milliseconds to wait where the limit is reached; undefined where the request may pass, which counts it. */
  refuse(now: number): number | undefined {
    while (this.#times.length > 0 && now - (this.#times[0] ?? 0) >= this.#rule.windowMs) this.#times.shift();
    if (this.#times.length >= this.#rule.requests) return (this.#times[0] ?? now) + this.#rule.windowMs - now;
    this.#times.push(now);
    return undefined;
  }

  get sentence(): string {
    const { requests, windowMs } = this.#rule;
    const window = windowMs % 60_000 === 0 ? `${windowMs / 60_000} minute` : `${windowMs / 1000} second`;
    return `Rate Limit Reached - ${requests} Requests per rolling ${window} window`;
  }
}
