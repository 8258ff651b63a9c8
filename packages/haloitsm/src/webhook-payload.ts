import { createHash } from 'node:crypto';
import { isObject, type Json, type JsonObject, MillraceError } from '@millrace/core';

/** What a receiver takes of a payload. */
export interface Wanted {
  /** Under which names a payload may hold the record: `ticket`, `tickets`. */
  readonly members: readonly string[];
  /** Lower case; without them every event counts but those of records that were deleted. */
  readonly events?: ReadonlySet<string>;
  /** The field of the record that what else the payload says goes to. */
  readonly eventAs?: string;
  /** The event's object is the record: where only its id came, that is the record. */
  readonly byId: boolean;
}

/** Names of what Halo says of an event beside its objects. */
const HEAD = ['id', 'webhook_id', 'notification_id', 'escmsg_id', 'event', 'message', 'object_id'];
const HEAD_TOO = ['agent_id', 'timestamp'];

/** The events of a body: one, or the list that a webhook with batches sends. Throws `hook.unreadable`. */
export function eventsIn(body: Json): readonly JsonObject[] {
  const list: readonly Json[] = Array.isArray(body) ? body : [body];
  const events = list.filter(isObject);
  if (events.length === list.length && events.length > 0) return events;
  throw new MillraceError('hook.unreadable', 'The body is no event of Halo, and no list of them');
}

/**
 * The record that an event tells of, as it would be read from the API; undefined where it tells of another kind of record
 * or is not wanted. Throws `hook.unreadable` where the record should be there and is not.
 */
export function recordOf(event: JsonObject, wanted: Wanted): JsonObject | undefined {
  if (!isWanted(event, wanted)) return undefined;
  const record = objectOf(event, wanted.members) ?? withoutObject(event, wanted);
  if (!record || wanted.eventAs === undefined) return record;
  return { ...record, [wanted.eventAs]: headOf(event) };
}

function isWanted(event: JsonObject, { events }: Wanted): boolean {
  const name = String(event['event'] ?? '').toLowerCase();
  // A record that is no more would go on as if it had changed.
  return events ? events.has(name) : !name.endsWith(' deleted');
}

function objectOf(event: JsonObject, members: readonly string[]): JsonObject | undefined {
  return members.map((name) => event[name]).find(isObject);
}

function withoutObject(event: JsonObject, { byId, members }: Wanted): JsonObject | undefined {
  // A payload that somebody designed: the record itself.
  if (!isEnvelope(event)) return event;
  // Objects of other kinds came: the event is not about ours.
  if (Object.entries(event).some(([name, value]) => isObject(value) && !HEAD_TOO.includes(name)))
    return undefined;
  const id = event['object_id'];
  if (byId && (typeof id === 'number' || typeof id === 'string')) return { id };
  throw new MillraceError('hook.unreadable', `The payload holds no "${members[0]}" and no id of one`, {
    hint: 'Let the webhook in Halo send whole objects.',
  });
}

function isEnvelope(event: JsonObject): boolean {
  return 'event' in event && ('object_id' in event || 'webhook_id' in event);
}

function headOf(event: JsonObject): JsonObject {
  const names = [...HEAD, ...HEAD_TOO].filter((name) => event[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, event[name] ?? null]));
}

/** What a delivery is known by: Halo gives each event an id, and sends it again under the same one. */
export function deliveryId(events: readonly JsonObject[]): string | undefined {
  const ids = events.map((event) => (isEnvelope(event) ? (event['id'] ?? event['escmsg_id']) : undefined));
  if (!ids.every((id) => typeof id === 'string' && id !== '')) return undefined;
  return ids.length === 1 ? String(ids[0]) : createHash('sha256').update(ids.join('\n')).digest('hex');
}
