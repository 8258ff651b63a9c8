import { type JsonObject, milliseconds, type Report } from '@millrace/core';
import type { Operation } from '../catalogue/index.ts';
import { haloDate } from './dates.ts';

/**
 * How an operation is asked for what changed.
 * - `lastupdatefromdate`: the parameter of that name, which some resources have.
 * - `datesearch`: any date field, with `startdate`.
 * - `order`: nothing but an order; read from the newest on until older ones come.
 */
export type ChangeFilter = 'lastupdatefromdate' | 'datesearch' | 'order';

export interface IncrementalOptions {
  /** The date field of a record that says when it changed. */
  readonly field: string;
  /** How far before the last news reading begins again. */
  readonly overlap: string;
  readonly filter?: ChangeFilter;
  /** How often everything is read all the same. */
  readonly full?: string;
}

const has = (operation: Operation, name: string) =>
  operation.query.some((parameter) => parameter.name === name);

/** The filters that an operation has. */
function filtersOf(operation: Operation): readonly ChangeFilter[] {
  const all: readonly (readonly [ChangeFilter, boolean])[] = [
    ['lastupdatefromdate', has(operation, 'lastupdatefromdate')],
    ['datesearch', has(operation, 'datesearch') && has(operation, 'startdate')],
    ['order', has(operation, 'order')],
  ];
  return all.flatMap(([filter, is]) => (is ? [filter] : []));
}

/** Fields that say when a record was changed last, whatever was changed: what `lastupdatefromdate` goes by. */
const LAST_UPDATE = /^[a-z]?last_?(?:updated?|modified)(?:_?date)?$/i;

/** The best filter that an operation has for a date field; undefined where it has none. */
export function filterOf(
  operation: Operation,
  { field, filter }: IncrementalOptions,
): ChangeFilter | undefined {
  const filters = filtersOf(operation);
  if (filter) return filters.includes(filter) ? filter : undefined;
  if (filters.includes('datesearch') && !LAST_UPDATE.test(field)) return 'datesearch';
  return filters[0];
}

export function checkIncremental(
  operation: Operation,
  options: IncrementalOptions,
  query: JsonObject,
  report: Report,
): void {
  const filter = filterOf(operation, options);
  if (filter === undefined && options.filter) {
    report({
      code: 'config.invalid_value',
      message: `${operation.path} cannot be asked by ${options.filter}`,
      hint: `It can be asked by ${filtersOf(operation).join(', ') || 'nothing of the kind'}.`,
      path: ['filter'],
    });
  } else if (filter === undefined) {
    report({
      code: 'config.invalid_value',
      message: `${operation.path} has no filter by date and no order, so that it can only be read whole`,
      hint: 'Leave "incremental" out: what did not change is not sent again anyway.',
      path: [],
      atKey: true,
    });
  } else if (filter === 'order' && ('order' in query || 'orderby' in query)) {
    report({
      code: 'config.invalid_value',
      message: `${operation.path} has no filter by date: it is read by the order of "${options.field}", and the query has another`,
      hint: 'Leave the order out of parameters.query.',
      path: [],
      atKey: true,
    });
  }
}

/** Milliseconds from which on a read begins again. */
export function beginning(at: string, { overlap }: IncrementalOptions): number {
  return Date.parse(at) - milliseconds(overlap);
}

/** The query that asks for what changed from a time on. Halo reads dates without a zone as UTC. */
export function changesFrom(filter: ChangeFilter, field: string, from: number): JsonObject {
  switch (filter) {
    case 'lastupdatefromdate':
      return { lastupdatefromdate: haloDate(from) };
    case 'datesearch':
      // The one value that is spelt otherwise than its field.
      return {
        datesearch: field === 'dateoccurred' ? 'dateoccured' : field,
        startdate: haloDate(from),
      };
    case 'order':
      return {};
  }
}

/** The query that leaves out what changes from a time on, where the operation can be asked so. */
export function changesUntil(operation: Operation, filter: ChangeFilter, until: number): JsonObject {
  if (filter === 'lastupdatefromdate' && has(operation, 'lastupdatetodate'))
    return { lastupdatetodate: haloDate(until) };
  return filter === 'datesearch' && has(operation, 'enddate') ? { enddate: haloDate(until) } : {};
}

/** The orders in which a list may be asked for, the best first; the last is none. */
export type Order = { readonly by: 'date' | 'id' | 'own' | 'none'; readonly query: JsonObject };

export function ordersOf(
  operation: Operation,
  query: JsonObject,
  dateField: string | undefined,
): readonly Order[] {
  const none: Order = { by: 'none', query: {} };
  if ('order' in query || 'orderby' in query) return [{ by: 'own', query: {} }, none];
  if (!has(operation, 'order')) return [none];
  const descending = has(operation, 'orderdesc');
  const byId: Order = { by: 'id', query: { order: 'id', ...(descending && { orderdesc: false }) } };
  if (dateField === undefined) return [byId, none];
  // Records of one date would stand in any order among themselves, and in another one on the next page.
  const second = has(operation, 'order2') && { order2: 'id', ...(descending && { orderdesc2: false }) };
  const byDate = { order: dateField, ...(descending && { orderdesc: false }), ...second };
  return [{ by: 'date', query: byDate }, byId, none];
}
