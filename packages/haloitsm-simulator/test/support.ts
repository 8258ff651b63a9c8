import { onTestFinished } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../src/index.ts';

// Answers are looked at by the tests, member by member.
type Body = ReturnType<typeof JSON.parse>;

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** The body as JSON; undefined where it is none. */
  readonly body: Body;
}

export interface Caller {
  readonly simulator: Simulator;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  delete(path: string): Promise<Reply>;
}

export async function ask(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  const { status, headers } = response;
  return { status, text, headers, body: readJson(text) };
}

function readJson(text: string): Body {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A simulator that stops with the test, and a signed-in caller of its API: paths are below /api. */
export async function simulate(options: SimulatorOptions = {}): Promise<Caller> {
  const simulator = await startSimulator({ tickets: 120, ...options });
  onTestFinished(() => simulator.stop());
  return callerOf(simulator, ['all']);
}

export function callerOf(simulator: Simulator, scopes: readonly string[]): Caller {
  const authorization = `Bearer ${simulator.token(scopes)}`;
  const call = (method: string, path: string, rest: RequestInit = {}) =>
    ask(`${simulator.url}/api/${path}`, {
      ...rest,
      method,
      headers: { authorization, ...(rest.headers as Record<string, string> | undefined) },
    });
  return {
    simulator,
    get: (path, headers = {}) => call('GET', path, { headers }),
    post: (path, body, headers = {}) =>
      call('POST', path, {
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    delete: (path) => call('DELETE', path),
  };
}

/** POST /auth/token with a form. */
export function signIn(
  simulator: Simulator,
  form: Readonly<Record<string, string>>,
  path = `/auth/token?tenant=${simulator.tenant}`,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return ask(`${simulator.url}${path}`, { method: 'POST', body: new URLSearchParams(form), headers });
}

export function clientCredentials(simulator: Simulator, scope = 'all'): Record<string, string> {
  const { clientId, clientSecret } = simulator;
  return { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope };
}
