import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Answers a request, whose body has been read already. */
export type Handle = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A real server on the loopback. */
export interface TestServer {
  readonly url: string;
  /** Connections that clients keep open. */
  connections(): Promise<number>;
}

/** Starts a server on a free loopback port. It stops with the test. */
export async function startServer(handle: Handle): Promise<TestServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => handle(request, response, Buffer.concat(chunks).toString('utf8')));
  });
  const url = await listen(server);
  onTestFinished(() => stop(server));
  return {
    url,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
  };
}

/** Starts a server on a free loopback port that stops with the test. Gives its URL. */
export async function serve(handle: Handle): Promise<string> {
  return (await startServer(handle)).url;
}

/** An address on the loopback where nothing listens. */
export async function unusedUrl(): Promise<string> {
  const server = createServer();
  const url = await listen(server);
  await stop(server);
  return url;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
