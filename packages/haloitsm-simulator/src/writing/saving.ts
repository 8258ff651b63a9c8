import type { JsonObject } from '../data/json.ts';
import { keyOf, type Records } from '../data/records.ts';
import { completed, defaultsOf } from './completing.ts';
import { mergeFields } from './custom-fields.ts';
import { isNew } from './rules.ts';
import { converted } from './validation.ts';

/** Flags that steer a write and are not part of the record. */
const FLAGS = new Set(['dont_do_rules', 'dont_update_fault', 'dont_recalculate_billing', 'utcoffset']);
/** Names that would reach the prototype of a record. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** Puts elements into the records. They have been checked. */
export class Saving {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** The record that an element updates; undefined where it makes a new one, or names one that there is not. */
  before(resource: string, element: JsonObject): JsonObject | undefined {
    if (isNew(element['id'])) return undefined;
    const plain = this.#records.hasGuidIds(resource)
      ? String(element['id']).toLowerCase()
      : Number(element['id']);
    const found = this.#records.get(resource, keyOf(resource, { ...element, id: plain }));
    const isGone = found?.['deleted'] === true && element['_recover'] !== true;
    return isGone ? undefined : found;
  }

  /** Creates without an id (or with 0), updates with one: only the fields that are given and not null. */
  save(resource: string, element: JsonObject, now: string): JsonObject {
    const guidIds = this.#records.hasGuidIds(resource);
    const sample = this.#records.sample(resource);
    const given = Object.fromEntries(
      Object.entries(element)
        .filter(([name, value]) => value !== null && !isFlag(name))
        .map(([name, value]) => [
          name,
          converted(name, value, sample && Object.hasOwn(sample, name) ? sample[name] : undefined, guidIds),
        ]),
    );
    const before = this.before(resource, element);
    const start = before ?? defaultsOf(resource, given, now);
    const merged: JsonObject = {
      ...start,
      ...given,
      id: before?.['id'] ?? this.#records.nextId(resource, given),
      ...this.#lists(start, given),
      ...(element['_recover'] === true && { deleted: false }),
      ...(resource.toLowerCase() === 'tickets' ? { last_update: now } : { last_modified: now }),
    };
    const record = completed(resource, merged, given, this.#records);
    this.#records.put(resource, record);
    if (!before) this.#follow(resource, record, given, now);
    return record;
  }

  #lists(start: JsonObject, given: JsonObject): JsonObject {
    const lists = ['customfields', 'fields'].flatMap((name) => {
      const list = given[name];
      return Array.isArray(list) ? [[name, mergeFields(start[name], list)] as const] : [];
    });
    return Object.fromEntries(lists);
  }

  /** What a new record changes in others: an action its ticket, a file what it hangs on. */
  #follow(resource: string, record: JsonObject, given: JsonObject, now: string): void {
    const key = resource.toLowerCase();
    const ticket = this.#records.get('Tickets', String(record['ticket_id'] ?? ''));
    if (!ticket || (key !== 'actions' && key !== 'attachment')) return;
    const status = Number(given['new_status'] ?? 0);
    const changed: JsonObject = {
      ...ticket,
      last_update: now,
      ...(key === 'actions' && { lastactiondate: now }),
      ...(status > 0 && { status_id: status }),
      ...(key === 'attachment' && { attachment_count: Number(ticket['attachment_count'] ?? 0) + 1 }),
    };
    this.#records.put('Tickets', completed('Tickets', changed, {}, this.#records));
    const action = this.#records.get(
      'Actions',
      `${String(record['ticket_id'])}/${String(record['action_id'])}`,
    );
    if (key === 'attachment' && action)
      this.#records.put('Actions', {
        ...action,
        attachment_count: Number(action['attachment_count'] ?? 0) + 1,
      });
  }
}

function isFlag(name: string): boolean {
  return name.startsWith('_') || FLAGS.has(name) || FORBIDDEN.has(name);
}
