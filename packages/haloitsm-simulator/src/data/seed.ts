import type { Json, JsonObject } from './json.ts';
import { Random } from './random.ts';
import type { Records } from './records.ts';
import {
  CATEGORIES,
  COMPANIES,
  COMPANY_KINDS,
  FIRST_NAMES,
  LAST_NAMES,
  SENTENCES,
  TEAMS,
  THINGS,
  TOWNS,
  TROUBLES,
} from './words.ts';

/** The day on which the seeded service desk stands still: the same seed gives the same bytes on every day. */
const BASE = Date.UTC(2026, 5, 30, 16, 0, 0);
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** How Halo says that a date is not set. */
const NO_DATE = '1900-01-01T00:00:00';

/** ISO 8601 without zone, UTC, with as many digits of the second as there are. */
export function haloDate(time: number): string {
  return new Date(time).toISOString().replace(/\.?0*Z$/, '');
}

const STATUSES = [
  [1, 'New', '#fcc400', 0],
  [2, 'In Progress', '#68bc00', 0],
  [3, 'Action Required', '#fa8072', 0],
  [4, 'With User', '#b0bc00', 0],
  [5, 'With Supplier', '#73d8ff', 0],
  [8, 'Resolved', '#16a5a5', 1],
  [9, 'Closed', '#808080', 1],
] as const;
export const CLOSED_STATUSES: readonly number[] = [8, 9];
const PRIORITIES = ['Critical', 'High', 'Medium', 'Low'] as const;
const TICKET_TYPES = ['Incident', 'Service Request', 'Change Request', 'Problem'] as const;

/** Fills the records with a service desk: people and their companies first, then so many tickets. */
export function seed(records: Records, tickets: number, seedNumber: number): void {
  const random = new Random(seedNumber);
  seedLookups(records, random);
  seedAgents(records, random);
  seedCustomers(records, random);
  seedAssets(records, random);
  seedArticles(records, random);
  seedTickets(records, random, tickets);
}

function seedLookups(records: Records, random: Random): void {
  for (const [id, name, colour, type] of STATUSES) {
    records.add('Status', { id, name, shortname: name, type, sequence: id, colour });
  }
  PRIORITIES.forEach((name, index) => {
    const priority = { slaid: 1, priorityid: index + 1, name, ishidden: false, responsetime: 2 ** index };
    records.add('Priority', { id: random.guid(), ...priority, fixtime: 8 * 2 ** index });
  });
  TICKET_TYPES.forEach((name, index) => {
    records.add('TicketType', { id: index + 1, name, use: 'ticket', sequence: index, guid: random.guid() });
  });
  TEAMS.forEach((name, index) => {
    records.add('Team', { id: index + 1, name, sequence: index, department_id: 1, inactive: false });
  });
  records.add('AssetType', { id: 1, name: 'Laptop', fiendlyname: 'Laptop', keyfield_id: 1 });
}

function seedAgents(records: Records, random: Random): void {
  for (let id = 1; id <= 12; id++) {
    const [firstname, surname] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)];
    const name = `${firstname} ${surname}`;
    const team = random.pick(TEAMS);
    records.add('Agent', {
      id,
      name,
      firstname,
      initials: firstname.slice(0, 1) + surname.slice(0, 1),
      email: `agent${id}@desk.example`,
      team,
      isdisabled: false,
      is_agent: true,
      colour: `#${random.hex(6)}`,
      jobtitle: 'Service Desk Analyst',
    });
  }
}

function seedCustomers(records: Records, random: Random): void {
  let siteId = 0;
  let userId = 0;
  COMPANIES.forEach((company, index) => {
    const clientId = index + 1;
    const name = `${company} ${random.pick(COMPANY_KINDS)}`;
    records.add('Client', {
      id: clientId,
      name,
      toplevel_id: 1,
      toplevel_name: 'Customers',
      inactive: false,
      ref: random.hex(6),
      colour: `#${random.hex(6)}`,
      is_vip: random.chance(0.1),
      main_site_id: siteId + 1,
    });
    const domain = `${company.toLowerCase().replace(/[^a-z]+/g, '-')}.example`;
    for (const town of pickSome(random, TOWNS, random.integer(1, 3))) {
      siteId++;
      records.add('Site', {
        id: siteId,
        name: town,
        client_id: clientId,
        client_name: name,
        clientsite_name: `${name}/${town}`,
        inactive: false,
        isinvoicesite: siteId % 2 === 1,
        timezone: '',
      });
      for (let n = random.integer(3, 8); n > 0; n--) {
        userId++;
        const [firstname, surname] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)];
        records.add('Users', {
          id: userId,
          name: `${firstname} ${surname}`,
          firstname,
          surname,
          initials: firstname.slice(0, 1) + surname.slice(0, 1),
          emailaddress: `${firstname}.${surname}${userId}@${domain}`
            .toLowerCase()
            .replace(/[^a-z0-9.@-]/g, ''),
          phonenumber: `+31 30 ${random.integer(1000000, 9999999)}`,
          site_id: siteId,
          site_id_int: siteId,
          site_name: town,
          client_id: clientId,
          client_name: name,
          inactive: random.chance(0.05),
          isimportantcontact: random.chance(0.05),
          connectwiseid: -1,
          autotaskid: -1,
          use: 'user',
        });
      }
    }
  });
}

function pickSome<T>(random: Random, members: readonly T[], count: number): readonly T[] {
  const rest = [...members];
  return Array.from({ length: count }, () => rest.splice(random.integer(0, rest.length - 1), 1)).flat();
}

