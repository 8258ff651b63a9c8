import { HttpClient, type HttpOptions } from './http-client.ts';
import { TransportedClient } from './transported-client.ts';

/** Makes the HTTP of one client. Close it when the client closes. */
export function createHttp(options: HttpOptions): HttpClient {
  const { transport } = options;
  return transport ? new TransportedClient(options, transport) : new HttpClient(options);
}
