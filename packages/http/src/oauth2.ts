import { MillraceError, Options, Secret } from '@millrace/core';
import { type HttpClient, refusalCode, type TokenRequest, TokenSource } from '@millrace/core/http';
import { type Static, Type } from 'typebox';

export const OAuth2Options = Options(
  {
    tokenUrl: Type.String({ pattern: '^https?://[^\\s]+$', description: 'The token endpoint' }),
    clientId: Type.String({ minLength: 1, description: 'Client id of the application' }),
    clientSecret: Type.Optional(
      Secret({ description: 'Its secret; put it in the environment, not in the file' }),
    ),
    refreshToken: Type.Optional(
      Secret({
        description:
          'A refresh token to sign in with, of a person who agreed; without it, the application itself signs in',
      }),
    ),
    scopes: Type.Array(Type.String({ minLength: 1 }), { default: [], description: 'Scopes to ask for' }),
    parameters: Type.Unsafe<Readonly<Record<string, string>>>({
      type: 'object',
      additionalProperties: { type: 'string', description: 'Its value' },
      default: {},
      description: 'Further fields of the token request, such as audience or resource',
    }),
    credentialsIn: Type.Unsafe<'header' | 'body'>({
      type: 'string',
      enum: ['header', 'body'],
      default: 'header',
      description:
        'Where client id and secret go in the token request; some systems take them in the body only',
    }),
  },
  { description: 'A token that is asked for, renewed, and asked for again after a 401' },
);

type OAuth2Settings = Static<typeof OAuth2Options>;

/** How often a token endpoint that fails in passing is asked. */
const ATTEMPTS = 3;

/** The token of a client, by client credentials or by a refresh token; by the newest refresh token that came with one. */
export function oauth2Tokens(http: HttpClient, settings: OAuth2Settings): TokenSource {
  const { refreshToken, scopes } = settings;
  const scope = scopes.length > 0 ? { scope: scopes.join(' ') } : {};
  const refresh = (token: string) =>
    tokenRequest(settings, { grant_type: 'refresh_token', refresh_token: token, ...scope });
  return new TokenSource({
    http,
    request:
      refreshToken === undefined
        ? tokenRequest(settings, { grant_type: 'client_credentials', ...scope })
        : refresh(refreshToken),
    refresh,
    // A refresh token may be good for one answer only, also for one that was lost: it is not sent twice unasked.
    attempts: refreshToken === undefined ? ATTEMPTS : 1,
    explain,
    hint: 'Check tokenUrl: is a token endpoint there?',
  });
}

function tokenRequest(settings: OAuth2Settings, grant: Readonly<Record<string, string>>): TokenRequest {
  const { clientId, clientSecret, credentialsIn, parameters } = settings;
  const form = { ...parameters, ...grant };
  if (clientSecret !== undefined && credentialsIn === 'header') {
    const pair = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
    return { form, headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
  }
  return {
    form: {
      ...form,
      client_id: clientId,
      ...(clientSecret !== undefined && { client_secret: clientSecret }),
    },
  };
}

/** As RFC 6749, section 2.3.1, wants it before it goes into the header. */
function formEncoded(text: string): string {
  return new URLSearchParams({ a: text }).toString().slice(2);
}

const HINTS: Readonly<Record<string, string>> = {
  invalid_client: 'Check clientId and clientSecret; some systems want them in the body: credentialsIn: body.',
  invalid_grant: 'The refresh token has expired or was used up: let somebody agree again.',
  invalid_scope: 'Check the scopes.',
  unauthorized_client: 'Allow the application to sign in this way.',
  unsupported_grant_type: 'Check tokenUrl, and whether the application may sign in this way.',
};

function explain(error: MillraceError): MillraceError {
  const { status } = error;
  if (status === undefined || status === 404 || status === 429 || status >= 500) return error;
  const code = refusalCode(error);
  const hint =
    (code === undefined ? undefined : HINTS[code]) ?? 'Check the options under authentication.oauth2.';
  const message = `The token endpoint refuses to sign in${code === undefined ? '' : ` (${code})`}: ${error.message}`;
  return new MillraceError('client.unauthorized', message, { status, hint, cause: error });
}
