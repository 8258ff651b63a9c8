import { createHmac, randomBytes } from 'node:crypto';
import { type Answer, json } from './answer.ts';
import type { Quirks } from './quirks.ts';
import { isScope, mayCall } from './scopes.ts';

export interface Credentials {
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly username: string;
  readonly password: string;
  /** For the header X-Halo-Api-Key, in the place of a token. */
  readonly apiKey: string;
}

interface Grant {
  readonly scopes: readonly string[];
  readonly expiresAt: number;
}

/** Issues tokens of one tenant, and says what a token may do. */
export class Tokens {
  readonly #credentials: Credentials;
  readonly #lifetimeS: number;
  readonly #quirks: Quirks;
  readonly #grants = new Map<string, Grant>();
  readonly #refresh = new Map<string, readonly string[]>();

  constructor(credentials: Credentials, lifetimeS: number, quirks: Quirks) {
    this.#credentials = credentials;
    this.#lifetimeS = lifetimeS;
    this.#quirks = quirks;
  }

  /** Every access token issued so far is worth nothing any more. Refresh tokens live on. */
  expireAll(): void {
    this.#grants.clear();
  }

  /** The token of an Authorization header is worth nothing any more. */
  expire(authorization: string | undefined): void {
    this.#grants.delete(bearer(authorization) ?? '');
  }

  /** An access token, without asking for it. */
  grant(scopes: readonly string[]): string {
    const token = randomBytes(32).toString('base64url');
    this.#grants.set(token, { scopes, expiresAt: Date.now() + this.#lifetimeS * 1000 });
    return token;
  }

  /** POST /auth/token. `basic` holds client id and secret of an Authorization header. */
  issue(form: URLSearchParams, basic?: readonly [string, string]): Answer {
    const { clientId, clientSecret, username, password } = this.#credentials;
    const id = basic?.[0] ?? form.get('client_id');
    const secret = basic?.[1] || form.get('client_secret') || undefined;
    if (id !== clientId) return refuse(401, 'invalid_client');
    const grant = form.get('grant_type');
    // A user grant needs no secret; one that is given must be right.
    if (secret !== clientSecret && (grant === 'client_credentials' || secret !== undefined))
      return refuse(401, 'invalid_client');
    const scopes = (form.get('scope') ?? '').split(/\s+/).filter(Boolean);
    const isSilent = scopes.length === 0 && grant !== 'refresh_token';
    if (!scopes.every(isScope) || (isSilent && !this.#quirks.has('scopeless-tokens')))
      return refuse(400, 'invalid_scope');
    switch (grant) {
      case 'client_credentials':
        return this.#answer(scopes, false);
      case 'password': {
        const right = form.get('username') === username && form.get('password') === password;
        return right ? this.#answer(scopes, true) : refuse(400, 'invalid_grant');
      }
      case 'refresh_token':
        return this.#renew(form.get('refresh_token') ?? '');
      default:
        return refuse(400, 'unsupported_grant_type');
    }
  }

  /** The status that a call ends with before it is looked at; undefined where it may go on. */
  check(
    authorization: string | undefined,
    apiKey: unknown,
    resource: string,
    writes: boolean,
  ): 401 | 403 | undefined {
    if (apiKey !== undefined) return apiKey === this.#credentials.apiKey ? undefined : 401;
    const grant = this.#grants.get(bearer(authorization) ?? '');
    // Without a scope a token is issued all the same, and every call then answers 401.
    if (!grant || grant.expiresAt <= Date.now() || grant.scopes.length === 0) return 401;
    return mayCall(grant.scopes, resource, writes) ? undefined : 403;
  }

  /** A refresh token works once: the answer brings the next. The scopes stay what they were. */
  #renew(token: string): Answer {
    const scopes = this.#refresh.get(token);
    this.#refresh.delete(token);
    return scopes ? this.#answer(scopes, true) : refuse(400, 'invalid_grant');
  }

  /** A person's token comes with what its scopes ask for: one to renew it, and one that says who it is. */
  #answer(scopes: readonly string[], isPersons: boolean): Answer {
    const refreshToken =
      isPersons && scopes.includes('offline_access') ? randomBytes(32).toString('base64url') : undefined;
    if (refreshToken !== undefined) this.#refresh.set(refreshToken, scopes);
    return json(200, {
      access_token: this.grant(scopes),
      token_type: 'Bearer',
      expires_in: this.#lifetimeS,
      scope: scopes.join(' '),
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
      ...(isPersons && scopes.includes('openid') && { id_token: this.#idToken() }),
    });
  }

  #idToken(): string {
    const { username, tenant, clientSecret } = this.#credentials;
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const head = encode({ alg: 'HS256', typ: 'JWT' });
    const body = encode({
      sub: '1',
      agent_id: '1',
      name: username,
      tenant,
      iat: Math.floor(Date.now() / 1000),
    });
    const signature = createHmac('sha256', clientSecret).update(`${head}.${body}`).digest('base64url');
    return `${head}.${body}.${signature}`;
  }
}

function bearer(authorization: string | undefined): string | undefined {
  return /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1];
}

export function refuse(status: number, error: string): Answer {
  return json(status, { error });
}
