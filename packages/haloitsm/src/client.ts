import {
  type Client,
  Duration,
  defineClient,
  MillraceError,
  milliseconds,
  Options,
  Secret,
  type Traffic,
  type Transport,
} from '@millrace/core';
import { createHttp, type HttpClient, type HttpRequest, type HttpResponse } from '@millrace/core/http';
import { type Static, Type } from 'typebox';
import { type TokenRequest, TokenSource } from './token.ts';

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
  limit: Type.Optional(
    Type.String({
      pattern: '^[1-9]\\d*/\\d+(ms|s|m|h|d)$',
      description: 'Requests that the instance allows in a time, such as 500/180s',
    }),
  ),
  timeout: Type.Optional(
    Options(
      {
        connect: Duration({ default: '10s', description: 'To connect' }),
        response: Duration({ default: '60s', description: 'To the first byte of an answer' }),
        total: Duration({ default: '120s', description: 'To its last byte' }),
      },
      { description: 'How long a request may take' },
    ),
  ),
  concurrency: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 10,
    description: 'Requests in flight at a time',
  }),
});

type ClientSettings = Static<typeof ClientOptions>;

/** A signed-in connection to one HaloITSM instance. */
export class HaloClient implements Client {
  readonly #api: HttpClient;
  readonly #auth: HttpClient;
  readonly #tokens: TokenSource;

  constructor(
    settings: ClientSettings,
    { traffic, transport }: { readonly traffic?: Traffic; readonly transport?: Transport } = {},
  ) {
    const { timeout, concurrency, limit } = settings;
    const origin = settings.baseUri.replace(/\/+$/, '').replace(/\/api$/i, '');
    const shared = {
      concurrency,
      ...(transport && { transport }),
      ...(timeout && {
        timeout: {
          connect: milliseconds(timeout.connect),
          response: milliseconds(timeout.response),
          total: milliseconds(timeout.total),
        },
      }),
    };
    this.#auth = createHttp({ ...shared, baseUrl: settings.authentication.url ?? `${origin}/auth/token` });
    this.#tokens = new TokenSource(this.#auth, tokenRequest(settings));
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
    return { form, scopes, ...query };
  }
  if (!usernamePassword) throw new MillraceError('config.missing_option', 'The client has no authentication');
  const { clientId, username, password, scopes } = usernamePassword;
  const form = { grant_type: 'password', client_id: clientId, username, password, scope: scopes.join(' ') };
  return { form, scopes, ...query };
}

export const client = defineClient({
  description:
    'A HaloITSM, HaloPSA or HaloCRM instance, signed in by client credentials or by user name and password.',
  options: ClientOptions,
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
