import { type Shape, type ShapeCheck, shapes } from '@millrace/core';
import type { Operation } from '../catalogue/index.ts';
import { operationOf } from '../operation-request.ts';
import { rowShape } from '../record-shapes.ts';
import { checkSentQuery } from '../sent-shapes.ts';
import { detailOperation } from './level.ts';
import { type ForEachOptions, hydrateOf, listsOf, type SubscriberSettings } from './options.ts';

const { assumed, lazyFields, objectOf, UNKNOWN } = shapes;

/** The shape of the records that are read: those of the list, with what is kept of their parents, or their details. */
export function readingShape(options: SubscriberSettings, check: ShapeCheck): Shape {
  const lists = listsOf(options);
  let parent: Shape | undefined;
  let rows: Shape = UNKNOWN;
  for (const [index, { list, at }] of lists.entries()) {
    const operation = operationOf('GET', list.entity, options.strict);
    if (!operation) return UNKNOWN;
    const isLeaf = index === lists.length - 1;
    checkRequest(operation, options, isLeaf, at, parent, check);
    const kept = index === 0 ? undefined : keptOf(lists[index - 1]?.at ?? [], parent, check);
    rows = kept ? withKept(rowShape(operation), kept) : rowShape(operation);
    if (list.incremental) check.field(list.incremental.field, [...at, 'incremental', 'field'], rows);
    if (!isLeaf && (list as ForEachOptions).when !== undefined)
      check.condition([...at, 'when'], CONSEQUENCES, rows);
    parent = rows;
  }
  return withDetails(options, rows, check);
}

const CONSEQUENCES = {
  whenTrue: 'the children of every record are read',
  whenFalse: 'no children are read at all',
};

function checkRequest(
  operation: Operation,
  { strict, input }: SubscriberSettings,
  isLeaf: boolean,
  at: readonly string[],
  parent: Shape | undefined,
  check: ShapeCheck,
): void {
  const given = (name: string) =>
    parent ? check.value([...at, 'parameters', name], parent) : check.value([...at, 'parameters', name]);
  const [path, query] = [given('path'), given('query')].map((one) =>
    one.kind === 'unknown' ? objectOf({}) : one,
  );
  if (!isLeaf || input.length === 0 || !path || !query) return;
  const request = check.steps(['input'], objectOf({ path, query }));
  if (strict) checkSentQuery(operation, request, check);
}

/** What the children of a list are given of it. */
function keptOf(at: readonly string[], parent: Shape | undefined, check: ShapeCheck): Shape {
  const kept = assumed(check.value([...at, 'keep'], parent));
  return kept.kind === 'unknown' ? objectOf({}) : kept;
}

function withKept(rows: Shape, kept: Shape): Shape {
  const [base, more] = [assumed(rows), assumed(kept)];
  if (base.kind !== 'object' || more.kind !== 'object') return rows;
  const names = [...new Set([...base.fields.keys(), ...more.fields.keys()])];
  const { rest, free, title } = base;
  return objectOf(
    lazyFields(names, (name) => more.fields.get(name) ?? base.fields.get(name) ?? UNKNOWN),
    { rest, ...(free && { free }), ...(title !== undefined && { title }) },
  );
}

/** The single record holds what its row does, and more. */
function withDetails(options: SubscriberSettings, rows: Shape, check: ShapeCheck): Shape {
  const hydrate = hydrateOf(options);
  const list = operationOf('GET', options.entity, options.strict);
  if (!hydrate || !list) return rows;
  for (const name of ['path', 'query'] as const) {
    if (hydrate.parameters?.[name]) check.value(['hydrate', 'parameters', name], rows);
  }
  const operation = detailOperation(list, hydrate.operation, options.strict);
  const single = operation ? rowShape(operation) : UNKNOWN;
  return single.kind === 'unknown' ? UNKNOWN : withKept(rows, single);
}
