import { isObject, type Json, MillraceError } from '@millrace/core';
import type { HttpClient } from '@millrace/core/http';

/** How to ask for a token: the fields of the form, and the scopes for messages. */
export interface TokenRequest {
  readonly form: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly scopes: readonly string[];
}

interface Token {
  readonly value: string;
  /** Milliseconds since the epoch after which a new one is asked for. */
  readonly renewAt: number;
}

const DEFAULT_LIFETIME_S = 3600;

/**
 * The token that all users of a client share. One request at a time asks for it; it is renewed a minute, or a tenth
 * of its life, before it ends.
 */
export class TokenSource {
  readonly #http: HttpClient;
  readonly #request: TokenRequest;
  #token: Token | undefined;
  #flight: Promise<Token> | undefined;
  #close = new AbortController();

  constructor(http: HttpClient, request: TokenRequest) {
    this.#http = http;
    this.#request = request;
  }

  async get(): Promise<string> {
    if (this.#token && Date.now() < this.#token.renewAt) return this.#token.value;
    // A request that is asked for again while one is under way waits for that one.
    this.#flight ??= this.#fetch().finally(() => {
      this.#flight = undefined;
    });
    this.#token = await this.#flight;
    return this.#token.value;
  }

  /** The system refused this token: the next call asks for a new one, unless somebody did already. */
  refused(token: string): void {
    if (this.#token?.value === token) this.#token = undefined;
  }

  close(): void {
    this.#close.abort(new Error('the client is closed'));
  }

  async #fetch(): Promise<Token> {
    const { form, query } = this.#request;
    const sentAt = Date.now();
    const answer = await this.#http
      .request({ method: 'POST', path: '', form, ...(query && { query }), signal: this.#close.signal })
      .catch((error: unknown) => {
        throw this.#explain(error);
      });
    const { body } = answer;
    if (!isObject(body) || typeof body['access_token'] !== 'string') {
      throw new MillraceError('client.protocol', 'The token endpoint answered without an access token', {
        hint: 'Check baseUri, and authentication.url if it is set: is a HaloITSM instance there?',
      });
    }
    const lifetime = Number(body['expires_in'] ?? DEFAULT_LIFETIME_S) || DEFAULT_LIFETIME_S;
    const margin = Math.min(60, lifetime / 10);
    return { value: body['access_token'], renewAt: sentAt + (lifetime - margin) * 1000 };
  }

  /** What the error of the token endpoint means, in the words of the configuration. */
  #explain(thrown: unknown): unknown {
    if (!(thrown instanceof MillraceError) || thrown.status === undefined) return thrown;
    const code = errorCodeOf(thrown.data);
    const reason = code === undefined ? undefined : REASONS[code];
    if (!reason) return thrown;
    const scopes = code === 'invalid_scope' ? ` (asked for: ${this.#request.scopes.join(' ')})` : '';
    return new MillraceError(
      'client.unauthorized',
      `HaloITSM refuses to sign in: ${reason.message}${scopes}`,
      {
        hint: reason.hint,
        status: thrown.status,
        cause: thrown,
      },
    );
  }
}

function errorCodeOf(data: unknown): string | undefined {
  const body = isObject(data) ? (data['body'] as Json | undefined) : undefined;
  return isObject(body) && typeof body['error'] === 'string' ? body['error'] : undefined;
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
