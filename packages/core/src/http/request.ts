import type { HttpRequest } from '../exchange.ts';
import type { Json } from '../json.ts';

export type { HttpRequest, HttpResponse, Method } from '../exchange.ts';

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
