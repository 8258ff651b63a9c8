// Counted by the signal that a request is sent with: it is the one thing that every request of a run shares.
const counts = new WeakMap<AbortSignal, number>();

/** Called by whoever sends a request, once for each time it goes out. */
export function countRequest(signal: AbortSignal): void {
  counts.set(signal, (counts.get(signal) ?? 0) + 1);
}

/** How many requests were sent with this signal. */
export function requestsSent(signal: AbortSignal): number {
  return counts.get(signal) ?? 0;
}

const publishing = new WeakSet<AbortSignal>();

/** Called by whoever delivers: what goes out with this signal has its turn before what only reads. */
export function markPublishing(signal: AbortSignal): void {
  publishing.add(signal);
}

export function isPublishing(signal: AbortSignal): boolean {
  return publishing.has(signal);
}
