import type { Json } from '../json.ts';
import type { Transport, TransportAnswer } from '../transport.ts';
import { buildUrl, type HttpRequest } from './request.ts';

/** As much of an answer as is read of one that came over the network. */
export interface RawAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the transport answers to a request in place of the system; undefined where it is to go out. */
export async function answered(
  transport: Transport,
  request: HttpRequest,
  base: { readonly baseUrl: string; readonly headers?: Readonly<Record<string, string>> },
): Promise<RawAnswer | undefined> {
  request.signal.throwIfAborted();
  const { method, path, signal, form, json } = request;
  const type = form ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
  const body: Json | undefined = json ?? form;
  const answer = await transport.answer({
    method,
    url: buildUrl(base.baseUrl, request).href,
    path,
    ...(body !== undefined && { body }),
    headers: { ...base.headers, ...type, ...request.headers },
    signal,
  });
  return answer && raw(answer);
}

function raw({ status = 200, headers = {}, body }: TransportAnswer): RawAnswer {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  return { statusCode: status, headers: { 'content-type': type, ...lower }, body: text };
}
