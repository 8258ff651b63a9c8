import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import got, { type Response } from 'got';
import type { Traffic } from '../contracts.ts';
import { MillraceError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import type { Json } from '../json.ts';
import { parseJson } from '../parse-json.ts';
import { countRequest, isPublishing } from '../requests.ts';
import { Admission } from './admission.ts';
import { Breaker } from './breaker.ts';
import { limitSize, sendKeepingConnection } from './connection.ts';
import { capText, readReset, statusError, transportError } from './failure.ts';
import { endWith } from './in-flight.ts';
import { parseLimit } from './limit.ts';
import { pause } from './pause.ts';
import { buildUrl, type HttpRequest, type HttpResponse } from './request.ts';

export interface HttpOptions {
  /** Every request goes below it, and nowhere else: redirects are not followed. */
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds: to connect, to the first byte of the answer, to its last. */
  readonly timeout?: { readonly connect?: number; readonly response?: number; readonly total?: number };
  /** Requests in flight at a time. Default 10. */
  readonly concurrency?: number;
  /** What the system allows, such as `500/180s`. */
  readonly limit?: string;
  /** What `create` of a client was given: shares the limit with other processes, and counts. */
  readonly traffic?: Traffic;
  /** Headers that prove who we are; asked before every request. */
  readonly authorize?: () => Promise<Readonly<Record<string, string>>>;
  /** Told after a 401, once a request: the request is then repeated with new headers. */
  readonly reauthorize?: (used: Readonly<Record<string, string>>) => void;
  readonly retry?: { readonly attempts?: number; readonly initial?: number; readonly max?: number };
  /** Bytes of an answer. Default 100 MB. */
  readonly maxResponseSize?: number;
}

const DEFAULT_TIMEOUT = { connect: 10_000, response: 60_000, total: 120_000 };
/** A read waits as long as it is asked to, within reason; a write gives its slot back and is tried again later. */
const MAX_WAIT_READ = 300_000;
const MAX_WAIT_WRITE = 10_000;
/** How long a read waits in all for a system that is known to be down. */
const MAX_PARKED_READ = 900_000;

const exchanges = new WeakMap<Error, Exchange>();

/** The request, and the answer if there was one, of an error that {@link HttpClient.request} threw. */
export function exchangeOf(error: unknown): Exchange | undefined {
  return error instanceof Error ? exchanges.get(error) : undefined;
}

/** The HTTP of one configured client: pacing, retries, time-outs and authentication in one place. */
export class HttpClient {
  readonly #options: HttpOptions;
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  readonly #got: typeof got;
  readonly #admission: Admission;
  readonly #breaker = new Breaker();

  constructor(options: HttpOptions) {
    this.#options = options;
    const { concurrency = 10, timeout = {} } = options;
    const sockets = { keepAlive: true, maxSockets: concurrency, maxFreeSockets: concurrency };
    this.#agents = { http: new HttpAgent(sockets), https: new HttpsAgent(sockets) };
    const limit = options.limit === undefined ? undefined : parseLimit(options.limit);
    this.#admission = new Admission({
      concurrency,
      breaker: this.#breaker,
      ...(limit && { limit }),
      ...(options.traffic && { traffic: options.traffic }),
    });
    const { connect, response, total } = { ...DEFAULT_TIMEOUT, ...timeout };
    this.#got = got.extend({
      agent: this.#agents,
      retry: { limit: 0 },
      throwHttpErrors: false,
      followRedirect: false,
      request: sendKeepingConnection,
      timeout: { lookup: connect, connect, secureConnect: connect, response, request: total },
      headers: { accept: 'application/json', 'user-agent': 'millrace', ...options.headers },
    });
  }

  /**
   * Sends a request and resolves with an answer of 2xx; everything else rejects with a `client.*` error. A GET is
   * repeated after what may pass; a request with an effect only where it certainly had none.
   */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const { attempts = 5 } = this.#options.retry ?? {};
    let reauthorized = false;
    let parked = 0;
    for (let attempt = 1; ; attempt++) {
      const headers = await this.#authorize(request);
      try {
        return await this.#inTurn(request, headers);
      } catch (thrown) {
        request.signal.throwIfAborted();
        if (!(thrown instanceof MillraceError)) throw thrown;
        if (thrown.status === 401 && !reauthorized && this.#options.reauthorize) {
          reauthorized = true;
          this.#options.reauthorize(headers);
          continue;
        }
        if (thrown.code === 'client.parked' && request.method === 'GET' && parked < MAX_PARKED_READ) {
          // A read waits for the system to come back; what delivers gives its slot back, and uses no attempt either.
          parked += thrown.retryAfter ?? 0;
          attempt--;
          await pause(thrown.retryAfter ?? 1000, request.signal);
          continue;
        }
        const wait = attempt < attempts ? this.#wait(thrown, request, attempt) : undefined;
        if (wait === undefined) throw thrown;
        await pause(wait, request.signal);
      }
    }
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  async #authorize(request: HttpRequest): Promise<Readonly<Record<string, string>>> {
    request.signal.throwIfAborted();
    return (await this.#options.authorize?.()) ?? {};
  }

  /** Milliseconds until the request may be repeated; undefined where it may not be. */
  #wait(error: MillraceError, request: HttpRequest, attempt: number): number | undefined {
    const reads = request.method === 'GET';
    const unprocessed =
      error.code === 'client.unreachable' ||
      error.status === 429 ||
      (error.status === 503 && error.retryAfter !== undefined);
    if (!(reads ? error.retried : unprocessed)) return undefined;
    const { initial = 500, max = 30_000 } = this.#options.retry ?? {};
    const backoff = Math.random() * Math.min(max, initial * 2 ** (attempt - 1));
    const wait = Math.max(backoff, error.retryAfter ?? 0);
    return wait <= (reads ? MAX_WAIT_READ : MAX_WAIT_WRITE) ? wait : undefined;
  }

  /** Sends it when it has its turn, and tells what paces and watches what came of it. */
  async #inTurn(request: HttpRequest, headers: Readonly<Record<string, string>>): Promise<HttpResponse> {
    const kind = request.method !== 'GET' || isPublishing(request.signal) ? 'publish' : 'poll';
    const place = await this.#admission.enter(kind, request.signal);
    const started = performance.now();
    let status: number | undefined;
    try {
      this.#breaker.check(`${request.method} ${request.path}`);
      const response = await this.#send(request, headers);
      status = response.status;
      this.#breaker.answered(status);
      if (Number(remaining(response.headers)) === 0) this.#admission.hold(readReset(response.headers));
      return response;
    } catch (thrown) {
      if (thrown instanceof MillraceError && thrown.status !== undefined) {
        status = thrown.status;
        this.#breaker.answered(status, thrown.retryAfter);
        if (status === 429) this.#admission.hold(thrown.retryAfter);
      }
      throw thrown;
    } finally {
      this.#admission.leave(place);
      this.#options.traffic?.answered?.({
        method: request.method,
        ...(status !== undefined && { status }),
        milliseconds: performance.now() - started,
      });
    }
  }

  async #send(request: HttpRequest, authorization: Readonly<Record<string, string>>): Promise<HttpResponse> {
    const url = buildUrl(this.#options.baseUrl, request);
    const what = `${request.method} ${url.origin}${url.pathname}`;
    const body = bodyOf(request);
    const sent = {
      method: request.method,
      url: url.href,
      ...(request.json !== undefined && { body: capText(request.json, body ?? '') }),
    };
    countRequest(request.signal);
    const response = await this.#exchange(request, url, body, authorization).catch((error: unknown) => {
      request.signal.throwIfAborted();
      throw remember(transportError(error, what), { request: sent });
    });
    const { statusCode: status, headers } = response;
    const parsed = parseBody(response, what);
    const known = parsed instanceof MillraceError ? response.body.slice(0, 2000) : parsed;
    const exchange = {
      request: sent,
      response: { status, ...(known !== undefined && { body: capText(known, response.body) }) },
    };
    if (status < 200 || status > 299)
      throw remember(statusError({ status, headers, body: known }, what), exchange);
    if (parsed instanceof MillraceError) throw remember(parsed, exchange);
    return { status, headers, body: parsed, exchange };
  }

  #exchange(
    request: HttpRequest,
    url: URL,
    body: string | undefined,
    authorization: Readonly<Record<string, string>>,
  ): Promise<Response<string>> {
    const { maxResponseSize = 100_000_000 } = this.#options;
    const type = body === undefined ? undefined : request.form ? FORM : JSON_TYPE;
    const sending = this.#got(url, {
      method: request.method,
      headers: { ...type, ...request.headers, ...authorization },
      // Pages are worth to be compressed; what a delivery is answered is not.
      ...(request.method !== 'GET' && { decompress: false }),
      ...(body !== undefined && { body }),
    });
    sending.on('request', (sent: ClientRequest) => {
      endWith(request.signal, sent);
      limitSize(sent, maxResponseSize);
    });
    return sending;
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

