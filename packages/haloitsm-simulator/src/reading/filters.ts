import type { Operation } from '@millrace/haloitsm/catalogue';
import { readDate } from '../data/dates.ts';
import { CLOSED_STATUSES } from '../data/lookups.ts';
import type { Query } from '../query.ts';
import type { Filter } from './filter.ts';
import { type SearchContext, searches } from './searching.ts';

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
  assets: 'id',
  assetstatuses: 'status_id',
  assettypes: 'assettype_id',
  assettype: 'assettype_id',
  assetgroups: 'assetgroup_id',
  sites: 'site_id',
  outcome_id: 'outcome_id',
  actoutcomenum: 'outcome_id',
  lookupid: 'lookupid',
  slaid: 'slaid',
  kind: 'kind',
  // Texts that are found whole: somebody's own references among them.
  inventory_number: 'inventory_number',
  category_1: 'category_1',
  category_2: 'category_2',
  category_3: 'category_3',
  category_4: 'category_4',
  team_name: 'team',
  third_party_id: 'third_party_id',
  third_party_secondary_id: 'third_party_secondary_id',
  third_party_type: 'third_party_type',
  third_party_desc: 'third_party_desc',
  halo_id: 'halo_id',
  module_id: 'module_id',
  table_id: 'table_id',
  details_id: 'details_id',
  webhook_id: 'webhook_id',
};
/** These mean the field of their own name only where the resource has it: elsewhere they narrow by rights. */
const OWN_TYPES = ['webhook', 'notification', 'attachment', 'kbarticle'];
// Agents, categories and the like have no such field: there the parameter narrows by rights, which all have here.
const OWN_IDS =
  /^(?:client|site|user|agent|ticket|action|asset|assettype|assetgroup|team|status|tickettype|parent|supplier|contract|item|toplevel)_id$/;
/** The parameter says `dateoccured`, the field is `dateoccurred`; both are understood. */
const DATE_FIELDS: Readonly<Record<string, string>> = { dateoccured: 'dateoccurred' };
/** The date that `startdate` and `enddate` mean where `datesearch` names none. */
const DEFAULT_DATES: Readonly<Record<string, string>> = { tickets: 'dateoccurred', actions: 'datetime' };
const HAVE_INACTIVE = ['users', 'client', 'site', 'asset', 'kbarticle', 'supplier', 'item', 'team'];

/** Conditions that the query sets for the rows of a list, or the name of the parameter that cannot be read. */
export function filtersOf(
  operation: Operation,
  query: Query,
  context: SearchContext,
): readonly Filter[] | string {
  const resource = operation.path.toLowerCase();
  const dates = dateFilters(resource, query);
  if (typeof dates === 'string') return dates;
  return [
    ...stateFilters(resource, query),
    ...idFilters(operation, query),
    ...searches(resource, query, context),
    ...dates,
  ];
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
    // Opportunities and projects are tickets elsewhere; here they are resources of their own.
    if (['opps', 'prjs'].includes(query.text('domain') ?? '')) filters.push(() => false);
  }
  if (resource === 'actions') {
    if (query.flag('excludeprivate')) filters.push((row) => row['hiddenfromuser'] !== true);
    if (query.flag('agentonly')) filters.push((row) => row['who_type'] === 1);
  }
  const excluded = new Set(query.list('excludethese'));
  if (excluded.size > 0) filters.push((row) => !excluded.has(String(row['id'])));
  if (HAVE_INACTIVE.includes(resource)) {
    if (!query.flag('includeinactive') && !query.flag('showall'))
      filters.push((row) => row['inactive'] !== true);
    if (query.denies('includeactive')) filters.push((row) => row['inactive'] === true);
  }
  if (resource === 'agent' && !query.flag('includedisabled') && !query.flag('showall'))
    filters.push((row) => row['isdisabled'] !== true);
  return filters;
}

const parameters = new WeakMap<Operation, ReadonlySet<string>>();

/** The names of the parameters that an operation takes, in lower case. */
function parametersOf(operation: Operation): ReadonlySet<string> {
  let names = parameters.get(operation);
  if (!names) {
    names = new Set(operation.query.map((parameter) => parameter.name.toLowerCase()));
    parameters.set(operation, names);
  }
  return names;
}

function idFilters(operation: Operation, query: Query): Filter[] {
  const knows = parametersOf(operation);
  const resource = operation.path.toLowerCase();
  const filters: Filter[] = [];
  for (const [name] of query.entries()) {
    const field = knows.has(name) ? fieldOf(resource, name) : undefined;
    const wanted = new Set(query.list(name));
    // An agent's row has no client_id: a condition that no row can meet is none.
    if (field === undefined || wanted.size === 0 || operation.path === 'Agent') continue;
    filters.push((row) => wanted.has(String(row[field])));
  }
  if (resource === 'tickets') filters.push(...teamFilter(query));
  return filters;
}

function fieldOf(resource: string, parameter: string): string | undefined {
  if (parameter === 'type') return OWN_TYPES.includes(resource) ? parameter : undefined;
  return IDS[parameter] ?? (OWN_IDS.test(parameter) ? parameter : undefined);
}

/** `team` holds ids of teams, or names. */
function teamFilter(query: Query): Filter[] {
  const wanted = new Set(query.list('team'));
  return wanted.size === 0
    ? []
    : [(row) => wanted.has(String(row['team_id'])) || wanted.has(String(row['team']))];
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
