import { isObject, type JsonObject, MillraceError, type Outcome } from '@millrace/core';
import type { Operation } from '../catalogue/index.ts';
import { type Ready, toRequest } from '../operation-request.ts';
import type { Draft } from './draft.ts';
import type { Links } from './links.ts';
import type { Matcher } from './match.ts';

/** A request of a message that may be sent. */
export interface Addressed {
  readonly draft: Draft;
  readonly request: Ready;
  /** The record that it changes or deletes; undefined where it makes one. */
  readonly id?: string | number;
}

export interface Addressing {
  readonly operation: Operation;
  readonly links: Links | undefined;
  readonly matcher: Matcher | undefined;
  readonly timezone: string;
}

const NOTHING: Outcome = { status: 'skipped' };

/**
 * Finds out which record of Halo a message means: the one that it names, else the one it is linked with, else the one that
 * has its natural key. Answers an outcome where nothing is to be sent. Throws `request.*`, `match.*` and `client.*` errors.
 */
export async function address(draft: Draft, addressing: Addressing): Promise<Addressed | Outcome> {
  const { operation, links, matcher, timezone } = addressing;
  const named = namedId(draft, operation);
  if (named !== undefined) return { draft, id: named, request: toRequest(operation, draft, timezone) };
  const linked = await links?.target(draft);
  if (linked !== undefined) return addressed(draft, linked, addressing);
  // What was never made on the other side needs no deletion there.
  if (!matcher && links && operation.method === 'DELETE') return NOTHING;
  if (!matcher) return { draft, request: toRequest(operation, draft, timezone) };
  const record = await matcher.find(draft);
  const { found, missing } = matcher.settings;
  if (record) return found === 'skip' ? NOTHING : addressed(draft, idOf(record), addressing);
  // What is not there needs no deletion.
  if (operation.method === 'DELETE' && missing !== 'fail') return { status: 'delivered' };
  if (missing === 'skip') return NOTHING;
  if (missing === 'create' && idParameter(operation) === undefined)
    return { draft, request: toRequest(operation, draft, timezone) };
  throw new MillraceError(
    'match.missing',
    `No record has ${matcher.settings.on} ${JSON.stringify(matcher.keyOf(draft))}`,
    {
      hint: `${operation.method} ${operation.path} needs one. Create it first, or set match.missing: skip.`,
    },
  );
}

/** The same request with the id where the operation takes it: in its path, else in the payload. */
export function addressed(
  draft: Draft,
  id: string | number,
  { operation, timezone }: Pick<Addressing, 'operation' | 'timezone'>,
): Addressed {
  const name = idParameter(operation);
  const prepared =
    name === undefined
      ? {
          ...draft,
          payload: isObject(draft.payload) ? { ...draft.payload, id: asNumber(id) } : draft.payload,
        }
      : { ...draft, path: { ...draft.path, [name]: id } };
  return { draft, id, request: toRequest(operation, prepared, timezone) };
}

/** The id of the record that a message names by itself. */
export function namedId({ path, payload }: Draft, operation: Operation): string | number | undefined {
  const name = idParameter(operation);
  const given = name === undefined ? isObject(payload) && payload['id'] : path[name];
  if (given === 0 || given === '0' || given === '') return undefined;
  return typeof given === 'string' || typeof given === 'number' ? given : undefined;
}

/** Halo's ids are numbers, but for a few GUIDs. */
function asNumber(id: string | number): string | number {
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : id;
}

function idParameter({ pathParameters }: Operation): string | undefined {
  return pathParameters.at(-1)?.name;
}

function idOf(record: JsonObject): string | number {
  const { id } = record;
  if (typeof id === 'string' || typeof id === 'number') return id;
  throw new MillraceError('client.protocol', 'The record that has the natural key has no id');
}