function bodyOf({ json, form }: HttpRequest): string | undefined {
  if (form) return new URLSearchParams(form).toString();
  return json === undefined ? undefined : JSON.stringify(json);
}

/** What the system says is left of its limit. */
function remaining(headers: HttpResponse['headers']): string | undefined {
  const left = headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining'];
  return typeof left === 'string' && left.trim() !== '' ? left : undefined;
}

function remember(error: MillraceError, exchange: Exchange): MillraceError {
  exchanges.set(error, exchange);
  return error;
}

/** JSON where the answer says so or looks so; else its text. */
function parseBody(response: Response<string>, what: string): Json | undefined | MillraceError {
  const text = response.body;
  if (text === '') return undefined;
  const type = response.headers['content-type'] ?? '';
  const json = type.includes('json') || (type === '' && /^\s*[[{"]/.test(text));
  if (!json) return text;
  try {
    return parseJson(text);
  } catch (cause) {
    return new MillraceError(
      'client.unreadable',
      `${what} answered ${response.statusCode} with JSON that cannot be read`,
      {
        status: response.statusCode,
        cause,
      },
    );
  }
}

/** Makes the HTTP of one client. Close it when the client closes. */
export function createHttp(options: HttpOptions): HttpClient {
  return new HttpClient(options);
}
