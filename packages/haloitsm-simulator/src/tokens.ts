import { randomBytes } from 'node:crypto';
import { type Answer, json } from './answer.ts';
import { isScope, mayCall } from './scopes.ts';

export interface Credentials {
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly username: string;
  readonly password: string;
}

export interface TokenOptions {
  readonly lifetimeS: number;
  /** True: a token request without `tenant` is refused, as on a host of several tenants. */
  readonly requireTenant: boolean;
}

interface Grant {
  readonly scopes: readonly string[];
  readonly expiresAt: number;
}

/** Issues tokens, and says what a token may do. */
export class Tokens {
  readonly #credentials: Credentials;
  readonly #options: TokenOptions;
  readonly #grants = new Map<string, Grant>();
  readonly #refresh = new Map<string, readonly string[]>();

  constructor(credentials: Credentials, options: TokenOptions) {
    this.#credentials = credentials;
    this.#options = options;
  }

  /** Every access token issued so far is worth nothing any more. Refresh tokens live on. */
  expireAll(): void {
    this.#grants.clear();
  }

  /** An access token, without asking for it. */
  grant(scopes: readonly string[]): string {
    const token = randomBytes(32).toString('base64url');
    this.#grants.set(token, { scopes, expiresAt: Date.now() + this.#options.lifetimeS * 1000 });
    return token;
  }

  /** POST /auth/token. `basic` holds client id and secret of an Authorization header. */
  issue(form: URLSearchParams, tenant: string | null, basic?: readonly [string, string]): Answer {
    const { clientId, clientSecret, username, password } = this.#credentials;
    if (!this.#knowsTenant(tenant ?? '')) return refuse(400, 'invalid_request');
    const id = basic?.[0] ?? form.get('client_id');
    const secret = basic?.[1] || form.get('client_secret') || undefined;
    if (id !== clientId) return refuse(401, 'invalid_client');
    const grant = form.get('grant_type');
    // A user grant needs no secret; one that is given must be right.
    if (secret !== clientSecret && (grant === 'client_credentials' || secret !== undefined))
      return refuse(401, 'invalid_client');
    const scopes = (form.get('scope') ?? '').split(/\s+/).filter(Boolean);
    if (!scopes.every(isScope)) return refuse(400, 'invalid_scope');
    switch (grant) {
      case 'client_credentials':
        return this.#answer(scopes, false);
      case 'password': {
        const right = form.get('username') === username && form.get('password') === password;
        return right ? this.#answer(scopes, scopes.includes('offline_access')) : refuse(400, 'invalid_grant');
      }
      case 'refresh_token':
        return this.#renew(form.get('refresh_token') ?? '');
      default:
        return refuse(400, 'unsupported_grant_type');
    }
  }

  /** The status that a call ends with before it is looked at; undefined where it may go on. */
  check(authorization: string | undefined, resource: string, writes: boolean): 401 | 403 | undefined {
    const token = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1];
    const grant = token === undefined ? undefined : this.#grants.get(token);
    // Without a scope a token is issued all the same, and every call then answers 401.
    if (!grant || grant.expiresAt <= Date.now() || grant.scopes.length === 0) return 401;
    return mayCall(grant.scopes, resource, writes) ? undefined : 403;
  }

  #knowsTenant(tenant: string): boolean {
    if (tenant === '') return !this.#options.requireTenant;
    return tenant.toLowerCase() === this.#credentials.tenant.toLowerCase();
  }

  /** A refresh token works once: the answer brings the next. The scopes stay what they were. */
  #renew(token: string): Answer {
    const scopes = this.#refresh.get(token);
    this.#refresh.delete(token);
    return scopes ? this.#answer(scopes, true) : refuse(400, 'invalid_grant');
  }

  #answer(scopes: readonly string[], refreshable: boolean): Answer {
    const refreshToken = refreshable ? randomBytes(32).toString('base64url') : undefined;
    if (refreshToken !== undefined) this.#refresh.set(refreshToken, scopes);
    return json(200, {
      access_token: this.grant(scopes),
      token_type: 'Bearer',
      expires_in: this.#options.lifetimeS,
      scope: scopes.join(' '),
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    });
  }
}

function refuse(status: number, error: string): Answer {
  return json(status, { error });
}
