import { MillraceError } from '../errors.ts';
import type { Json } from '../json.ts';
import { countRequest } from '../requests.ts';
import type { Transport, TransportAnswer, TransportRequest } from '../transport.ts';
import { cap } from './failure.ts';
import type { RawResponse } from './file-answer.ts';
import { exchangeOf, HttpClient, type HttpOptions } from './http-client.ts';
import { buildUrl, type HttpRequest, type HttpResponse } from './request.ts';

/** HTTP of a client whose requests are answered in place of the system, as far as a transport wants to. */
export class TransportedClient extends HttpClient {
  readonly #options: HttpOptions;
  readonly #transport: Transport;

  constructor(options: HttpOptions, transport: Transport) {
    super(options);
    this.#options = options;
    this.#transport = transport;
    transport.attached();
  }

  /** An answer of the transport is final: nothing is tried again. What it lets out is sent as always. */
  override async request(request: HttpRequest): Promise<HttpResponse> {
    request.signal.throwIfAborted();
    const asked = this.#asked(request);
    const answer = await this.#transport.answer(asked);
    if (!answer) return this.#told(request, asked);
    countRequest(request.signal);
    const { method, json, text, expect, file } = request;
    const { origin, pathname } = new URL(asked.url);
    const body = json ?? text;
    const sent = { method, url: asked.url, ...(body !== undefined && { body: cap(body) }) };
    return this.read(raw(answer), { sent, what: `${method} ${origin}${pathname}`, expect, file });
  }

  /** The request as a transport sees it: before it signs in. */
  #asked(request: HttpRequest): TransportRequest {
    const { method, path, signal, form, json, text } = request;
    const type = form ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
    const body: Json | undefined = json ?? form ?? text;
    const { baseUrl, lists, secretQuery = {} } = this.#options;
    const url = buildUrl(baseUrl, request, lists);
    for (const name of Object.keys(secretQuery)) url.searchParams.delete(name);
    return {
      method,
      url: url.href,
      path,
      ...(body !== undefined && { body }),
      headers: { ...this.#options.headers, ...type, ...request.headers },
      signal,
    };
  }

  /** Sends it, and tells the transport of the answer, whatever it is. */
  async #told(request: HttpRequest, asked: TransportRequest): Promise<HttpResponse> {
    try {
      const response = await super.request(request);
      const { status, body } = response;
      this.#transport.received?.(asked, { status, ...(body !== undefined && { body }) });
      return response;
    } catch (error) {
      const answer = error instanceof MillraceError ? exchangeOf(error)?.response : undefined;
      if (answer) this.#transport.received?.(asked, answer);
      throw error;
    }
  }
}

function raw({ status = 200, headers = {}, body }: TransportAnswer): RawResponse {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  return { statusCode: status, headers: { 'content-type': type, ...Object.fromEntries(lower) }, body: text };
}
