import type { Operation } from './operation.ts';

/**
 * Lists whose `id` says nothing alone, because it counts within another field. Action ids begin at 1 in every ticket
 * (seen live: a client that went by them alone kept 149 of 8,185 rows). The single records of the others are asked for
 * with that field beside the id.
 */
const WITHIN: Readonly<Record<string, readonly string[]>> = {
  actions: ['ticket_id', 'id'],
  chatmessage: ['chat_id', 'id'],
  field: ['kind', 'id'],
  lookup: ['lookupid', 'id'],
  ticketapproval: ['ticket_id', 'seq'],
  todo: ['ticket_id', 'id'],
};

/** The fields of a record that together tell it from every other of its resource. */
export function identityOf(operation: Operation): readonly string[] {
  return WITHIN[operation.path.toLowerCase().replace(/\/\{[^}]*\}$/, '')] ?? ['id'];
}
