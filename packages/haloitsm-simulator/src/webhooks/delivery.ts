import type { JsonObject } from '../data/json.ts';

const TIMEOUT_MS = 30_000;
const METHODS = ['POST', 'GET', 'PUT', 'DELETE', 'PATCH'] as const;
/** Bytes of an answer that are kept. */
const MAX_ANSWER = 4096;

/** How a webhook went. */
export interface Delivery {
  readonly requestHeaders: string;
  /** 0 where there was no answer. */
  readonly status: number;
  readonly responseHeaders: string;
  readonly responseBody: string;
  /** Seconds. */
  readonly duration: number;
}

/** Sends a webhook to its URL, which must be one of this machine. Never rejects: what went wrong is in the delivery. */
export async function deliver(webhook: JsonObject, body: string, signal: AbortSignal): Promise<Delivery> {
  const start = performance.now();
  const headers = headersOf(webhook);
  const done = (status: number, responseHeaders: string, responseBody: string): Delivery => ({
    requestHeaders: lines(Object.entries(masked(headers))),
    status,
    responseHeaders,
    responseBody,
    duration: Math.round(performance.now() - start) / 1000,
  });
  const url = String(webhook['url'] ?? '');
  if (!isLoopback(url)) return done(0, '', `${url} is not on this machine: the simulator sends nowhere else`);
  const method = METHODS[Number(webhook['method'] ?? 0)] ?? 'POST';
  try {
    const response = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      ...(method !== 'GET' && { body }),
    });
    const text = await response.text();
    return done(response.status, lines([...response.headers]), text.slice(0, MAX_ANSWER));
  } catch (error) {
    const { message, cause } = error as Error;
    return done(0, '', cause instanceof Error ? `${message}: ${cause.message}` : message);
  }
}

export function isLoopback(text: string): boolean {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return false;
  }
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
  return isHttp && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
}

/** By `authentication_type`: 0 none, 1 basic, 2 bearer, 3 a key in a header. */
function headersOf(webhook: JsonObject): Record<string, string> {
  const [user, secret] = [String(webhook['basic_username'] ?? ''), String(webhook['basic_password'] ?? '')];
  const headers: Record<string, string> = {
    'content-type': String(webhook['content_type'] || 'application/json'),
    'user-agent': 'haloitsm-simulator',
  };
  switch (Number(webhook['authentication_type'] ?? 0)) {
    case 1:
      headers['authorization'] = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
      break;
    case 2:
      headers['authorization'] = `Bearer ${secret}`;
      break;
    case 3:
      headers[String(webhook['authentication_header'] || 'X-API-Key').toLowerCase()] = secret;
      break;
  }
  return headers;
}

function masked(headers: Readonly<Record<string, string>>): Record<string, string> {
  const isPlain = (name: string) => name === 'content-type' || name === 'user-agent';
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isPlain(name) ? value : '***']),
  );
}

function lines(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${name}: ${value}`).join('\n');
}
