import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { MillraceError } from '../errors.ts';

type Callback = (response: IncomingMessage) => void;

/**
 * Sends a request as Node does. got destroys its request as soon as it has read the answer; where the answer came before
 * Node told that the last of the body is written, this would close a connection that can be kept. Such a request is
 * ended instead, and Node gives its connection back.
 */
export function sendKeepingConnection(url: URL, options: RequestOptions, callback?: Callback): ClientRequest {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send(addressed(url, options), callback);
  let written = 0;
  const write = request.write.bind(request);
  const destroy = request.destroy.bind(request);
  // Not written where they are stored: see `letGo`.
  const counted = (chunk: string | Uint8Array, ...rest: [BufferEncoding, (error?: Error | null) => void]) => {
    written += Buffer.byteLength(chunk);
    return write(chunk, ...rest);
  };
  const ended = (error?: Error) => {
    const { res } = request as { res?: IncomingMessage };
    if (error !== undefined || !res?.complete || !res.readableEnded) return destroy(error);
    if (request.writableEnded) return request;
    // The answer to a body that was not sent to its end leaves the connection in the middle of a request.
    return written === Number(request.getHeader('content-length')) ? request.end() : destroy();
  };
  request.write = counted as typeof request.write;
  request.destroy = ended;
  return request;
}

/**
 * Where the request goes, with the options that are set: Node copies all that it is given several times for each request,
 * and got names some thirty that are not.
 */
function addressed(url: URL, options: RequestOptions): RequestOptions {
  const set: Record<string, unknown> = {
    protocol: url.protocol,
    // Node takes an IPv6 address without its brackets.
    hostname: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
    path: url.pathname + url.search,
  };
  if (url.port !== '') set['port'] = url.port;
  if (url.username !== '' || url.password !== '')
    set['auth'] = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  for (const name in options) {
    const value = options[name as keyof RequestOptions];
    if (value !== undefined) set[name] = value;
  }
  return set;
}

/** Ends a request whose answer grows above so many bytes. */
export function limitSize(request: ClientRequest, most: number): void {
  request.once('response', (response: IncomingMessage) => {
    const announced = Number(response.headers['content-length']);
    const tooLarge = () =>
      request.destroy(
        new MillraceError('client.too_large', `The answer is larger than ${most} bytes`, {
          hint: 'Ask for fewer or thinner records at a time.',
        }),
      );
    if (announced > most) {
      tooLarge();
      return;
    }
    if (Number.isFinite(announced)) return;
    // Of unknown length: counted as it comes in. A listener for data would take it away from got.
    let received = 0;
    const push = response.push.bind(response);
    const counted = (chunk: Buffer | null, encoding?: BufferEncoding) => {
      received += chunk?.length ?? 0;
      if (received > most) tooLarge();
      return push(chunk, encoding);
    };
    response.push = counted;
  });
}
