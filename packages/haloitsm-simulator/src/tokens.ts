import { randomBytes } from 'node:crypto';
import { type Answer, json } from './answer.ts';

export interface Credentials {
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly username: string;
  readonly password: string;
}

interface Grant {
  readonly scopes: readonly string[];
  readonly expiresAt: number;
}

// The scopes of the Permissions tab of an API application, as HaloAPI's HaloAuth.psm1 lists them.
const SCOPED = [
  'tickets',
  'calendar',
  'customers',
  'crm',
  'timesheets',
  'contracts',
  'suppliers',
  'items',
  'projects',
  'sales',
  'quotes',
  'sos',
  'pos',
  'invoices',
  'reporting',
  'software',
  'softwarelicensing',
  'kb',
  'assets',
];
const KNOWN_SCOPES = new Set([
  'all',
  'all:standard',
  'admin',
  'all:teams',
  'editMine:timesheets',
  'access:chat',
  'access:adpasswordreset',
  'offline_access',
  'openid',
  ...SCOPED.flatMap((name) => [`read:${name}`, `edit:${name}`]),
]);

// What a resource belongs to; users, agents and lookups need no scope of their own.
const SCOPE_OF: Readonly<Record<string, string>> = {
  tickets: 'tickets',
  actions: 'tickets',
  attachment: 'tickets',
  projects: 'projects',
  opportunities: 'sales',
  client: 'customers',
  site: 'customers',
  asset: 'assets',
  kbarticle: 'kb',
  invoice: 'invoices',
  recurringinvoice: 'invoices',
  item: 'items',
  quotation: 'quotes',
  salesorder: 'sos',
  purchaseorder: 'pos',
  supplier: 'suppliers',
  clientcontract: 'contracts',
  appointment: 'calendar',
  timesheet: 'timesheets',
  timesheetevent: 'timesheets',
  report: 'reporting',
  softwarelicence: 'softwarelicensing',
};

/** Issues tokens, and says what a token may do. */
export class Tokens {
  readonly #credentials: Credentials;
  readonly #grants = new Map<string, Grant>();
  readonly #refresh = new Map<string, readonly string[]>();
  #lifetimeS: number;

  constructor(credentials: Credentials, lifetimeS: number) {
    this.#credentials = credentials;
    this.#lifetimeS = lifetimeS;
  }

  /** Every token issued so far is worth nothing any more. */
  expireAll(): void {
    this.#grants.clear();
  }

  /** POST /auth/token. `basic` holds client id and secret of an Authorization header. */
  issue(form: URLSearchParams, tenant: string | null, basic?: readonly [string, string]): Answer {
    const { tenant: known, clientId, clientSecret, username, password } = this.#credentials;
    if (tenant !== null && tenant !== '' && tenant !== known) return refuse(400, 'invalid_request');
    const id = basic?.[0] ?? form.get('client_id');
    const secret = basic?.[1] ?? form.get('client_secret');
    if (id !== clientId) return refuse(401, 'invalid_client');
    const scopes = (form.get('scope') ?? '').split(/\s+/).filter(Boolean);
    if (scopes.some((scope) => !KNOWN_SCOPES.has(scope))) return refuse(400, 'invalid_scope');
    switch (form.get('grant_type')) {
      case 'client_credentials':
        return secret === clientSecret ? this.#grant(scopes, false) : refuse(401, 'invalid_client');
      case 'password': {
        const right = form.get('username') === username && form.get('password') === password;
        return right ? this.#grant(scopes, scopes.includes('offline_access')) : refuse(400, 'invalid_grant');
      }
      case 'refresh_token': {
        const granted = this.#refresh.get(form.get('refresh_token') ?? '');
        return granted ? this.#grant(granted, true) : refuse(400, 'invalid_grant');
      }
      default:
        return refuse(400, 'unsupported_grant_type');
    }
  }

  /** The status that a call ends with before it is looked at; undefined where it may go on. */
  check(authorization: string | undefined, resource: string, writes: boolean): 401 | 403 | undefined {
    const grant = this.#grants.get(authorization?.replace(/^Bearer /, '') ?? '');
    // Without a scope a token is issued all the same, and every call then answers 401.
    if (!grant || grant.expiresAt <= Date.now() || grant.scopes.length === 0) return 401;
    const scope = SCOPE_OF[resource.toLowerCase()];
    const may = (name: string) => grant.scopes.includes(name);
    if (may('all') || may('all:standard') || may('admin') || scope === undefined) return undefined;
    return may(`edit:${scope}`) || (!writes && may(`read:${scope}`)) ? undefined : 403;
  }

  #grant(scopes: readonly string[], refreshable: boolean): Answer {
    const token = randomBytes(32).toString('base64url');
    this.#grants.set(token, { scopes, expiresAt: Date.now() + this.#lifetimeS * 1000 });
    const refreshToken = refreshable ? randomBytes(32).toString('base64url') : undefined;
    if (refreshToken !== undefined) this.#refresh.set(refreshToken, scopes);
    return json(200, {
      access_token: token,
      token_type: 'Bearer',
      expires_in: this.#lifetimeS,
      scope: scopes.join(' '),
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    });
  }
}

function refuse(status: number, error: string): Answer {
  return json(status, { error });
}
