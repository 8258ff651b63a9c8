import type { ClientRequest } from 'node:http';

interface Group {
  readonly requests: Set<ClientRequest>;
}

// One listener for all requests of a signal: one for each of thousands of requests costs more than the request's body.
const groups = new WeakMap<AbortSignal, Group>();

function groupOf(signal: AbortSignal): Group {
  const known = groups.get(signal);
  if (known) return known;
  const group: Group = { requests: new Set() };
  groups.set(signal, group);
  signal.addEventListener('abort', () => {
    for (const request of group.requests) request.destroy(signal.reason);
    group.requests.clear();
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
  requests.add(request);
  request.once('close', () => requests.delete(request));
}
