import { hash } from 'node:crypto';
import { type JsonObject, MillraceError, type Requester, type RunContext } from '@millrace/core';
import { identityOf, type Operation } from '../catalogue/index.ts';
import { fillPath } from '../operation-request.ts';
import { fileRow } from './file-row.ts';
import type { Key } from './list-state.ts';
import { readRows } from './rows.ts';

/** A record as a list gave it. */
export interface ListedRow {
  readonly row: JsonObject;
  /** Undefined where the record lacks a field that tells it from others. */
  readonly key: Key | undefined;
  /** A number that changes with the content of the row. */
  readonly version: number;
}

export interface Listed {
  readonly rows: readonly ListedRow[];
  readonly total: number | undefined;
  /** The server's clock when it was asked, as far as its answer says so; else ours. Milliseconds. */
  readonly askedAt: number;
  /** Milliseconds that the answer took. */
  readonly took: number;
  /** By how many milliseconds the server's clock is ahead of ours; undefined where it does not say. */
  readonly ahead: number | undefined;
}

/** Asks for a list once. Rejects with `client.*` errors. */
export async function askList(
  halo: Requester,
  operation: Operation,
  given: { readonly path: JsonObject; readonly query: JsonObject },
  run: RunContext,
): Promise<Listed> {
  const started = Date.now();
  const path = fillPath(operation, given.path);
  const { body, headers } = await halo.request({
    method: 'GET',
    path,
    query: given.query,
    signal: run.signal,
  });
  const now = Date.now();
  const took = now - started;
  const { date } = headers;
  const told = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  const file = fileRow(given.path, headers);
  const { rows, total } = file ? { rows: [file] } : readRows(operation, body);
  const identity = identityOf(operation);
  return {
    rows: rows.map((row) => ({ row, key: keyOf(row, identity, given.query), version: versionOf(row) })),
    total,
    // The header is the time of the answer, cut to the second: what came in while it was made is not in it for sure.
    askedAt: Number.isNaN(told) ? started : told - took,
    took,
    ahead: Number.isNaN(told) ? undefined : told - now,
  };
}

export function noTotal(operation: Operation, page: number): MillraceError {
  const message = `Page ${page} of ${operation.path} does not say how many records there are`;
  const hint = 'Without record_count the end of a list cannot be told from a page that was cut short.';
  return new MillraceError('client.protocol', message, { hint });
}

/** Rows of one ticket may leave out its id, which the query names. */
function keyOf(row: JsonObject, identity: readonly string[], query: JsonObject): Key | undefined {
  const parts = identity.map((field) => row[field] ?? query[field]);
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'number') return only;
  const isKnown = parts.every(
    (part) => typeof part === 'number' || (typeof part === 'string' && part !== ''),
  );
  return isKnown ? parts.join(':') : undefined;
}

/** 48 bits of the row's SHA-1: the same row is not taken for another one by chance. */
function versionOf(row: JsonObject): number {
  return Number.parseInt(hash('sha1', JSON.stringify(row), 'hex').slice(0, 12), 16);
}
