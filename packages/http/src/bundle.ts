import {
  canonicalJson,
  type Json,
  type JsonObject,
  Options,
  Path,
  type Prepared,
  parsePath,
  setAt,
} from '@millrace/core';
import { type Static, Type } from 'typebox';

export const BundleOptions = Options(
  {
    at: Type.Optional(Path({ description: 'Where in the body the list stands. Default: it is the body' })),
  },
  {
    description:
      "Sends the bodies as a list: those of one publish call (the outgoing's batch.size) that differ in nothing else go out in one request",
  },
);

/** The request of a message, ready to be sent. */
export interface Ready {
  readonly request: Prepared;
  readonly taskId: string;
}

/** Puts bodies into one. */
export type Bundle = (bodies: readonly Json[]) => Json;

export function compileBundle({ at }: Static<typeof BundleOptions>): Bundle {
  const path = at === undefined ? [] : parsePath(at);
  return (bodies) => (path.length === 0 ? bodies : (setAt({}, path, bodies) as JsonObject));
}

/** Places of requests that can go out as one: those that differ in nothing but their bodies. */
export function bundled(requests: readonly (Ready | undefined)[]): readonly (readonly number[])[] {
  const together = new Map<string, number[]>();
  for (const [place, ready] of requests.entries()) {
    if (!ready) continue;
    const { path, query, headers = {} } = ready.request;
    const key = canonicalJson([path, query, headers]);
    together.set(key, [...(together.get(key) ?? []), place]);
  }
  return [...together.values()];
}
