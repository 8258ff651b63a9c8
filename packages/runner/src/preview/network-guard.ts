import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { MillraceError } from '@millrace/core';

/** What is done here must not reach the network, but through the transports of clients. */
export interface Closed {
  /** Told of what tried all the same; it was stopped. */
  readonly stopped: (what: string) => void;
  /** Requests that may go out. Default: none. */
  readonly lets?: (request: { readonly method: string; readonly url: string }) => boolean;
}

const closed = new AsyncLocalStorage<Closed>();
let listening = false;

/**
 * Runs work in which every connection that is opened past a transport is broken before anything is sent: a plugin
 * that forgets to hand its transport on, or calls `fetch`, cannot reach a system unnoticed.
 */
export function withoutNetwork<T>(guard: Closed, work: () => Promise<T>): Promise<T> {
  if (!listening) listen();
  listening = true;
  return closed.run(guard, work);
}

/** Runs work that may use the network, inside of work that may not. */
export function withNetwork<T>(work: () => Promise<T>): Promise<T> {
  return closed.exit(work);
}

// Node tells of each request and each socket where it is made; nothing of Node's own is replaced.
function listen(): void {
  subscribe('http.client.request.created', (message) => {
    const { request } = message as { request: ClientRequest };
    const guard = closed.getStore();
    if (!guard) return;
    const { method, path, host } = request;
    const url = `${request.protocol}//${String(request.getHeader('host') ?? host)}${path}`;
    if (guard.lets?.({ method, url })) return;
    guard.stopped(`${method} ${url}`);
    request.destroy(refusal(`${method} ${url}`));
  });
  subscribe('net.client.socket', (message) => {
    const guard = closed.getStore();
    // Where some requests may go out, they are told apart one by one.
    if (!guard || guard.lets) return;
    const { socket } = message as { socket: Socket };
    const what = 'a connection';
    guard.stopped(what);
    // Its maker still has to finish with it.
    process.nextTick(() => socket.destroy(refusal(what)));
  });
}

function refusal(what: string): MillraceError {
  return new MillraceError('client.withheld', `${what} was stopped: nothing may be sent here`, {
    hint: 'The client must hand `transport` to createHttp, beside `traffic`.',
  });
}
