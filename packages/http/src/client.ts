import {
  type Client,
  Duration,
  defineClient,
  MillraceError,
  milliseconds,
  Options,
  type Report,
  type Traffic,
  type Transport,
} from '@millrace/core';
import {
  Concurrency,
  connectionSettings,
  createHttp,
  type HttpClient,
  type HttpOptions,
  type HttpRequest,
  type HttpResponse,
  LimitOption,
  type QueryLists,
  Timeout,
  type TokenSource,
} from '@millrace/core/http';
import { type Static, Type } from 'typebox';
import { Authentication, checkAuthentication, fixedCredentials } from './authentication.ts';
import { oauth2Tokens } from './oauth2.ts';

const ClientOptions = Options({
  baseUrl: Type.String({
    pattern: '^https?://[^\\s?#]+$',
    description: 'Address below which all requests go, such as https://api.example.com/v2',
  }),
  authentication: Type.Optional(Authentication),
  headers: Type.Unsafe<Readonly<Record<string, string>>>({
    type: 'object',
    additionalProperties: { type: 'string', description: 'Its value' },
    default: {},
    description: 'Headers of every request; a key belongs into authentication, where it is kept secret',
  }),
  ping: Type.Optional(
    Options(
      { path: Type.String({ description: 'A path whose GET proves address and credentials' }) },
      {
        description:
          'What is asked to see whether it works. Default: the address itself, which may answer 404',
      },
    ),
  ),
  lists: Type.Unsafe<QueryLists>({
    type: 'string',
    enum: ['comma', 'repeat'],
    default: 'comma',
    description: 'How a list in a query is written: ids=1,2 or ids=1&ids=2',
  }),
  retry: Type.Optional(
    Options(
      {
        attempts: Type.Integer({
          minimum: 1,
          maximum: 20,
          default: 5,
          description:
            'How often a GET is asked that fails in passing, and anything that certainly had no effect',
        }),
        initial: Duration({ default: '500ms', description: 'The first wait at most; a random part of it' }),
        max: Duration({ default: '30s', description: 'The longest wait' }),
      },
      { description: 'How what fails in passing is tried again' },
    ),
  ),
  limit: LimitOption,
  timeout: Timeout,
  concurrency: Concurrency,
});

type ClientSettings = Static<typeof ClientOptions>;

/** A connection to one REST API. */
export class HttpApi implements Client {
  readonly #api: HttpClient;
  readonly #ping: string | undefined;
  readonly #secretQuery: readonly string[];
  readonly #tokens: { readonly http: HttpClient; readonly source: TokenSource } | undefined;

  constructor(
    settings: ClientSettings,
    { traffic, transport }: { readonly traffic?: Traffic; readonly transport?: Transport } = {},
  ) {
    const { baseUrl, headers, lists, limit, authentication = {} } = settings;
    const shared = {
      ...connectionSettings(settings),
      ...retrySettings(settings),
      ...(transport && { transport }),
    };
    const { oauth2 } = authentication;
    if (oauth2) {
      // A request with an effect: what may be repeated of it, the source of tokens knows.
      const http = createHttp({ ...shared, baseUrl: oauth2.tokenUrl, retry: { attempts: 1 } });
      this.#tokens = { http, source: oauth2Tokens(http, oauth2) };
    }
    const fixed = fixedCredentials(authentication);
    this.#secretQuery = Object.keys(fixed.secretQuery ?? {});
    this.#ping = settings.ping?.path;
    this.#api = createHttp({
      ...shared,
      baseUrl,
      headers,
      lists,
      ...(limit !== undefined && { limit }),
      ...(traffic && { traffic }),
      ...fixed,
      ...(this.#tokens && bearer(this.#tokens.source)),
    });
  }

  request(request: HttpRequest): Promise<HttpResponse> {
    return this.#api.request(request);
  }

  async ping(signal: AbortSignal): Promise<void> {
    try {
      await this.request({ method: 'GET', path: this.#ping ?? '', signal });
    } catch (error) {
      if (this.#ping !== undefined || !isAnswer(error)) throw error;
    }
  }

  /** An address of the system as it may be stored: without the key that some systems repeat in their links. */
  withoutKey(address: string): string {
    const url = this.#secretQuery.length > 0 ? URL.parse(address) : null;
    if (!url) return address;
    for (const name of this.#secretQuery) url.searchParams.delete(name);
    return url.href;
  }

  async close(): Promise<void> {
    this.#tokens?.source.close();
    this.#tokens?.http.close();
    this.#api.close();
  }
}

function bearer(tokens: TokenSource): Pick<HttpOptions, 'authorize' | 'reauthorize'> {
  return {
    authorize: async () => ({ authorization: `Bearer ${await tokens.get()}` }),
    reauthorize: ({ authorization = '' }) => tokens.refused(authorization.replace(/^Bearer /, '')),
  };
}

function retrySettings({ retry }: ClientSettings): Pick<HttpOptions, 'retry'> {
  if (!retry) return {};
  const { attempts, initial, max } = retry;
  return { retry: { attempts, initial: milliseconds(initial), max: milliseconds(max) } };
}

/** Somebody is there, and has nothing against who asks: few systems have anything at the address itself. */
function isAnswer(error: unknown): boolean {
  const status = error instanceof MillraceError ? error.status : undefined;
  return status !== undefined && status < 500 && ![401, 403, 407, 408, 425, 429].includes(status);
}

function checkBaseUrl(baseUrl: string, report: Report): void {
  const url = URL.parse(baseUrl);
  if (url && url.username === '' && url.password === '') return;
  const message = url ? 'Credentials stand in the address' : `"${baseUrl}" is not an address`;
  const hint = url ? 'Put them under authentication.basic.' : 'Write one such as https://api.example.com/v2.';
  report({ code: 'config.invalid_value', message, hint, path: ['baseUrl'] });
}

export const client = defineClient({
  description:
    'Any REST API: its address, who asks, and how fast. For requests in the middle of a chain there is the transformer `request`.',
  options: ClientOptions,
  requests: true,
  system: ({ baseUrl }) => baseUrl.replace(/\/+$/, ''),
  check({ baseUrl, authentication }, report) {
    checkBaseUrl(baseUrl, report);
    if (authentication) checkAuthentication(authentication, report);
  },
  create: (options, shared) => new HttpApi(options, shared),
});
