import type { ClientRequest } from 'node:http';

interface Group {
  // No set: the tables that a set leaves behind as it changes hold each other, and the requests that were once in them.
  readonly requests: ClientRequest[];
}

// One listener for all requests of a signal: one for each of thousands of requests costs more than the request's body.
const groups = new WeakMap<AbortSignal, Group>();

function groupOf(signal: AbortSignal): Group {
  const known = groups.get(signal);
  if (known) return known;
  const group: Group = { requests: [] };
  groups.set(signal, group);
  signal.addEventListener('abort', () => {
    for (const request of group.requests.splice(0)) request.destroy(signal.reason);
  });
  return group;
}

/** Ends a request when the signal aborts, for as long as it is in flight. */
export function endWith(signal: AbortSignal, request: ClientRequest): void {
  if (signal.aborted) {
    request.destroy(signal.reason);
    return;
  }
  const { requests } = groupOf(signal);
  requests.push(request);
  request.once('close', () => {
    const place = requests.indexOf(request);
    if (place < 0) return;
    const last = requests.pop();
    if (last && last !== request) requests[place] = last;
  });
}
