import {
  type Client,
  defineClient,
  MillraceError,
  Options,
  Secret,
  type Traffic,
  type Transport,
} from '@millrace/core';
import {
  Concurrency,
  connectionSettings,
  createHttp,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
  type Limit,
  LimitOption,
  parseLimit,
  Timeout,
  type TokenRequest,
  type TokenSource,
} from '@millrace/core/http';
import { type Static, Type } from 'typebox';
import { haloTokens } from './token.ts';

const Scopes = Type.Array(Type.String({ minLength: 1 }), {
  default: ['all'],
  minItems: 1,
  description: 'Scopes to ask for, such as all, read:tickets, edit:assets',
});
const ClientId = Type.String({ minLength: 1, description: 'Client id of the API application in Halo' });

const ClientOptions = Options({
  baseUri: Type.String({
    pattern: '^https?://[^\\s]+$',
    description: 'Address of the instance, such as https://acme.haloitsm.com, with or without /api',
  }),
  tenant: Type.Optional(
    Type.String({
      description: 'Tenant of a hosted instance; leave it out or empty on a server of your own',
    }),
  ),
  authentication: Type.Object(
    {
      clientCredentials: Type.Optional(
        Options(
          {
            clientId: ClientId,
            clientSecret: Secret({ description: 'Its secret; put it in the environment, not in the file' }),
            scopes: Scopes,
          },
          { description: 'The application signs in by itself' },
        ),
      ),
      usernamePassword: Type.Optional(
        Options(
          {
            clientId: ClientId,
            username: Type.String({ minLength: 1, description: 'The agent to sign in as' }),
            password: Secret({ description: 'Its password; put it in the environment, not in the file' }),
            scopes: Scopes,
          },
          { description: 'The application signs in as an agent' },
        ),
      ),
      url: Type.Optional(
        Type.String({
          pattern: '^https?://[^\\s]+$',
          description: 'Token endpoint, where it is not {baseUri}/auth/token',
        }),
      ),
    },
    { additionalProperties: false, description: 'Exactly one of clientCredentials and usernamePassword' },
  ),
  limit: LimitOption,
  timeout: Timeout,
  concurrency: Concurrency,
});

type ClientSettings = Static<typeof ClientOptions>;

function originOf({ baseUri }: ClientSettings): string {
  return baseUri.replace(/\/+$/, '').replace(/\/api$/i, '');
}

/** A signed-in connection to one HaloITSM instance. */
export class HaloClient implements Client {
  readonly #api: HttpClient;
  readonly #auth: HttpClient;
  readonly #tokens: TokenSource;
  /** What the instance allows, where it is configured. */
  readonly limit: Limit | undefined;

  constructor(
    settings: ClientSettings,
    { traffic, transport }: { readonly traffic?: Traffic; readonly transport?: Transport } = {},
  ) {
    const { limit } = settings;
    this.limit = limit === undefined ? undefined : parseLimit(limit);
    const origin = originOf(settings);
    const shared = { ...connectionSettings(settings), ...(transport && { transport }) };
    this.#auth = createHttp({ ...shared, baseUrl: settings.authentication.url ?? `${origin}/auth/token` });
    const { clientCredentials, usernamePassword } = settings.authentication;
    const { scopes = [] } = clientCredentials ?? usernamePassword ?? {};
    this.#tokens = haloTokens(this.#auth, tokenRequest(settings), scopes);
    this.#api = createHttp({
      ...shared,
      // Halo counts calls of its API only: signing in, once an hour, takes nothing of the limit.
      ...(limit !== undefined && { limit }),
      ...(traffic && { traffic }),
      baseUrl: `${origin}/api`,
      authorize: async () => ({ authorization: `Bearer ${await this.#tokens.get()}` }),
      reauthorize: ({ authorization = '' }) => this.#tokens.refused(authorization.replace(/^Bearer /, '')),
    });
  }

  /** Sends a request below `/api`. Rejects with `client.*` errors. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#api.request(request);
    } catch (error) {
      throw explain(error);
    }
  }

  async ping(signal: AbortSignal): Promise<void> {
    // Any agent may read the list of statuses, and it is short: a bare list of some tens.
    await this.request({ method: 'GET', path: 'Status', signal });
  }

  async close(): Promise<void> {
    this.#tokens.close();
    this.#api.close();
    this.#auth.close();
  }
}

/** Halo answers 401 with an empty body also to a good token that has no scope for the call. */
function explain(error: unknown): unknown {
  if (!(error instanceof MillraceError) || error.status !== 401 || error.message.includes('sign in'))
    return error;
  const message = `${error.message}, also with a new token: the application or its agent lacks the scope or permission`;
  const hint = 'Ask for the scope under authentication.*.scopes, and give it to the application in Halo.';
  return new MillraceError('client.unauthorized', message, {
    status: 401,
    hint,
    cause: error,
  });
}

function tokenRequest(settings: ClientSettings): TokenRequest {
  const { clientCredentials, usernamePassword } = settings.authentication;
  const query = settings.tenant ? { query: { tenant: settings.tenant } } : {};
  if (clientCredentials) {
    const { clientId, clientSecret, scopes } = clientCredentials;
    const form = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: scopes.join(' '),
    };
    return { form, ...query };
  }
  if (!usernamePassword) throw new MillraceError('config.missing_option', 'The client has no authentication');
  const { clientId, username, password, scopes } = usernamePassword;
  const form = { grant_type: 'password', client_id: clientId, username, password, scope: scopes.join(' ') };
  return { form, ...query };
}

export const client = defineClient({
  description:
    'A HaloITSM, HaloPSA or HaloCRM instance, signed in by client credentials or by user name and password.',
  options: ClientOptions,
  requests: true,
  system: (options) => [originOf(options), options.tenant ?? ''].join(' ').trim(),
  check({ authentication }, report) {
    const given = ['clientCredentials', 'usernamePassword'].filter((key) => key in authentication);
    if (given.length === 1) return;
    report({
      code: given.length === 0 ? 'config.missing_option' : 'config.invalid_value',
      message: given.length === 0 ? 'No authentication is given' : 'Two authentications are given',
      hint: 'Give exactly one of clientCredentials and usernamePassword.',
      path: ['authentication'],
      atKey: true,
    });
  },
  create: (options, shared) => new HaloClient(options, shared),
});
