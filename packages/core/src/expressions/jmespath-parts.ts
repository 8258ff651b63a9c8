import type { Json } from '../json.ts';

/** A compiled JMESPath expression. Answers null where the path leads nowhere; throws where a function fails. */
export type Search = (data: Json) => Json;

/** What an expression is evaluated with beside the current value. */
export interface Frame {
  /** What `$` is. */
  readonly root: Json;
  /** Values of the variables of `let`, by their numbers. */
  readonly variables: readonly Json[];
}

export type Run = (value: Json, frame: Frame) => Json;

/** A compiled node. */
export interface Part {
  readonly run: Run;
  /** Set where it comes to the same whatever it is evaluated on. */
  readonly known?: { readonly value: Json };
}

export const CURRENT: Part = { run: (value) => value };
const NO_FRAME: Frame = { root: null, variables: [] };

export function constant(value: Json): Part {
  return { run: () => value, known: { value } };
}

/** A part made of others: evaluated now where all of them are known, unless that fails. */
export function combined(run: Run, parts: readonly Part[]): Part {
  if (!parts.every((part) => part.known)) return { run };
  try {
    return constant(run(null, NO_FRAME));
  } catch {
    // It fails on every record, and says so there.
    return { run };
  }
}

/** What JMESPath takes for false: null, false, and what is empty. */
export function isFalse(value: Json): boolean {
  if (value === null || value === false || value === '') return true;
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}
