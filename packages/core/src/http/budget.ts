/** What a client may send in a time: asked before every request. */
export interface Budget {
  /** Resolves when a request may go; rejects when the signal aborts. */
  acquire(signal: AbortSignal): Promise<void>;
}

/** The server counts when a request arrives, we when it leaves: the difference stays within this. */
const MARGIN_MS = 250;

/** Reads `500/180s`; undefined where it is not a limit. */
export function parseLimit(
  limit: string,
): { readonly requests: number; readonly windowMs: number } | undefined {
  const match = /^([1-9]\d{0,6})\/(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(limit);
  if (!match) return undefined;
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[3] ?? ''] ?? 1000;
  return { requests: Number(match[1]), windowMs: Number(match[2]) * unit };
}

/** A sliding-window log: a request goes when fewer than the limit were sent within the window and a margin. */
export class WindowBudget implements Budget {
  readonly #requests: number;
  readonly #windowMs: number;
  readonly #sent: number[] = [];
  #queue: Promise<void> = Promise.resolve();

  constructor(limit: { readonly requests: number; readonly windowMs: number }) {
    this.#requests = limit.requests;
    this.#windowMs = limit.windowMs + MARGIN_MS;
  }

  acquire(signal: AbortSignal): Promise<void> {
    // One after the other, in the order of asking.
    const turn = this.#queue.then(() => this.#take(signal));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #take(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const now = performance.now();
      while (this.#sent.length > 0 && now - (this.#sent[0] ?? 0) >= this.#windowMs) this.#sent.shift();
      if (this.#sent.length < this.#requests) {
        this.#sent.push(now);
        return;
      }
      await pause((this.#sent[0] ?? now) + this.#windowMs - now, signal);
    }
  }
}

/** Resolves after some milliseconds, or rejects as soon as the signal aborts. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', abort, { once: true });
  });
}
