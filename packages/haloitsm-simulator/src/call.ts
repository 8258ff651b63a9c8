import type { IncomingHttpHeaders } from 'node:http';
import type { Json } from './data/json.ts';

/** A request as a tenant gets it. */
export interface Call {
  readonly method: string;
  /** Without doubled or trailing slashes, still encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The body as JSON; undefined where it is none. */
  readonly value: Json | undefined;
}

export function isTokenPath(path: string): boolean {
  return /^\/(?:auth\/)?token$/i.test(path);
}

export function readJson(bytes: Buffer, headers: IncomingHttpHeaders): Json | undefined {
  if (bytes.length === 0 || headers['content-type']?.includes('form')) return undefined;
  try {
    return JSON.parse(bytes.toString()) as Json;
  } catch {
    return undefined;
  }
}
