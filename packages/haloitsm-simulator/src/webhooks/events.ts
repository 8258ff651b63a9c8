import type { Json, JsonObject } from '../data/json.ts';
import { CLOSED_STATUSES } from '../data/lookups.ts';
import type { Saved } from '../writing/saving.ts';

/** Something that happened at the desk, of which webhooks tell. */
export interface HookEvent {
  /** As notifications name it: New Ticket Logged. */
  readonly name: string;
  /** Its number, of those that are known. */
  readonly number?: number;
  readonly message: string;
  /** Of which resource the object is. */
  readonly resource: string;
  readonly object: JsonObject;
  readonly action?: JsonObject;
}

/** Numbers that others have seen; of the other events nobody has published one. */
const NUMBERS: Readonly<Record<string, number>> = {
  'New Ticket Logged': 3,
  'Ticket Updated by User': 19,
  Closed: 39,
  'Ticket Status Changed': 76,
  'Ticket Deleted': 1072,
};
/** What a record of these is called in the names of its events. */
const NOUNS: Readonly<Record<string, string>> = {
  asset: 'Asset',
  users: 'User',
  client: 'Client',
  site: 'Site',
  appointment: 'Appointment',
};

/** The events of a change. `ticketOf` gives the ticket of an action. */
export function eventsOf(saved: Saved, ticketOf: (id: Json) => JsonObject | undefined): readonly HookEvent[] {
  const key = saved.resource.toLowerCase();
  if (key === 'tickets') return ticketEvents(saved);
  if (key === 'actions') return actionEvents(saved, ticketOf);
  const noun = Object.hasOwn(NOUNS, key) ? NOUNS[key] : undefined;
  return noun === undefined ? [] : otherEvents(saved, noun);
}

/** All names of events that there are. */
export const EVENT_NAMES: readonly string[] = [
  ...['New Ticket Logged', 'Ticket Updated', 'Ticket Updated by User', 'Ticket Status Changed'],
  ...['Ticket Reassigned', 'Closed', 'Ticket Deleted', 'Action Added'],
  ...Object.values(NOUNS).flatMap((noun) => [`${noun} Created`, `${noun} Updated`, `${noun} Deleted`]),
];

export function numberOf(name: string): number | undefined {
  return NUMBERS[name];
}

function ticketEvents({ before, after, action }: Saved): HookEvent[] {
  const object = after ?? before ?? {};
  const id = `Ticket ID: ${String(object['id']).padStart(7, '0')}.`;
  const event = (name: string, message: string): HookEvent => {
    const number = numberOf(name);
    const what = { name, message: `${message} ${id}`, resource: 'Tickets', object };
    return { ...what, ...(number !== undefined && { number }), ...(action && { action }) };
  };
  if (!before) return [event('New Ticket Logged', 'A new ticket has been logged.')];
  if (!after) return [event('Ticket Deleted', 'A ticket has been deleted.')];
  const events = [event('Ticket Updated', 'A ticket has been updated.')];
  if (action?.['who_type'] === 0)
    events.push(event('Ticket Updated by User', 'A ticket has been updated by its user.'));
  if (before['status_id'] !== after['status_id'])
    events.push(event('Ticket Status Changed', 'The status has been changed for'));
  if (before['agent_id'] !== after['agent_id'])
    events.push(event('Ticket Reassigned', 'A ticket has been reassigned.'));
  if (!isClosed(before) && isClosed(after)) events.push(event('Closed', 'A ticket has been closed.'));
  return events;
}

function isClosed(ticket: JsonObject): boolean {
  return CLOSED_STATUSES.includes(Number(ticket['status_id']));
}

function actionEvents({ before, after }: Saved, ticketOf: (id: Json) => JsonObject | undefined): HookEvent[] {
  const ticket = after && !before ? ticketOf(after['ticket_id'] ?? 0) : undefined;
  if (!ticket || !after) return [];
  const message = `An action has been added to Ticket ID: ${String(ticket['id']).padStart(7, '0')}.`;
  return [{ name: 'Action Added', message, resource: 'Tickets', object: ticket, action: after }];
}

function otherEvents({ resource, before, after }: Saved, noun: string): HookEvent[] {
  const verb = !before ? 'Created' : after ? 'Updated' : 'Deleted';
  const object = after ?? before ?? {};
  const message = `${noun} ${String(object['id'])} has been ${verb.toLowerCase()}.`;
  return [{ name: `${noun} ${verb}`, message, resource, object }];
}
