import { MillraceError } from '../errors.ts';
import { describe } from './test-run.ts';

/** One thing that a component must do. */
export interface Check {
  /** A sentence that begins with a verb: what the component does when it is right. */
  readonly name: string;
  /** Rejects, with a sentence, where the component does not do it; with {@link NotTried} where it cannot be tried. */
  readonly run: () => Promise<void>;
}

/** A check needs something that the author did not arrange: it counts as skipped, not as passed. */
export class NotTried extends Error {}

/** Gives up a check for want of a part of the arrangement. */
export function arranged<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw new NotTried(`the arrangement has no "${name}"`);
  return part;
}

/** Throws with a sentence where a condition does not hold. */
export function demand(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(sentence);
}

/** Awaits a rejection and gives its error, which must be typed. */
export async function rejection(work: Promise<unknown>, sentence: string): Promise<MillraceError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown ?? new Error('undefined was thrown'),
  );
  demand(error !== undefined, sentence);
  demand(
    error instanceof MillraceError,
    `an error of the system must be a MillraceError, not: ${describe(error)}`,
  );
  return error;
}

/** Awaits a rejection with a `client.*` or `source.*` error: something is wrong with the other system. */
export async function clientRejection(work: Promise<unknown>, sentence: string): Promise<MillraceError> {
  const error = await rejection(work, sentence);
  demand(error.kind === 'client', `the error is ${error.code}, not a client error: ${error.message}`);
  return error;
}

const PATIENCE_MS = 10_000;

/** Fails instead of waiting for ever. */
export async function within<T>(work: Promise<T>, sentence: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(sentence)), PATIENCE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Asks until the answer is 0, or fails with it: what was opened may take a moment to close. */
export async function demandNone(
  count: () => number | Promise<number>,
  sentence: (left: number) => string,
): Promise<void> {
  const until = performance.now() + 2000;
  for (let left = await count(); left > 0; left = await count()) {
    demand(performance.now() < until, sentence(left));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What a value is after a way through the store. */
export function throughJson<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

/** Freezes a value with all that is in it: who changes it, throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
