import { NO_DATE } from '../data/dates.ts';
import { toHtml, toText } from '../data/html.ts';
import type { Json, JsonObject } from '../data/json.ts';
import { CLOSED_STATUSES } from '../data/lookups.ts';
import type { Records } from '../data/records.ts';

/** What Halo fills in by itself in a new record. */
export function defaultsOf(resource: string, element: JsonObject, now: string): JsonObject {
  switch (resource.toLowerCase()) {
    case 'tickets':
      return {
        details: '',
        status_id: 1,
        priority_id: 3,
        sla_id: 1,
        tickettype_id: 1,
        agent_id: 1,
        team: '1st Line',
        team_id: 1,
        category_1: '',
        dateoccurred: now,
        datecreated: now,
        lastactiondate: now,
        targetdate: NO_DATE,
        fixbydate: NO_DATE,
        onhold: false,
        inactive: false,
        attachment_count: 0,
        child_count: 0,
        use: 'ticket',
        customfields: [],
      };
    case 'asset':
      return {
        assettype_id: 1,
        client_id: 1,
        site_id: 0,
        inactive: false,
        status_id: 1,
        use: 'asset',
        fields: [],
      };
    case 'actions':
      return {
        who: 'Integration',
        who_type: 1,
        who_agentid: 1,
        datetime: now,
        actiondatecreated: now,
        note: '',
        hiddenfromuser: false,
        important: false,
        timetaken: 0,
        attachment_count: 0,
        guid: crypto.randomUUID(),
      };
    case 'attachment':
      return {
        guid: crypto.randomUUID(),
        datecreated: now,
        type: 0,
        ticket_id: 0,
        action_id: 0,
        isimage: false,
      };
    case 'webhook':
      return {
        type: 0,
        url: '',
        method: 0,
        authentication_type: 0,
        active: true,
        batch_method: 0,
        events: [],
      };
    case 'agent':
      return { isdisabled: false, is_agent: true, use: 'agent' };
    case 'priority':
      return { slaid: element['slaid'] ?? 1, ishidden: false };
    default:
      return { inactive: false };
  }
}

/** Names beside ids, places that follow from people, plain text beside HTML: what a record says twice. */
export function completed(
  resource: string,
  record: JsonObject,
  given: JsonObject,
  records: Records,
): JsonObject {
  const key = resource.toLowerCase();
  const done: Record<string, Json> = { ...record };
  if (key === 'tickets' || key === 'asset' || key === 'users') place(done, given, records);
  if (key === 'site') name(done, 'client_id', 'client_name', 'Client', records);
  if (key === 'site') done['clientsite_name'] = `${String(done['client_name'])}/${String(done['name'])}`;
  if (key === 'asset') name(done, 'assettype_id', 'assettype_name', 'AssetType', records);
  if (key === 'users') fullName(done, given);
  if (key === 'tickets') ticket(done, given, records);
  if (key === 'actions') action(done, given, records);
  if (key === 'attachment') file(done);
  return done;
}

/** A user stands for a site, a site for a client. What is given wins. */
function place(done: Record<string, Json>, given: JsonObject, records: Records): void {
  const isGiven = (field: string) => Number(given[field] ?? 0) > 0;
  const user = isGiven('user_id') ? records.get('Users', String(given['user_id'])) : undefined;
  if (user && !isGiven('site_id')) done['site_id'] = user['site_id'] ?? 0;
  const site = isGiven('site_id') || user ? records.get('Site', String(done['site_id'])) : undefined;
  if (site && !isGiven('client_id')) done['client_id'] = site['client_id'] ?? 0;
  const client = records.get('Client', String(done['client_id'] ?? 1));
  if (isGiven('client_id') && !site) done['site_id'] = client?.['main_site_id'] ?? 0;
  done['client_id'] ??= client?.['id'] ?? 1;
  done['site_id'] ??= client?.['main_site_id'] ?? 0;
  name(done, 'client_id', 'client_name', 'Client', records);
  name(done, 'site_id', 'site_name', 'Site', records);
  if (done['site_id_int'] !== undefined || done['use'] === 'user') done['site_id_int'] = done['site_id'] ?? 0;
}

function name(
  done: Record<string, Json>,
  id: string,
  field: string,
  resource: string,
  records: Records,
  member = 'name',
): void {
  const named = records.get(resource, String(done[id] ?? ''));
  if (named) done[field] = named[member] ?? '';
}

function fullName(done: Record<string, Json>, given: JsonObject): void {
  const parts = [done['firstname'], done['surname']].filter(
    (part) => typeof part === 'string' && part !== '',
  );
  if (given['name'] === undefined && parts.length > 0) done['name'] = parts.join(' ');
  done['use'] ??= 'user';
}

function ticket(done: Record<string, Json>, given: JsonObject, records: Records): void {
  name(done, 'status_id', 'status_name', 'Status', records);
  name(done, 'tickettype_id', 'tickettype_name', 'TicketType', records);
  name(done, 'agent_id', 'agent_name', 'Agent', records);
  name(done, 'user_id', 'user_name', 'Users', records);
  name(done, 'user_id', 'user_email', 'Users', records, 'emailaddress');
  if (typeof given['users_name'] === 'string') done['user_name'] = given['users_name'];
  if (given['team_id'] !== undefined) name(done, 'team_id', 'team', 'Team', records);
  else if (given['team'] !== undefined) {
    const team = records.all('Team').find((one) => one['name'] === given['team']);
    if (team) done['team_id'] = team['id'] ?? 0;
  }
  if (given['details_html'] !== undefined && given['details'] === undefined)
    done['details'] = toText(String(given['details_html']));
  else if (given['details'] !== undefined && given['details_html'] === undefined)
    done['details_html'] = toHtml(String(given['details']));
  const { last_update: updated } = done;
  if (!CLOSED_STATUSES.includes(Number(done['status_id']))) {
    delete done['dateclosed'];
    delete done['datecleared'];
  } else if (done['dateclosed'] === undefined) {
    done['dateclosed'] = updated ?? '';
    done['datecleared'] = updated ?? '';
  }
}

/** The bytes of a file may stand behind the head of a data URL. */
function file(done: Record<string, Json>): void {
  const data = String(done['data_base64'] ?? '').replace(/^data:[^,]*,/, '');
  done['data_base64'] = data;
  done['filesize'] = Buffer.byteLength(data, 'base64');
  done['unique_id'] = done['ticket_id'] ?? 0;
}

function action(done: Record<string, Json>, given: JsonObject, records: Records): void {
  if (given['outcome_id'] !== undefined) name(done, 'outcome_id', 'outcome', 'Outcome', records, 'outcome');
  else {
    const outcome = records.all('Outcome').find((one) => one['outcome'] === given['outcome']);
    if (outcome) done['outcome_id'] = outcome['id'] ?? 0;
  }
  if (given['note_html'] !== undefined && given['note'] === undefined)
    done['note'] = toText(String(given['note_html']));
  else if (given['note'] !== undefined && given['note_html'] === undefined)
    done['note_html'] = toHtml(String(given['note']));
}
