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

export function formatRateLimit(rule: RateLimitRule | 'off'): string {
  return rule === 'off' ? rule : `${rule.requests}/${rule.windowMs / 1000}s`;
}

/** Counts requests in a rolling window. */
export class RateLimit {
  readonly rule: RateLimitRule;
  /** When the requests of the window came, oldest first, from `#first` on. */
  #times: number[] = [];
  #first = 0;

  constructor(rule: RateLimitRule) {
    this.rule = rule;
  }

  /** Milliseconds to wait where the limit is reached; undefined where the request may pass, which counts it. */
  refuse(now: number): number | undefined {
    const { requests, windowMs } = this.rule;
    if (this.used(now) >= requests) return (this.#times[this.#first] ?? now) + windowMs - now;
    this.#times.push(now);
    return undefined;
  }

  /** How many requests count now. */
  used(now: number): number {
    const { requests, windowMs } = this.rule;
    while (this.#first < this.#times.length && now - (this.#times[this.#first] ?? 0) >= windowMs)
      this.#first++;
    if (this.#first > requests) {
      this.#times = this.#times.slice(this.#first);
      this.#first = 0;
    }
    return this.#times.length - this.#first;
  }

  get sentence(): string {
    const { requests, windowMs } = this.rule;
    const window = windowMs % 60_000 === 0 ? `${windowMs / 60_000} minute` : `${windowMs / 1000} second`;
    return `Rate Limit Reached - ${requests} Requests per rolling ${window} window`;
  }
}
