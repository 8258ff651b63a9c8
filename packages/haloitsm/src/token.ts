import { MillraceError } from '@millrace/core';
import { type HttpClient, refusalCode, type TokenRequest, TokenSource } from '@millrace/core/http';

/** The token of an instance; a refusal is told in the words of Halo's administration. */
export function haloTokens(http: HttpClient, request: TokenRequest, scopes: readonly string[]): TokenSource {
  return new TokenSource({
    http,
    request,
    explain: (error) => explain(error, scopes),
    // Asking for a token has no effect: a read of hours must not end because the gateway failed once.
    attempts: 5,
    hint: 'Check baseUri, and authentication.url if it is set: is a HaloITSM instance there?',
  });
}

function explain(error: MillraceError, scopes: readonly string[]): MillraceError {
  const code = refusalCode(error);
  const reason = code === undefined ? undefined : REASONS[code];
  if (!reason) return error;
  const asked = code === 'invalid_scope' ? ` (asked for: ${scopes.join(' ')})` : '';
  const message = `HaloITSM refuses to sign in: ${reason.message}${asked}`;
  const { status } = error;
  return new MillraceError('client.unauthorized', message, {
    hint: reason.hint,
    cause: error,
    ...(status !== undefined && { status }),
  });
}

const REASONS: Readonly<Record<string, { readonly message: string; readonly hint: string }>> = {
  invalid_client: {
    message: 'it does not know the client id, or the secret is wrong (invalid_client)',
    hint: 'Copy client id and secret again from Configuration > Integrations > Halo API > View Applications.',
  },
  invalid_grant: {
    message: 'user name or password are wrong (invalid_grant)',
    hint: 'Check the user that authentication.usernamePassword names, and that it may sign in.',
  },
  invalid_scope: {
    message: 'it does not know one of the scopes (invalid_scope)',
    hint: 'Use the scopes of the Permissions tab of the application, such as all, read:tickets or edit:assets.',
  },
  unauthorized_client: {
    message: 'the application may not sign in this way (unauthorized_client)',
    hint: "Set the application's authentication method to the one that the client uses.",
  },
  unsupported_grant_type: {
    message: 'it does not offer this way to sign in (unsupported_grant_type)',
    hint: "Set the application's authentication method to the one that the client uses.",
  },
};
