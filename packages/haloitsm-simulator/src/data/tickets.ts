import { BASE, DAY, haloDate, MINUTE, NO_DATE, NO_DATE_EITHER } from './dates.ts';
import { ticketFields } from './fields.ts';
import { paragraphs, toHtml } from './html.ts';
import type { JsonObject } from './json.ts';
import { CLOSED_STATUSES, PRIORITIES, STATUSES, TICKET_TYPES } from './lookups.ts';
import { Random } from './random.ts';
import { CATEGORIES, SENTENCES, TEAMS, THINGS, TROUBLES } from './words.ts';

const OPEN = STATUSES.filter(([id]) => !CLOSED_STATUSES.includes(id));
const CLOSED = STATUSES.filter(([id]) => CLOSED_STATUSES.includes(id));
const PRIORITY_OBJECTS: readonly JsonObject[] = PRIORITIES.map((name, index) => ({
  priorityid: index + 1,
  name,
  responsetime: 2 ** index,
}));
/** Keeps the numbers that actions are made of apart from those of their tickets. */
const OF_ACTIONS = 7919;

/** The people that the tickets are about. */
export interface People {
  readonly users: readonly JsonObject[];
  readonly agents: readonly JsonObject[];
}

/** Ticket number `id` of `count`: older tickets have lower ids, as in a real desk; the newest is an hour old. */
export function seededTicket(seed: number, id: number, count: number, { users, agents }: People): JsonObject {
  const random = Random.of(seed, id);
  const age = Math.round(((count - id) / Math.max(count, 1)) * 365 * DAY) + random.integer(0, 30_000);
  return ticket(random, id, BASE - 60 * MINUTE - age, random.pick(users), random.pick(agents));
}

export function summaryOf(random: Random): string {
  return `${random.pick(THINGS)} ${random.pick(TROUBLES)}`;
}

function ticket(random: Random, id: number, opened: number, user: JsonObject, agent: JsonObject): JsonObject {
  const closed = random.chance(0.25);
  const [statusId, statusName] = random.pick(closed ? CLOSED : OPEN);
  const updated = Math.min(opened + random.integer(1, 20 * 1440) * MINUTE + random.integer(0, 59_999), BASE);
  const priority = random.integer(1, 4);
  const team = random.integer(1, TEAMS.length);
  const type = random.integer(1, 4);
  const category = random.integer(1, CATEGORIES.length);
  const text = paragraphs(random, random.integer(2, 3));
  const summary = summaryOf(random);
  return {
    id,
    summary,
    details: text,
    details_html: toHtml(text),
    tickettype_id: type,
    tickettype_name: TICKET_TYPES[type - 1] ?? '',
    status_id: statusId,
    status_name: statusName,
    priority_id: priority,
    priority: PRIORITY_OBJECTS[priority - 1] ?? {},
    sla_id: 1,
    sla_name: 'Standard SLA',
    slaresponsestate: random.pick(['I', 'O']),
    client_id: user['client_id'] ?? 1,
    client_name: user['client_name'] ?? '',
    site_id: user['site_id'] ?? 1,
    site_name: user['site_name'] ?? '',
    user_id: user['id'] ?? 1,
    user_name: user['name'] ?? '',
    user_email: user['emailaddress'] ?? '',
    reportedby: user['emailaddress'] ?? '',
    agent_id: agent['id'] ?? 1,
    agent_name: agent['name'] ?? '',
    team: TEAMS[team - 1] ?? '',
    team_id: team,
    category_1: CATEGORIES[category - 1] ?? '',
    categoryid_1: category,
    impact: random.integer(1, 3),
    urgency: random.integer(1, 3),
    dateoccurred: haloDate(opened),
    datecreated: haloDate(opened),
    respondbydate: haloDate(opened + 2 ** priority * 60 * MINUTE),
    responsedate: haloDate(opened + random.integer(1, 240) * MINUTE),
    fixbydate: haloDate(opened + 2 ** priority * 480 * MINUTE),
    targetdate: NO_DATE,
    deadlinedate: NO_DATE,
    starttime: NO_DATE_EITHER,
    ...(closed && { dateclosed: haloDate(updated), datecleared: haloDate(updated) }),
    last_update: haloDate(updated),
    lastactiondate: haloDate(updated - random.integer(0, 3) * MINUTE),
    onhold: statusId === 4,
    inactive: false,
    flagged: random.chance(0.05),
    read: true,
    source: random.integer(0, 3),
    ...PLAIN,
    is_vip: random.chance(0.03),
    idsummary: `${String(id).padStart(7, '0')} ${summary}`,
    guid: random.guid(),
    customfields: ticketFields(random, id),
  };
}

const PLAIN: JsonObject = {
  enduserstatus: 0,
  child_count: 0,
  attachment_count: 0,
  estimate: 0,
  estimatedays: 0,
  excludefromsla: false,
  organisation_id: 1,
  department_id: 1,
  workflow_id: -1,
  workflow_step: -1,
  product_id: -1,
  release_id: -1,
  matched_kb_id: -1,
  merged_into_id: 0,
  use: 'ticket',
  table: 0,
};

/** The two or three actions of a ticket, counted from 1. */
export function seededActions(seed: number, ticket: JsonObject): readonly JsonObject[] {
  const random = Random.of(seed + OF_ACTIONS, Number(ticket['id']));
  const opened = Date.parse(`${String(ticket['dateoccurred'])}Z`);
  return Array.from({ length: random.integer(2, 3) }, (_, index) =>
    action(random, index + 1, ticket, opened + index * 37 * MINUTE),
  );
}

function action(random: Random, id: number, ticket: JsonObject, at: number): JsonObject {
  const first = id === 1;
  const note = first ? String(ticket['details']) : random.pick(SENTENCES);
  return {
    id,
    ticket_id: ticket['id'] ?? 0,
    outcome: first ? 'First User Email' : 'Private Note',
    outcome_id: first ? 1 : 7,
    who: (first ? ticket['user_name'] : ticket['agent_name']) ?? '',
    who_type: first ? 0 : 1,
    who_agentid: first ? 0 : (ticket['agent_id'] ?? 0),
    datetime: haloDate(at),
    actiondatecreated: haloDate(at),
    note,
    note_html: toHtml(note),
    hiddenfromuser: !first,
    important: false,
    timetaken: first ? 0 : random.integer(1, 8) / 4,
    old_status: 1,
    new_status: first ? 1 : (ticket['status_id'] ?? 1),
    attachment_count: 0,
    actisbillable: !first,
    chargerate: 0,
    guid: random.guid(),
  };
}