function seedAssets(records: Records, random: Random): void {
  const sites = records.all('Site');
  for (let id = 1; id <= 60; id++) {
    const site = random.pick(sites);
    records.add('Asset', {
      id,
      inventory_number: `PC-${String(id).padStart(5, '0')}`,
      key_field: `Laptop ${random.hex(4)}`,
      assettype_id: 1,
      assettype_name: 'Laptop',
      client_id: site['client_id'] ?? 1,
      client_name: site['client_name'] ?? '',
      site_id: site['id'] ?? 1,
      site_name: site['name'] ?? '',
      inactive: false,
      status_id: 1,
      fields: [{ id: 1, name: 'Serial number', value: random.hex(10).toUpperCase() }],
    });
  }
}

function seedArticles(records: Records, random: Random): void {
  for (let id = 1; id <= 25; id++) {
    const thing = random.pick(THINGS);
    records.add('KBArticle', {
      id,
      name: `What to do when the ${thing.toLowerCase()} fails`,
      description: random.pick(SENTENCES),
      resolution: random.pick(SENTENCES),
      inactive: false,
      date_created: haloDate(BASE - id * DAY),
      date_edited: haloDate(BASE - id * DAY),
    });
  }
}

function paragraphs(random: Random, count: number): string {
  return Array.from({ length: count }, () => {
    const sentences = Array.from({ length: random.integer(2, 4) }, () => random.pick(SENTENCES));
    return sentences.join(' ');
  }).join('\n\n');
}

function toHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  return escaped
    .split('\n\n')
    .map((part) => `<p style="margin:0 0 8px 0">${part}</p>`)
    .join('');
}

function seedTickets(records: Records, random: Random, count: number): void {
  const users = records.all('Users');
  const agents = records.all('Agent');
  for (let id = 1; id <= count; id++) {
    const ticket = makeTicket(random, id, count, random.pick(users), random.pick(agents));
    records.add('Tickets', ticket);
    if (id <= 2000) seedActions(records, random, id, Date.parse(`${ticket['dateoccurred']}Z`));
  }
}

function makeTicket(
  random: Random,
  id: number,
  count: number,
  user: JsonObject,
  agent: JsonObject,
): JsonObject {
  // Older tickets have lower ids, as in a real desk; the newest is an hour old.
  const opened =
    BASE -
    60 * MINUTE -
    Math.round(((count - id) / Math.max(count, 1)) * 365 * DAY) -
    random.integer(0, 30_000);
  const closed = random.chance(0.25);
  const [statusId, statusName] = random.pick(
    STATUSES.filter(([status]) => CLOSED_STATUSES.includes(status) === closed),
  );
  const updated = Math.min(opened + random.integer(1, 20 * 1440) * MINUTE + random.integer(0, 59_999), BASE);
  const priority = random.integer(1, 4);
  const team = random.integer(1, TEAMS.length);
  const type = random.integer(1, 4);
  const text = paragraphs(random, random.integer(2, 3));
  return {
    id,
    summary: `${random.pick(THINGS)} ${random.pick(TROUBLES)}`,
    details: text,
    details_html: toHtml(text),
    tickettype_id: type,
    tickettype_name: TICKET_TYPES[type - 1] ?? '',
    status_id: statusId,
    status_name: statusName,
    priority_id: priority,
    priority: {
      priorityid: priority,
      name: PRIORITIES[priority - 1] ?? '',
      responsetime: 2 ** (priority - 1),
    },
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
    team: TEAMS[team - 1] ?? '',
    team_id: team,
    category_1: random.pick(CATEGORIES),
    impact: random.integer(1, 3),
    urgency: random.integer(1, 3),
    dateoccurred: haloDate(opened),
    datecreated: haloDate(opened),
    respondbydate: haloDate(opened + 2 ** priority * 60 * MINUTE),
    responsedate: haloDate(opened + random.integer(1, 240) * MINUTE),
    fixbydate: haloDate(opened + 2 ** priority * 480 * MINUTE),
    targetdate: NO_DATE,
    deadlinedate: NO_DATE,
    ...(closed && { dateclosed: haloDate(updated), datecleared: haloDate(updated) }),
    last_update: haloDate(updated),
    lastactiondate: haloDate(updated - random.integer(0, 3) * MINUTE),
    onhold: false,
    inactive: false,
    flagged: random.chance(0.05),
    read: true,
    source: random.integer(0, 3),
    child_count: 0,
    attachment_count: random.integer(0, 2),
    estimate: 0,
    estimatedays: 0,
    excludefromsla: false,
    is_vip: random.chance(0.03),
    organisation_id: 1,
    department_id: 1,
    workflow_id: -1,
    workflow_step: -1,
    product_id: -1,
    release_id: -1,
    matched_kb_id: -1,
    guid: random.guid(),
    use: 'ticket',
    table: 0,
    customfields: [
      {
        id: 101,
        name: 'CFcostCentre',
        label: 'Cost centre',
        type: 0,
        value: `CC-${random.integer(100, 999)}`,
      },
      { id: 102, name: 'CFthirdPartyRef', label: 'Third party reference', type: 0, value: '' },
      { id: 103, name: 'CFfloor', label: 'Floor', type: 4, value: random.integer(0, 12) },
    ] as readonly Json[],
  };
}

function seedActions(records: Records, random: Random, ticketId: number, opened: number): void {
  for (let id = 1; id <= random.integer(1, 3); id++) {
    const time = haloDate(opened + id * 37 * MINUTE);
    const note = random.pick(SENTENCES);
    records.add('Actions', {
      id,
      ticket_id: ticketId,
      outcome: id === 1 ? 'First User Email' : 'Private Note',
      outcome_id: id === 1 ? 1 : 7,
      who: random.pick(FIRST_NAMES),
      who_type: 1,
      datetime: time,
      last_updated: time,
      note,
      note_html: toHtml(note),
      hiddenfromuser: id > 1,
      timetaken: 0,
    });
  }
}
