import { type Answer, empty, json } from './answer.ts';
import type { Api } from './api.ts';
import { type Call, isTokenPath } from './call.ts';
import { faultAnswer, isSpoiled, tooMany } from './exchange.ts';
import type { Fault, Faults } from './faults/faults.ts';
import { kindOf } from './faults/kinds.ts';
import type { Journal } from './journal.ts';
import { Query } from './query.ts';
import type { Quirks } from './quirks.ts';
import { RateLimit } from './rate-limit.ts';
import type { Place } from './reading/special.ts';
import { openApi } from './reading/swagger.ts';
import type { Tokens } from './tokens.ts';

/** What a call comes to, and the fault that it meets on its way back. */
export interface Reaction {
  readonly answer: Answer;
  readonly fault?: Fault;
}

export interface FrontContext {
  readonly quirks: Quirks;
  readonly tokens: Tokens;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly api: Api;
  readonly place: Place;
  /** A call that may have changed records has been processed. */
  readonly changed: () => void;
  /** A call of the API has been answered. */
  readonly called: () => void;
}

const DEFAULT_LIMIT = new RateLimit({ requests: 500, windowMs: 180_000 }).sentence;

/** The front of an instance: faults, limit and tokens stand before its API. */
export class Front {
  limit: RateLimit | undefined;
  readonly #context: FrontContext;

  constructor(context: FrontContext) {
    this.#context = context;
  }

  /** What a call comes to. What it changes is done when this returns. */
  react(call: Call): Reaction {
    const { faults, tokens, journal, called } = this.#context;
    const fault = faults.next(call);
    const spoiled = fault !== undefined && isSpoiled(fault);
    const isProcessed = !spoiled || fault.afterwards;
    const real = isProcessed ? this.#dressed(call, this.#answer(call, fault)) : undefined;
    const answer =
      !spoiled && real ? real : faultAnswer(fault as Fault, this.limit?.sentence ?? DEFAULT_LIMIT);
    if (fault?.kind === 'expire') tokens.expire(call.headers.authorization);
    const isLost = spoiled && fault.afterwards && fault.kind !== 'lost';
    journal.note(call, answer.status, fault && `${fault.kind}${isLost ? ' afterwards' : ''}`);
    if (call.path.toLowerCase().startsWith('/api/')) called();
    return { answer, ...(fault && { fault }) };
  }

  #answer(call: Call, fault: Fault | undefined): Answer {
    const { quirks, place } = this.#context;
    const { method, path } = call;
    const lower = path.toLowerCase();
    if (lower === '/api/authinfo')
      return json(200, { auth_url: `${place.url}/auth`, tenant_id: place.tenant });
    if (lower === '/api/swagger/v2/swagger.json') return json(200, openApi());
    if (/^\/(?:auth\/)?\.well-known\/openid-configuration$/.test(lower)) return this.#discovery();
    if (lower === '/portal') return portal();
    const isToken = isTokenPath(path);
    const isApi = lower.startsWith('/api/');
    // Signing in is another server's business, in many installations: it counts for nobody's limit.
    const counts = isToken ? !quirks.has('sign-in-uncounted') : isApi;
    const refused = counts ? this.#overLimit() : undefined;
    if (refused) return refused;
    if (isToken) return method === 'POST' ? this.#signIn(call) : empty(405);
    return isApi ? this.#api(call, fault) : empty(404);
  }

  #api(call: Call, fault: Fault | undefined): Answer {
    const { tokens, api, changed } = this.#context;
    const { method, path, headers } = call;
    const below = path.slice('/api/'.length);
    const [resource = ''] = below.split('/');
    const writes = method !== 'GET';
    const status = tokens.check(headers.authorization, headers['x-halo-api-key'], resource, writes);
    if (status !== undefined) return empty(status);
    const isInPage = fault && fault.kind !== 'answer' && kindOf(fault.kind).place === 'page';
    const answer = api.answer({
      method,
      path: below,
      query: new Query(call.query),
      contentType: headers['content-type'] ?? '',
      bytes: call.bytes,
      value: call.value,
      fault: isInPage ? fault : undefined,
    });
    if (writes) changed();
    return answer;
  }

  #overLimit(): Answer | undefined {
    const wait = this.limit?.refuse(Date.now());
    if (wait === undefined) return undefined;
    const seconds = this.#context.quirks.has('retry-after') ? Math.ceil(wait / 1000) : undefined;
    return tooMany(this.limit?.sentence ?? '', seconds);
  }

  /** As the quirks have it of every answer. */
  #dressed({ method }: Call, answer: Answer): Answer {
    const { quirks } = this.#context;
    const { status, body } = answer;
    if (method === 'POST' && status === 201 && !quirks.has('created-201')) return { ...answer, status: 200 };
    const isMute = [401, 403, 404].includes(status) && body === undefined;
    if (!isMute || quirks.has('empty-refusals')) return answer;
    const error = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' }[status] ?? '';
    return { ...answer, ...json(status, { error }) };
  }

  #signIn({ headers, bytes }: Call): Answer {
    const basic = /^Basic +(.+)$/i.exec(headers.authorization ?? '')?.[1];
    const [id = '', secret = ''] = basic ? Buffer.from(basic, 'base64').toString().split(':') : [];
    const pair = basic ? ([id, secret] as const) : undefined;
    return this.#context.tokens.issue(new URLSearchParams(bytes.toString()), pair);
  }

  #discovery(): Answer {
    const { url } = this.#context.place;
    return json(200, {
      issuer: `${url}/auth`,
      token_endpoint: `${url}/auth/token`,
      grant_types_supported: ['client_credentials', 'password', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    });
  }
}

/** Where people are sent; programs that follow take it for an answer. */
function portal(): Answer {
  const body = '<!doctype html>\n<title>Portal</title>\n<h1>Please sign in</h1>\n';
  return { status: 200, body, headers: { 'content-type': 'text/html; charset=utf-8' } };
}
