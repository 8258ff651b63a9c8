import { MillraceError, toMillraceError } from '../errors.ts';
import { isObject } from '../json.ts';
import type { HttpClient } from './http-client.ts';
import { pause } from './pause.ts';

/** How a token is asked for at the token endpoint. */
export interface TokenRequest {
  readonly form: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TokenSourceOptions {
  /** The HTTP of the token endpoint: its base URL is the endpoint itself. */
  readonly http: HttpClient;
  readonly request: TokenRequest;
  /** How it is asked for with a refresh token that an answer brought. Without it such tokens are left unused. */
  readonly refresh?: (refreshToken: string) => TokenRequest;
  /** Says what a refusal means in the words of the configuration. Default: what the endpoint says. */
  readonly explain?: (error: MillraceError) => MillraceError;
  /** What to look at where the endpoint answers without a token. */
  readonly hint: string;
  /** How often it is asked where the endpoint, or what stands before it, fails in passing. Default 1. */
  readonly attempts?: number;
}

interface Token {
  readonly value: string;
  /** Milliseconds since the epoch after which a new one is asked for. */
  readonly renewAt: number;
}

const DEFAULT_LIFETIME_S = 3600;
const BACKOFF_MS = 250;

/**
 * The OAuth 2 token that all users of a client share. One request at a time asks for it; it is renewed a minute, or a
 * tenth of its life, before it ends.
 */
export class TokenSource {
  readonly #options: TokenSourceOptions;
  #token: Token | undefined;
  #refreshToken: string | undefined;
  #flight: Promise<Token> | undefined;
  #close = new AbortController();

  constructor(options: TokenSourceOptions) {
    this.#options = options;
  }

  async get(): Promise<string> {
    if (this.#token && Date.now() < this.#token.renewAt) return this.#token.value;
    // A request that is asked for again while one is under way waits for that one.
    this.#flight ??= this.#renew().finally(() => {
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

  async #renew(): Promise<Token> {
    const { request, refresh } = this.#options;
    const refreshToken = this.#refreshToken;
    if (!refresh || refreshToken === undefined) return this.#fetch(request);
    try {
      return await this.#fetch(refresh(refreshToken));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // It was used up, revoked or too old: sign in anew.
      if (this.#refreshToken === refreshToken) this.#refreshToken = undefined;
      return this.#fetch(request);
    }
  }

  async #fetch(request: TokenRequest): Promise<Token> {
    const { attempts = 1 } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#ask(request);
      } catch (thrown) {
        const error = toMillraceError(thrown, 'client.interrupted');
        if (!mayRepeat(error) || attempt >= attempts || this.#close.signal.aborted)
          throw this.#explained(error);
        await pause(Math.max(error.retryAfter ?? 0, BACKOFF_MS * 2 ** attempt), this.#close.signal);
      }
    }
  }

  async #ask({ form, query, headers }: TokenRequest): Promise<Token> {
    const { http, hint } = this.#options;
    const sentAt = Date.now();
    const { body } = await http.request({
      method: 'POST',
      path: '',
      form,
      ...(query && { query }),
      ...(headers && { headers }),
      signal: this.#close.signal,
    });
    if (!isObject(body) || typeof body['access_token'] !== 'string')
      throw new MillraceError('client.protocol', 'The token endpoint answered without an access token', {
        hint,
      });
    // An answer without one leaves the one before in force.
    if (typeof body['refresh_token'] === 'string') this.#refreshToken = body['refresh_token'];
    const lifetime = Number(body['expires_in'] ?? DEFAULT_LIFETIME_S) || DEFAULT_LIFETIME_S;
    const margin = Math.min(60, lifetime / 10);
    return { value: body['access_token'], renewAt: sentAt + (lifetime - margin) * 1000 };
  }

  #explained(error: MillraceError): MillraceError {
    // Whatever became of this request: the one that needs the token was not sent.
    if (UNSURE.has(error.code)) {
      const { hint, retryAfter } = error;
      const details = {
        cause: error,
        ...(hint && { hint }),
        ...(retryAfter !== undefined && { retryAfter }),
      };
      return new MillraceError('client.unavailable', `Signing in failed: ${error.message}`, details);
    }
    return error.status === undefined ? error : (this.#options.explain?.(error) ?? error);
  }
}

const UNSURE: ReadonlySet<string> = new Set([
  'client.server_error',
  'client.timeout',
  'client.interrupted',
  'client.unreadable',
]);

/** What may pass, and was not repeated by the HTTP below already: a request for a token has no effect. */
function mayRepeat({ code, retryAfter }: MillraceError): boolean {
  return UNSURE.has(code) || (code === 'client.unavailable' && retryAfter === undefined);
}

function isRefusal(error: unknown): boolean {
  return error instanceof MillraceError && (error.status === 400 || error.status === 401);
}

/** The code by which a token endpoint refuses: `invalid_client`, `invalid_grant`, … */
export function refusalCode(error: MillraceError): string | undefined {
  const body = isObject(error.data) ? error.data['body'] : undefined;
  return isObject(body) && typeof body['error'] === 'string' ? body['error'] : undefined;
}
