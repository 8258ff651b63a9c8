import {
  type Chain,
  type Compiler,
  type Evaluate,
  type JsonObject,
  MillraceError,
  type Predicate,
  type RunContext,
} from '@millrace/core';
import { findOperation, identityOf, type Operation } from '../catalogue/index.ts';
import { asObject, operationOf } from '../operation-request.ts';
import type { ListState } from './list-state.ts';
import {
  type ForEachOptions,
  hydrateOf,
  type ListOptions,
  listsOf,
  type SubscriberSettings,
} from './options.ts';

/** A request for a list, and how far the list is read. JSON: part of the position of a run. */
export interface Ask extends JsonObject {
  readonly path: JsonObject;
  readonly query: JsonObject;
  /** What each of its records is given of their parent. */
  readonly keep?: JsonObject;
  readonly list?: ListState;
}

/** One of the lists that lead to the records. */
export interface Level {
  readonly operation: Operation;
  readonly pageSize: number;
  readonly path: Evaluate;
  readonly query: Evaluate;
  readonly chain: Chain;
  /** Where its records are parents: which of them have their children read, and how. */
  readonly parents?: {
    readonly when: Predicate;
    readonly keep: Evaluate;
    /** Requests for children in flight. */
    readonly concurrency: number;
  };
}

export interface DetailLevel {
  readonly operation: Operation;
  readonly path: (row: JsonObject, context: RunContext['context']) => JsonObject;
  readonly query: (row: JsonObject, context: RunContext['context']) => JsonObject;
  readonly concurrency: number;
  readonly remember?: string;
}

/** The lists that lead to the records, the outermost first. */
export function compileLevels(options: SubscriberSettings, compile: Compiler): readonly Level[] {
  return listsOf(options).map(({ list, at }, index, all) => {
    const isLeaf = index === all.length - 1;
    const operation = operationOf('GET', list.entity, options.strict);
    if (!operation)
      throw new MillraceError('config.unknown_operation', `HaloITSM has no GET operation "${list.entity}"`);
    return {
      operation,
      pageSize: list.pageSize,
      path: compile.object(list.parameters?.path ?? {}),
      query: compile.object(list.parameters?.query ?? {}),
      chain: compile.chain(isLeaf ? options.input : [], [...at, 'input']),
      ...(!isLeaf && { parents: compileParents(list as ListOptions & ForEachOptions, compile) }),
    };
  });
}

function compileParents({ when, keep, concurrency }: ForEachOptions, compile: Compiler) {
  return {
    when: when === undefined ? () => true : compile.condition(when),
    keep: compile.object(keep ?? {}),
    concurrency,
  };
}

export function compileDetails(options: SubscriberSettings, compile: Compiler): DetailLevel | undefined {
  const hydrate = hydrateOf(options);
  const list = operationOf('GET', options.entity, options.strict);
  if (!hydrate || !list) return undefined;
  const operation = detailOperation(list, hydrate.operation, options.strict);
  if (!operation) {
    throw new MillraceError(
      'config.unknown_operation',
      `HaloITSM has no GET operation for one of ${list.path}`,
    );
  }
  const path = compile.object(hydrate.parameters?.path ?? {});
  const query = compile.object(hydrate.parameters?.query ?? {});
  const { concurrency, remember } = hydrate;
  const knows = (name: string) => operation.query.some((parameter) => parameter.name === name);
  const granted = knows('includedetails') ? { includedetails: true } : {};
  return {
    operation,
    path: (row, context) => ({ id: row['id'] ?? null, ...asObject(path(row, context)) }),
    query: (row, context) => ({ ...granted, ...within(list, row), ...asObject(query(row, context)) }),
    concurrency,
    ...(remember !== undefined && { remember }),
  };
}

/** The operation that gives one record of a list. */
export function detailOperation(
  list: Operation,
  name: string | undefined,
  strict: boolean,
): Operation | undefined {
  return name === undefined ? findOperation('GET', `${list.path}/{id}`) : operationOf('GET', name, strict);
}

/** What the id of a record counts within: an action is asked for with the id of its ticket. */
function within(list: Operation, row: JsonObject): JsonObject {
  const fields = identityOf(list).filter((field) => field !== 'id' && Object.hasOwn(row, field));
  return Object.fromEntries(fields.map((field) => [field, row[field] ?? null]));
}

/** The requests for the records of a level: those of one parent, where it has parents. */
export async function asksOf(
  level: Level,
  parent: { readonly row: JsonObject; readonly operation: Operation; readonly keep: JsonObject } | undefined,
  more: JsonObject,
  run: RunContext,
): Promise<readonly Ask[]> {
  const row = parent?.row ?? {};
  const path = asObject(level.path(row, run.context));
  const query = { ...asObject(level.query(row, run.context)), ...more };
  if (parent) demandValues(level, { path, query }, parent.operation);
  const made = await level.chain({ path, query }, run);
  const keep = parent && Object.keys(parent.keep).length > 0 ? { keep: parent.keep } : {};
  return made.map((one) => ({ path: asObject(one['path']), query: asObject(one['query']), ...keep }));
}

/** A condition without a value would ask for the children of all parents at once. */
function demandValues(
  level: Level,
  given: { readonly path: JsonObject; readonly query: JsonObject },
  parent: Operation,
): void {
  for (const [place, values] of Object.entries(given)) {
    const empty = Object.keys(values).find((name) => values[name] === null);
    if (empty === undefined) continue;
    throw new MillraceError(
      'request.missing_parameter',
      `The ${place} parameter "${empty}" of ${level.operation.path} has no value for one of ${parent.path}`,
      { hint: 'Leave such parents out with forEach.when, or write ?{…} if the parameter may be missing.' },
    );
  }
}
