import type { Operation } from '@millrace/haloitsm/catalogue';
import { readDate } from '../data/dates.ts';
import type { JsonObject } from '../data/json.ts';
import { CLOSED_STATUSES } from '../data/lookups.ts';
import type { Query } from '../query.ts';

export type Filter = (row: JsonObject) => boolean;

/** Parameters that hold one id or a comma list of them, and the fields that they mean. */
const IDS: Readonly<Record<string, string>> = {
  status: 'status_id',
  priority: 'priority_id',
  agent: 'agent_id',
  sla: 'sla_id',
  requesttype: 'tickettype_id',
  requesttype_id: 'tickettype_id',
  client_ids: 'client_id',
  ticketids: 'id',
  assettypes: 'assettype_id',
  assettype: 'assettype_id',
  sites: 'site_id',
  lookupid: 'lookupid',
  slaid: 'slaid',
  kind: 'kind',
};
// Agents, categories and the like have no such field: there the parameter narrows by rights, which all have here.
const OWN_IDS =
  /^(?:client|site|user|agent|ticket|action|asset|assettype|team|status|tickettype|parent|supplier|contract|item|toplevel)_id$/;
/** A search looks through these. */
const SEARCHED = ['id', 'summary', 'name', 'inventory_number', 'key_field', 'emailaddress', 'user_name'];
const SEARCHES: Readonly<Record<string, string>> = {
  search_summary: 'summary',
  search_details: 'details',
  search_user_name: 'user_name',
  search_reportedby: 'reportedby',
  search_id: 'id',
  search_inventory_number: 'inventory_number',
};
/** The parameter says `dateoccured`, the field is `dateoccurred`; both are understood. */
const DATE_FIELDS: Readonly<Record<string, string>> = { dateoccured: 'dateoccurred' };
/** The date that `startdate` and `enddate` mean where `datesearch` names none. */
const DEFAULT_DATES: Readonly<Record<string, string>> = { tickets: 'dateoccurred', actions: 'datetime' };
const HAVE_INACTIVE = ['users', 'client', 'site', 'asset', 'kbarticle', 'supplier', 'item', 'team'];

/** Conditions that the query sets for the rows of a list, or the name of the parameter that cannot be read. */
export function filtersOf(operation: Operation, query: Query): readonly Filter[] | string {
  const resource = operation.path.toLowerCase();
  const dates = dateFilters(resource, query);
  if (typeof dates === 'string') return dates;
  return [...stateFilters(resource, query), ...idFilters(operation, query), ...searches(query), ...dates];
}

function stateFilters(resource: string, query: Query): Filter[] {
  const filters: Filter[] = [];
  const isClosed: Filter = (row) => CLOSED_STATUSES.includes(Number(row['status_id']));
  if (resource === 'tickets') {
    const deleted = query.flag('deleted');
    filters.push((row) => (row['deleted'] === true) === deleted);
    if (query.flag('open_only')) filters.push((row) => !isClosed(row));
    if (query.flag('closed_only')) filters.push(isClosed);
    if (query.flag('mine')) filters.push((row) => row['agent_id'] === 1);
    if (query.has('excludethese'))
      filters.push((row) => !query.list('excludethese').includes(String(row['id'])));
    // Opportunities and projects are tickets elsewhere; here they are resources of their own.
    if (['opps', 'prjs'].includes(query.text('domain') ?? '')) filters.push(() => false);
  }
  if (resource === 'actions') {
    if (query.flag('excludeprivate')) filters.push((row) => row['hiddenfromuser'] !== true);
    if (query.flag('agentonly')) filters.push((row) => row['who_type'] === 1);
  }
  if (HAVE_INACTIVE.includes(resource)) {
    if (!query.flag('includeinactive') && !query.flag('showall'))
      filters.push((row) => row['inactive'] !== true);
    if (query.denies('includeactive')) filters.push((row) => row['inactive'] === true);
  }
  if (resource === 'agent' && !query.flag('includedisabled') && !query.flag('showall'))
    filters.push((row) => row['isdisabled'] !== true);
  return filters;
}

function idFilters(operation: Operation, query: Query): Filter[] {
  const knows = new Set(operation.query.map((parameter) => parameter.name.toLowerCase()));
  const filters: Filter[] = [];
  for (const [name] of query.entries()) {
    const field = knows.has(name) ? (IDS[name] ?? (OWN_IDS.test(name) ? name : undefined)) : undefined;
    const wanted = new Set(query.list(name));
    // An agent's row has no client_id: a condition that no row can meet is none.
    if (field === undefined || wanted.size === 0 || operation.path === 'Agent') continue;
    filters.push((row) => wanted.has(String(row[field])));
  }
  return filters;
}

function searches(query: Query): Filter[] {
  const holds = (row: JsonObject, field: string, text: string) =>
    String(row[field] ?? '')
      .toLowerCase()
      .includes(text);
  const filters: Filter[] = [];
  const anywhere = query.text('search')?.toLowerCase();
  if (anywhere !== undefined) filters.push((row) => SEARCHED.some((field) => holds(row, field, anywhere)));
  for (const [name, field] of Object.entries(SEARCHES)) {
    const wanted = query.text(name)?.toLowerCase();
    if (wanted !== undefined) filters.push((row) => holds(row, field, wanted));
  }
  return filters;
}

function dateFilters(resource: string, query: Query): Filter[] | string {
  const updated = resource === 'tickets' ? 'last_update' : 'last_modified';
  const asked = query.text('datesearch') ?? DEFAULT_DATES[resource];
  const limits: [parameter: string, field: string | undefined, sign: 1 | -1][] = [
    ['lastupdatefromdate', updated, 1],
    ['lastupdatetodate', updated, -1],
    ['startdate', asked && (DATE_FIELDS[asked] ?? asked), 1],
    ['enddate', asked && (DATE_FIELDS[asked] ?? asked), -1],
    ['start_date', resource === 'appointment' ? 'start_date' : undefined, 1],
    ['end_date', resource === 'appointment' ? 'start_date' : undefined, -1],
  ];
  const filters: Filter[] = [];
  for (const [parameter, field, sign] of limits) {
    const given = query.text(parameter);
    if (given === undefined || field === undefined) continue;
    const date = readDate(given);
    if (date === undefined) return parameter;
    filters.push((row) => {
      const value = row[field];
      if (typeof value !== 'string') return false;
      return sign > 0 ? value >= date : value <= date;
    });
  }
  return filters;
}
