import type { Exchange } from '../contracts.ts';
import type { Json } from '../json.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  readonly method: Method;
  /** Below the base URL, without leading slash. Already encoded. */
  readonly path: string;
  /** Null and undefined are left out, lists joined with commas. */
  readonly query?: Readonly<Record<string, Json | undefined>>;
  /** Sent as JSON. */
  readonly json?: Json;
  /** Sent form-encoded. */
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Parsed where it is JSON, else the text; undefined where there is none. */
  readonly body: Json | undefined;
  readonly exchange: Exchange;
}

/** Puts base, path and query together. */
export function buildUrl(base: string, request: Pick<HttpRequest, 'path' | 'query'>): URL {
  const below = request.path.replace(/^\/+/, '');
  const url = new URL(below === '' ? base : `${base.replace(/\/+$/, '')}/${below}`);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value === null || value === undefined) continue;
    url.searchParams.set(name, queryText(value));
  }
  return url;
}

function queryText(value: Json): string {
  if (Array.isArray(value)) return value.map((member: Json) => queryText(member)).join(',');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
