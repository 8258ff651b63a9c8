import { type Answer, empty, exception, sentence } from '../answer.ts';
import type { Json, JsonObject } from '../data/json.ts';
import type { Records } from '../data/records.ts';
import type { Quirks } from '../quirks.ts';

type Sentence = (message: string) => Answer;

/** What a new record must have; the sentence is the answer where it has not. */
const REQUIRED: Readonly<Record<string, readonly (readonly [fields: string, Sentence, message: string])[]>> =
  {
    tickets: [['summary', exception, 'Please enter a Summary.']],
    client: [['name', exception, 'Please enter a Name.']],
    site: [
      ['name', exception, 'Please enter a Name.'],
      ['client_id', exception, 'Please select a Client.'],
    ],
    users: [['name firstname surname', exception, 'Please enter a Name.']],
    agent: [['name', exception, 'Please enter a Name.']],
    kbarticle: [['name', exception, 'Please enter a Name.']],
    actions: [
      ['ticket_id', exception, 'Please select a Ticket.'],
      ['outcome outcome_id', exception, 'Please select an Outcome.'],
    ],
    attachment: [['filename', exception, 'Please enter a File Name.']],
    sla: [['priorities', sentence, 'Priority Description must not be blank']],
    certificate: [['password', exception, 'Password is mandatory']],
    timesheetevent: [
      [
        'event_type',
        exception,
        "A database error occurred (515) - Cannot insert the value NULL into column 'TSEeventid', table 'TimesheetEvent'; column does not allow nulls. INSERT fails..",
      ],
    ],
  };

/** Fields that name a record of another resource, on create and on update. */
const REFERENCES: Readonly<Record<string, string>> = {
  client_id: 'Client',
  site_id: 'Site',
  user_id: 'Users',
  agent_id: 'Agent',
  assettype_id: 'AssetType',
  tickettype_id: 'TicketType',
};

/** Refusals that a live instance answered to these resources, whatever was sent. */
const NEVER: Readonly<Record<string, Answer>> = {
  fieldinfo: sentence('No matching custom table'),
  crmnotereply: empty(401),
};

export function isNew(id: Json | undefined): boolean {
  return id === undefined || id === null || id === 0 || id === '0' || id === '';
}

/** The answer to an element that the application does not take. */
export function refusalOf(
  resource: string,
  element: JsonObject,
  before: JsonObject | undefined,
  records: Records,
  quirks: Quirks,
): Answer | undefined {
  const key = resource.toLowerCase();
  const never = NEVER[key];
  if (never) return never;
  // Nobody has published what Halo says here. An update that made a new record would hide the mistake.
  if (!isNew(element['id']) && !before && quirks.has('unknown-id-404')) return empty(404);
  if (before) {
    if (key === 'itemstock') return sentence('These records cannot be edited. Only new records can be added');
    if (key === 'workflow' && !element['steps'])
      return exception('Please select a Start Step for this Workflow.');
  } else if (element['_isimport'] !== true && element['_novalidate'] !== true) {
    for (const [fields, refuse, message] of REQUIRED[key] ?? []) {
      if (fields.startsWith('outcome') && !quirks.has('outcome-needed')) continue;
      if (fields.split(' ').every((field) => isBlank(element[field]))) return refuse(message);
    }
  }
  return danglingReference(key, element, records);
}

function danglingReference(key: string, element: JsonObject, records: Records): Answer | undefined {
  for (const [field, target] of Object.entries(REFERENCES)) {
    const value = Number(element[field] ?? 0);
    if (value > 0 && target.toLowerCase() !== key && !records.get(target, String(value)))
      return exception(`The ${target} with id ${value} does not exist.`);
  }
  const ticket = element['ticket_id'];
  const names = key === 'actions' || (key === 'attachment' && !isBlank(ticket));
  if (names && !records.get('Tickets', String(Number(ticket ?? 0))))
    return exception(`Ticket ${String(ticket ?? 0)} does not exist.`);
  return undefined;
}

function isBlank(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '' || value === 0;
}

/** Resources that name others, looked through before one of those is deleted. */
const REFERRED_BY: Readonly<Record<string, readonly (readonly [resource: string, field: string])[]>> = {
  client: [
    ['Tickets', 'client_id'],
    ['Asset', 'client_id'],
  ],
  site: [
    ['Users', 'site_id'],
    ['Tickets', 'site_id'],
  ],
  users: [['Tickets', 'user_id']],
  agent: [['Tickets', 'agent_id']],
  team: [['Tickets', 'team_id']],
  status: [['Tickets', 'status_id']],
  tickettype: [['Tickets', 'tickettype_id']],
  assettype: [['Asset', 'assettype_id']],
};

/** Why a record cannot be deleted: others name it. */
export function linkedTo(resource: string, record: JsonObject, records: Records): Answer | undefined {
  const key = resource.toLowerCase();
  const links = (other: string, field: string, value: Json | undefined) =>
    records.all(other).some((row) => row[field] === value && row['deleted'] !== true);
  const priority = key === 'priority' && linksOfPriority(record, records);
  const found = (REFERRED_BY[key] ?? []).find(([other, field]) => links(other, field, record['id']));
  if (!found && !priority) return undefined;
  const [other, name] = [found?.[0] ?? 'Tickets', String(record['name'] ?? record['id'])];
  const what = key === 'users' ? 'User' : resource;
  return sentence(
    `${what} '${name}' has ${other} linked to it. Please give these ${other.toLowerCase()} another ${what} before deleting or mark the ${what} as inactive.`,
  );
}

/** A ticket names a priority by the SLA and the number in it, not by the GUID. */
function linksOfPriority(priority: JsonObject, records: Records): boolean {
  const { slaid, priorityid } = priority;
  return records.all('Tickets').some((row) => row['sla_id'] === slaid && row['priority_id'] === priorityid);
}
