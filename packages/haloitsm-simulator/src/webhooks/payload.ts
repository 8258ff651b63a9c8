import { isObject, type Json, type JsonObject } from '../data/json.ts';
import type { Rendering } from '../rendering.ts';
import type { HookEvent } from './events.ts';

/** What `payload_type` of a webhook says; nobody has published the numbers. */
const [CUSTOM, SMALL, EVENT_ONLY] = [1, 3, 4];
/** What a small payload keeps of an object. */
const KEY_FIELDS = [
  ...['id', 'name', 'summary', 'inventory_number', 'emailaddress', 'status_id', 'tickettype_id'],
  ...['client_id', 'site_id', 'team_id', 'agent_id', 'ticket_id', 'outcome', 'last_update', 'last_modified'],
];
/** Under which name a payload holds the object. */
const MEMBERS: Readonly<Record<string, string>> = { tickets: 'ticket', users: 'user' };

/** What makes one delivery different from another. */
export interface Envelope {
  readonly id: string;
  readonly webhookId: string;
  readonly notificationId: number;
  readonly messageId: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** The JSON text that a webhook sends of an event. */
export function payloadOf(
  webhook: JsonObject,
  event: HookEvent,
  envelope: Envelope,
  rendering: Rendering,
): string {
  const type = Number(webhook['payload_type'] ?? 0);
  const head = headOf(event, envelope);
  const members = type === EVENT_ONLY ? [] : objectsOf(event, type === SMALL, rendering);
  const whole = `${JSON.stringify(head).slice(0, -1)}${members.map((member) => `,${member}`).join('')}}`;
  const template = webhook['payload'];
  const isCustom = webhook['custom_payload'] === true || type === CUSTOM;
  return isCustom && typeof template === 'string' ? filled(template, JSON.parse(whole) as JsonObject) : whole;
}

/** As a live instance sends it. */
function headOf(event: HookEvent, { id, webhookId, notificationId, messageId, time }: Envelope): JsonObject {
  return {
    id,
    webhook_id: webhookId,
    notification_id: notificationId,
    escmsg_id: messageId,
    event: event.name.toLowerCase(),
    message: event.message,
    object_id: event.object['id'] ?? null,
    agent_id: event.action?.['who_agentid'] ?? event.object['agent_id'] ?? 1,
    // .NET writes seven digits.
    timestamp: new Date(time).toISOString().replace('Z', '0000Z'),
  };
}

function objectsOf({ resource, object, action }: HookEvent, small: boolean, rendering: Rendering): string[] {
  const key = resource.toLowerCase();
  const whole = key === 'tickets' ? { ...object, hasbeenclosed: object['dateclosed'] !== undefined } : object;
  const text = (name: string, record: JsonObject) =>
    rendering.record(name, small ? pick(record, KEY_FIELDS) : record);
  const members = [`${JSON.stringify(MEMBERS[key] ?? key)}:${text(resource, whole)}`];
  if (action) members.push(`"action":${text('Actions', action)}`);
  return members;
}

function pick(record: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)));
}

/**
 * A template with {{path}} in it, such as {{ticket.summary}}. Inside the quotes of a JSON string the value goes as the
 * inside of one; anywhere else as JSON.
 */
function filled(template: string, values: JsonObject): string {
  let quoted = false;
  return template.replace(/\\.|"|\{\{\s*([\w.]+)\s*\}\}/g, (match, path?: string) => {
    if (match === '"') quoted = !quoted;
    if (path === undefined) return match;
    const value = at(values, path.split('.'));
    if (!quoted) return JSON.stringify(value);
    const text = value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
    return JSON.stringify(text).slice(1, -1);
  });
}

function at(values: Json, [name, ...rest]: readonly string[]): Json {
  if (name === undefined) return values;
  return isObject(values) && Object.hasOwn(values, name) ? at(values[name] ?? null, rest) : null;
}
