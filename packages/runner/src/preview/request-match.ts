import { canonicalJson, type Json, type JsonObject, type TransportRequest } from '@millrace/core';

/** A request as a person describes it; what is left out is not compared. */
export interface DescribedRequest {
  readonly method: string;
  /** Whole, without `/api`, or below the client's address; it may hold a query. */
  readonly path: string;
  readonly query?: JsonObject;
  readonly body?: Json;
}

/** A request as it was sent. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  /** Of the URL, decoded, without a slash at its beginning. */
  readonly path: string;
  /** Below the client's address. */
  readonly below: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: Json;
}

export function sentRequest({ method, url, path, body }: TransportRequest): SentRequest {
  const parsed = new URL(url);
  return {
    method,
    url,
    path: plain(parsed.pathname),
    below: plain(path.split('?')[0] ?? ''),
    query: Object.fromEntries(parsed.searchParams),
    ...(body !== undefined && { body }),
  };
}

/** True where a request is one that is described: the query may hold more than what is asked for. */
export function matches(described: DescribedRequest, sent: SentRequest): boolean {
  const { method, body } = described;
  if (method !== sent.method || !samePath(described, sent)) return false;
  const wanted = Object.entries(queryOf(described) ?? {});
  if (wanted.some(([name, value]) => sent.query[name] !== value)) return false;
  return body === undefined || canonicalJson(body) === canonicalJson(sent.body ?? null);
}

/** A sent request in the words in which another one is described, so that the two can be compared and shown. */
export function inWordsOf(described: DescribedRequest | undefined, sent: SentRequest): DescribedRequest {
  const { method, path, query, body } = sent;
  const whole = described === undefined;
  return {
    method,
    path: described && samePath(described, sent) && sameQuery(described, sent) ? described.path : `/${path}`,
    ...((whole ? Object.keys(query).length > 0 : described.query !== undefined) && {
      query: inTypesOf(described?.query, query),
    }),
    ...((whole ? body !== undefined : described.body !== undefined) && { body: body ?? null }),
  };
}

/** A query is text; where a number or a boolean of the same text is wanted, it is that. */
function inTypesOf(wanted: JsonObject | undefined, query: SentRequest['query']): JsonObject {
  const members = Object.entries(query).map(([name, value]) => {
    const described = wanted && Object.hasOwn(wanted, name) ? wanted[name] : undefined;
    return [name, described !== undefined && textOf(described) === value ? described : value];
  });
  return Object.fromEntries(members) as JsonObject;
}

function samePath({ path }: DescribedRequest, sent: SentRequest): boolean {
  const wanted = plain(path.split('?')[0] ?? '');
  return [sent.path, sent.below, sent.path.replace(/^api\//, '')].includes(wanted);
}

/** Where a description has the query in its path, it is the whole query. */
function sameQuery({ path }: DescribedRequest, sent: SentRequest): boolean {
  if (!path.includes('?')) return true;
  return canonicalJson(queryOf({ method: '', path }) ?? {}) === canonicalJson(sent.query);
}

function queryOf({ path, query }: DescribedRequest): Readonly<Record<string, string>> | undefined {
  const inPath = path.includes('?') ? new URLSearchParams(path.slice(path.indexOf('?') + 1)) : undefined;
  const given = Object.entries(query ?? {}).map(([name, value]) => [name, textOf(value)] as const);
  return { ...(inPath && Object.fromEntries(inPath)), ...Object.fromEntries(given) };
}

function textOf(value: Json): string {
  if (Array.isArray(value)) return value.map((member: Json) => textOf(member)).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function plain(path: string): string {
  const bare = path.replace(/^\/+/, '');
  try {
    return decodeURIComponent(bare);
  } catch {
    return bare;
  }
}
