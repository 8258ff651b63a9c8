import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import got from 'got';
import type { Traffic } from '../contracts.ts';
import { MillraceError } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { countRequest, isPublishing } from '../requests.ts';
import type { Transport } from '../transport.ts';
import { Admission } from './admission.ts';
import { bodyOf, exactly, parseBody, typeOf } from './body.ts';
import { Breaker } from './breaker.ts';
import { limitSize, sendKeepingConnection } from './connection.ts';
import { capText, readReset, statusError, transportError } from './failure.ts';
import { fileAnswer, type RawResponse, rawFile } from './file-answer.ts';
import { hideCredentials } from './hide.ts';
import { endWith } from './in-flight.ts';
import { letGo } from './let-go.ts';
import { parseLimit } from './limit.ts';
import { pause } from './pause.ts';
import { buildUrl, type HttpRequest, type HttpResponse, type QueryLists } from './request.ts';

export interface HttpOptions {
  /** Every request goes below it, and nowhere else: redirects are not followed. */
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Added to the query of every request and shown nowhere: for systems that take their key there. */
  readonly secretQuery?: Readonly<Record<string, string>>;
  /** How lists in a query are written. Default: with commas. */
  readonly lists?: QueryLists;
  /** Milliseconds: to connect, to the first byte of the answer, to its last. */
  readonly timeout?: { readonly connect?: number; readonly response?: number; readonly total?: number };
  /** Requests in flight at a time. Default 10. */
  readonly concurrency?: number;
  /** What the system allows, such as `500/180s`. */
  readonly limit?: string;
  /** What `create` of a client was given: shares the limit with other processes, and counts. */
  readonly traffic?: Traffic;
  /** What `create` of a client was given: a test or a preview answers through it what must not be sent. */
  readonly transport?: Transport;
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
        const response = await this.#inTurn(request, headers);
        if (response.status !== 401 || reauthorized || !this.#options.reauthorize) return response;
        // A caller that expects a 401 means one that a new token does not mend.
        reauthorized = true;
        this.#options.reauthorize(headers);
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
    const url = buildUrl(this.#options.baseUrl, request, this.#options.lists);
    for (const name of Object.keys(this.#options.secretQuery ?? {})) url.searchParams.delete(name);
    const what = `${request.method} ${url.origin}${url.pathname}`;
    const body = bodyOf(request);
    const sent = {
      method: request.method,
      url: url.href,
      // A form may hold credentials: it is shown nowhere.
      ...(body !== undefined && !request.form && { body: capText(request.json ?? body, body) }),
    };
    countRequest(request.signal);
    const response = await this.#exchange(request, url, body, authorization).catch((error: unknown) => {
      request.signal.throwIfAborted();
      throw remember(transportError(error, what), { request: sent });
    });
    return this.read(response, { sent, what, expect: request.expect, file: request.file, authorization });
  }

  /** An answer of 2xx, or of a status that is expected; throws what any other one is. */
  protected read(response: RawResponse, asked: Asked): HttpResponse {
    const { statusCode: status, headers } = response;
    const { sent, what, expect, authorization = {} } = asked;
    if (asked.file && status >= 200 && status <= 299) return fileAnswer(response, sent);
    const parsed = parseBody(response, what);
    const text = hideCredentials(response.body, authorization, this.#options.secretQuery);
    const shown =
      text === response.body ? parsed : parseBody({ statusCode: status, headers, body: text }, what);
    const known = shown instanceof MillraceError ? text.slice(0, 2000) : shown;
    const exchange = {
      request: sent,
      response: { status, ...(known !== undefined && { body: capText(known, text) }) },
    };
    if ((status < 200 || status > 299) && !expect?.includes(status))
      throw remember(statusError({ status, headers, body: known }, what), exchange);
    if (parsed instanceof MillraceError) throw remember(parsed, exchange);
    return { status, headers, body: parsed, exchange };
  }

  async #exchange(
    request: HttpRequest,
    url: URL,
    body: string | undefined,
    authorization: Readonly<Record<string, string>>,
  ): Promise<RawResponse> {
    const { stream, file } = request;
    const { maxResponseSize = 100_000_000 } = this.#options;
    const options = {
      method: request.method,
      headers: { ...typeOf(request), ...request.headers, ...authorization },
      // Pages are worth to be compressed; what a delivery is answered is not.
      ...((request.method !== 'GET' || file) && { decompress: false }),
      ...(body !== undefined && { body }),
      ...(stream && { body: Readable.from(exactly(stream), { objectMode: false }) }),
      request: (...to: Parameters<typeof sendKeepingConnection>) => {
        const sent = sendKeepingConnection(...to);
        endWith(request.signal, sent);
        limitSize(sent, file?.maxBytes ?? maxResponseSize);
        return sent;
      },
    };
    const address = withSecrets(url, this.#options.secretQuery);
    if (file) {
      const answer = await this.#got(address, { ...options, responseType: 'buffer' });
      letGo(answer);
      return rawFile(answer);
    }
    const answer = await this.#got(address, options);
    letGo(answer);
    return { statusCode: answer.statusCode, headers: answer.headers, body: answer.body };
  }
}

function withSecrets(url: URL, secrets: HttpOptions['secretQuery']): URL {
  if (!secrets) return url;
  const sent = new URL(url);
  for (const [name, value] of Object.entries(secrets)) sent.searchParams.set(name, value);
  return sent;
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

/** What an answer belongs to. */
interface Asked {
  readonly sent: Exchange['request'];
  readonly what: string;
  /** Further statuses that are no failure. */
  readonly expect?: readonly number[] | undefined;
  /** Set where the answer is a file. */
  readonly file?: HttpRequest['file'];
  /** Headers of which nothing may be shown. */
  readonly authorization?: Readonly<Record<string, string>>;
}
