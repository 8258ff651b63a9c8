import { MillraceError } from '../errors.ts';
import type { HttpRequest } from '../exchange.ts';
import type { Json } from '../json.ts';

export type { HttpRequest, HttpResponse, Method } from '../exchange.ts';

/** How a list in a query is written: `ids=1,2` or `ids=1&ids=2`. */
export type QueryLists = 'comma' | 'repeat';

/** Puts base, path and query together. Throws `client.foreign_link` where that leads anywhere but below the base. */
export function buildUrl(
  base: string,
  request: Pick<HttpRequest, 'path' | 'query'>,
  lists: QueryLists = 'comma',
): URL {
  const root = new URL(base);
  const url = locate(root, base, request.path);
  if (!isBelow(url, root)) throw foreign(request.path, root);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value === null || value === undefined) continue;
    const members: readonly Json[] = lists === 'repeat' && Array.isArray(value) ? value : [value];
    const [first, ...rest] = members.map(queryText);
    if (first !== undefined) url.searchParams.set(name, first);
    for (const text of rest) url.searchParams.append(name, text);
  }
  return url;
}

function locate(root: URL, base: string, path: string): URL {
  if (/^https?:\/\//i.test(path)) return followed(path, root);
  const below = path.replace(/^\/+/, '');
  return new URL(below === '' ? base : `${base.replace(/\/+$/, '')}/${below}`);
}

/**
 * An address that a system gave. Behind a proxy systems often take themselves to be called by plain HTTP: what leads to the same
 * host is asked for as the client is configured, so that nothing secret ever goes out unencrypted.
 */
function followed(link: string, root: URL): URL {
  const url = URL.parse(link);
  if (!url) throw foreign(link, root);
  if (url.hostname !== root.hostname || url.port !== root.port) return url;
  const own = new URL(root);
  own.pathname = url.pathname;
  own.search = url.search;
  return own;
}

function isBelow(url: URL, root: URL): boolean {
  const folder = root.pathname.replace(/\/+$/, '');
  return (
    url.origin === root.origin &&
    (url.pathname === root.pathname || url.pathname.startsWith(`${folder}/`) || url.pathname === folder)
  );
}

function foreign(path: string, root: URL): MillraceError {
  const shown = path.replace(/[?#].*$/s, '');
  return new MillraceError(
    'client.foreign_link',
    `"${shown}" does not lead below ${root.origin}${root.pathname}`,
    {
      hint: "A client's credentials go to its own address only: set the address of the client so that all it needs lies below.",
    },
  );
}

function queryText(value: Json): string {
  if (Array.isArray(value)) return value.map((member: Json) => queryText(member)).join(',');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
