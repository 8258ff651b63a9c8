// The job, as a programmer would write it by hand: filter, map of twelve fields with one lookup and one date.
export interface Ticket {
  readonly id: number;
  readonly [field: string]: string | number;
}

const TEAMS = new Map(Array.from({ length: 50 }, (_, n) => [`Team ${n}`, `T${String(n).padStart(3, '0')}`]));

export const PAGE = 100;

export function wanted(ticket: Ticket): boolean {
  return ticket['status_id'] !== 9;
}

export function message(ticket: Ticket) {
  const occurred = new Date(`${ticket['dateoccurred']}Z`);
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    inventory_number: `T-${ticket.id}`,
    summary: ticket['summary'],
    client_id: ticket['client_id'],
    client: ticket['client_name'],
    site: ticket['site_name'],
    user: ticket['user_name'],
    agent: ticket['agent_id'],
    team: TEAMS.get(String(ticket['team'])) ?? 'none',
    priority: ticket['priority_id'],
    category: ticket['category_1'],
    occurred: `${two(occurred.getUTCDate())}.${two(occurred.getUTCMonth() + 1)}.${occurred.getUTCFullYear()}`,
    estimate: ticket['estimate'],
  };
}

export type Message = ReturnType<typeof message>;
