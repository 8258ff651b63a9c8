import { isObject, type Json, type JsonObject } from '../data/json.ts';
import { keyOf, type Records } from '../data/records.ts';
import type { Quirks } from '../quirks.ts';
import { splitActionId } from '../reading/single.ts';
import { completed, defaultsOf } from './completing.ts';
import { CustomFields } from './custom-fields.ts';
import { isNew } from './rules.ts';
import { converted } from './validation.ts';

/** Flags that steer a write and are not part of the record. */
const FLAGS = new Set(['dont_do_rules', 'dont_update_fault', 'dont_recalculate_billing', 'utcoffset']);
/** Names that would reach the prototype of a record. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** A record that was made (no `before`), changed, or deleted (no `after`). */
export interface Saved {
  readonly resource: string;
  readonly before?: JsonObject;
  readonly after?: JsonObject;
  /** The action that changed its ticket by being made. */
  readonly action?: JsonObject;
}

/** Puts elements into the records. They have been checked. */
export class Saving {
  readonly #records: Records;
  readonly #quirks: Quirks;
  readonly #fields: CustomFields;
  readonly #saved: (saved: Saved) => void;

  constructor(records: Records, quirks: Quirks, saved: (saved: Saved) => void) {
    this.#records = records;
    this.#quirks = quirks;
    this.#fields = new CustomFields(records, quirks);
    this.#saved = saved;
  }

  /** The record that an element updates; undefined where it makes a new one, or names one that there is not. */
  before(resource: string, element: JsonObject): JsonObject | undefined {
    if (isNew(element['id'])) return this.#matched(resource, element);
    const found = this.#records.get(resource, this.#keyOf(resource, element));
    const isGone = found?.['deleted'] === true && element['_recover'] !== true;
    return isGone ? undefined : found;
  }

  /** Creates without an id (or with 0), updates with one: only the fields that are given and not null. */
  save(resource: string, element: JsonObject, now: string): JsonObject {
    const before = this.before(resource, element);
    const given = this.#given(resource, element);
    const start = before ?? defaultsOf(resource, given, now);
    const merged: JsonObject = {
      ...start,
      ...given,
      id: before?.['id'] ?? this.#records.nextId(resource, given),
      ...this.#lists(start, given),
      ...(element['_recover'] === true && { deleted: false }),
      ...(resource.toLowerCase() === 'tickets' ? { last_update: now } : { last_modified: now }),
    };
    const emptied = this.#quirks.has('null-keeps')
      ? []
      : Object.keys(element).filter((name) => element[name] === null);
    const whole = Object.fromEntries(Object.entries(merged).filter(([name]) => !emptied.includes(name)));
    const record = completed(resource, whole, given, this.#records);
    this.#records.put(resource, record);
    this.#saved({ resource, ...(before && { before }), after: record });
    if (before) return record;
    this.#follow(resource, record, element, now);
    // Its files have been counted meanwhile.
    return this.#records.get(resource, keyOf(resource, record)) ?? record;
  }

  /** Takes a record away; a ticket may stay, marked as deleted. */
  remove(resource: string, key: string, mark?: JsonObject): void {
    const before = this.#records.get(resource, key);
    if (!before) return;
    if (mark) this.#records.put(resource, { ...before, ...mark });
    else this.#records.remove(resource, key);
    this.#saved({ resource, before });
  }

  /** The fields to keep, with numbers and booleans as what they are. */
  #given(resource: string, element: JsonObject): JsonObject {
    const guidIds = this.#records.hasGuidIds(resource);
    const sample = this.#records.sample(resource);
    const match = element['_match_thirdparty_id'];
    const fields = Object.entries(element)
      .filter(([name, value]) => value !== null && !isFlag(name))
      .map(([name, value]): [string, Json] => {
        const known = sample && Object.hasOwn(sample, name) ? sample[name] : undefined;
        return [name, converted(name, value, known, guidIds)];
      });
    return { ...(typeof match === 'string' && { third_party_id: match }), ...Object.fromEntries(fields) };
  }

  /** `_match_thirdparty_id` updates the record that holds the reference. */
  #matched(resource: string, element: JsonObject): JsonObject | undefined {
    const match = element['_match_thirdparty_id'];
    if (typeof match !== 'string' || match === '') return undefined;
    return this.#records
      .all(resource)
      .find((one) => String(one['third_party_id'] ?? '') === match && one['deleted'] !== true);
  }

  #keyOf(resource: string, element: JsonObject): string {
    if (this.#records.hasGuidIds(resource)) return String(element['id']).toLowerCase();
    const id = Number(element['id']);
    if (resource.toLowerCase() !== 'actions' || this.#quirks.has('action-ids-per-ticket'))
      return keyOf(resource, { ...element, id });
    const { ticket, number } = splitActionId(id);
    return `${ticket}/${number}`;
  }

  #lists(start: JsonObject, given: JsonObject): JsonObject {
    const lists = ['customfields', 'fields'].flatMap((name) => {
      const list = given[name];
      return Array.isArray(list) ? [[name, this.#fields.merged(start[name], list)] as const] : [];
    });
    return Object.fromEntries(lists);
  }

  /** What a new record changes in others: an action its ticket, a file what it hangs on. */
  #follow(resource: string, record: JsonObject, element: JsonObject, now: string): void {
    const key = resource.toLowerCase();
    if (key === 'actions' || key === 'tickets') this.#attach(key, record, element['attachments'], now);
    if (key !== 'actions' && key !== 'attachment') return;
    const ticket = this.#records.get('Tickets', String(record['ticket_id'] ?? ''));
    if (!ticket) return;
    const status = Number(element['new_status'] ?? 0);
    const changed: JsonObject = {
      ...ticket,
      last_update: now,
      ...(key === 'actions' && { lastactiondate: now }),
      ...(key === 'actions' && status > 0 && { status_id: status }),
      ...(key === 'attachment' && { attachment_count: Number(ticket['attachment_count'] ?? 0) + 1 }),
    };
    const after = completed('Tickets', changed, {}, this.#records);
    this.#records.put('Tickets', after);
    this.#saved({ resource: 'Tickets', before: ticket, after, ...(key === 'actions' && { action: record }) });
    if (key === 'attachment') this.#countFile(record);
  }

  #countFile(file: JsonObject): void {
    const key = `${String(file['ticket_id'])}/${String(file['action_id'])}`;
    const action = this.#records.get('Actions', key);
    const count = Number(action?.['attachment_count'] ?? 0) + 1;
    if (action) this.#records.put('Actions', { ...action, attachment_count: count });
  }

  /** Files of a new ticket or action: uploaded before and named by id, or held in its body. */
  #attach(key: string, record: JsonObject, files: Json | undefined, now: string): void {
    if (!Array.isArray(files)) return;
    const place =
      key === 'tickets'
        ? { ticket_id: record['id'] ?? 0 }
        : { ticket_id: record['ticket_id'] ?? 0, action_id: record['id'] ?? 0 };
    for (const file of files as readonly Json[]) {
      if (!isObject(file)) continue;
      const uploaded = isNew(file['id']) ? undefined : this.#records.get('Attachment', String(file['id']));
      if (uploaded) {
        this.#records.put('Attachment', { ...uploaded, ...place });
        this.#follow('Attachment', { ...uploaded, ...place }, {}, now);
      } else if (typeof file['filename'] === 'string')
        this.save('Attachment', { ...file, ...place, id: 0 }, now);
    }
  }
}

function isFlag(name: string): boolean {
  return name.startsWith('_') || name === 'attachments' || FLAGS.has(name) || FORBIDDEN.has(name);
}
