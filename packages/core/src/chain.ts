import type { MaybePromise, RunContext, Trace, Transformer } from './contracts.ts';
import type { Chain } from './define.ts';
import { type MillraceError, toMillraceError } from './errors.ts';
import { type OptionPath, showPath } from './findings.ts';
import type { JsonObject } from './json.ts';

export interface Step {
  readonly name: string;
  readonly transformer: Transformer;
}

// Errors whose path a chain has set already: an outer chain puts its own step before it.
const places = new WeakMap<Error, OptionPath>();

/** Names the step in which a record failed: `transformers[2].if.then[0].map`. */
function place(thrown: unknown, step: OptionPath): MillraceError {
  const error = toMillraceError(thrown, 'entity.failed');
  const path = [...step, ...(places.get(error) ?? [])];
  const located = error.withPath(showPath(path));
  places.set(located, path);
  return located;
}

/** Where the step stands in whose chain the error was thrown: `['transformers', 2, 'if', 'then', 0, 'map']`. */
export function failedStep(error: Error): OptionPath | undefined {
  return places.get(error);
}

/** The same error, saying at which node inside the record it happened. */
export function atNode(thrown: unknown, node: string): MillraceError {
  const error = toMillraceError(thrown, 'entity.failed');
  const told = error.withMessage(`${error.message} (at ${node})`);
  const path = places.get(error);
  if (path) places.set(told, path);
  return told;
}

/** Runs steps one after the other; a step may drop a record or make several of it. Rejects with the first failure. */
export function createChain(steps: readonly Step[], label: string | OptionPath): Chain {
  const option = typeof label === 'string' ? [label] : label;
  const chain = showPath(option);
  const paths = steps.map((step, index): OptionPath => [...option, index, step.name]);
  if (steps.length === 0) return (data) => [data];

  /** Goes on from a step with what the one before made; synchronous as long as every step is. */
  const from = (
    index: number,
    entities: readonly JsonObject[],
    run: RunContext,
  ): MaybePromise<readonly JsonObject[]> => {
    let current = entities;
    for (let at = index; at < steps.length && current.length > 0; at++) {
      const next = apply(at, current, run);
      if (next instanceof Promise) return next.then((made) => from(at + 1, made, run));
      current = next;
    }
    return current;
  };

  const one = (at: number, data: JsonObject, run: RunContext): MaybePromise<readonly JsonObject[]> =>
    run.trace ? traced(at, data, run, run.trace) : untraced(at, data, run);

  const untraced = (at: number, data: JsonObject, run: RunContext): MaybePromise<readonly JsonObject[]> => {
    const path = paths[at] ?? [];
    try {
      const made = steps[at]?.transformer.transform(data, run) ?? [];
      if (made instanceof Promise) {
        return made.then(toList, (error: unknown) => {
          throw place(error, path);
        });
      }
      return toList(made);
    } catch (error) {
      throw place(error, path);
    }
  };

  const traced = async (at: number, data: JsonObject, run: RunContext, trace: Trace) => {
    const step = trace.step({ chain, index: at, name: steps[at]?.name ?? '' }, data);
    try {
      const made = await untraced(at, data, { ...run, trace: step.inner });
      step.made(made);
      return made;
    } catch (error) {
      step.failed(error as Error);
      throw error;
    }
  };

  const apply = (
    at: number,
    entities: readonly JsonObject[],
    run: RunContext,
  ): MaybePromise<readonly JsonObject[]> => {
    const [only] = entities;
    if (entities.length === 1 && only) return one(at, only, run);
    // In order, one by one: what a step writes to a storage is seen by the records behind it.
    const made: JsonObject[] = [];
    for (let index = 0; index < entities.length; index++) {
      const next = one(at, entities[index] as JsonObject, run);
      if (next instanceof Promise)
        return next.then((first) => rest(at, entities, index + 1, [...made, ...first], run));
      made.push(...next);
    }
    return made;
  };

  const rest = async (
    at: number,
    entities: readonly JsonObject[],
    start: number,
    made: JsonObject[],
    run: RunContext,
  ) => {
    for (const data of entities.slice(start)) made.push(...(await one(at, data, run)));
    return made;
  };

  return (data, run) => from(0, [data], run);
}

function toList(made: JsonObject | readonly JsonObject[]): readonly JsonObject[] {
  return Array.isArray(made) ? made : [made as JsonObject];
}
