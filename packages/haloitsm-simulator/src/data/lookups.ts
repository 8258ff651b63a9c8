import { ASSET_FIELDS, seedFields } from './fields.ts';
import type { JsonObject } from './json.ts';
import type { Random } from './random.ts';
import type { Records } from './records.ts';
import { CATEGORIES, TEAMS } from './words.ts';

export const STATUSES = [
  [1, 'New', '#fcc400'],
  [2, 'In Progress', '#68bc00'],
  [3, 'Action Required', '#fa8072'],
  [4, 'With User', '#b0bc00'],
  [5, 'With Supplier', '#73d8ff'],
  [8, 'Resolved', '#16a5a5'],
  [9, 'Closed', '#808080'],
] as const;
/** A ticket with one of these is not open. 9 is Closed on every default build. */
export const CLOSED_STATUSES: readonly number[] = [8, 9];
export const PRIORITIES = ['Critical', 'High', 'Medium', 'Low'] as const;
export const TICKET_TYPES = ['Incident', 'Service Request', 'Change Request', 'Problem'] as const;
export const ASSET_TYPES = ['Laptop', 'Desktop', 'Monitor', 'Printer', 'Server', 'Phone'] as const;
export const OUTCOMES = [
  [1, 'First User Email', 'Log', '#0b7285'],
  [2, 'Re-Assign', 'Re-Assign', '#fcdc00'],
  [3, 'Email User', 'Email', '#68ccca'],
  [5, 'Resolve', 'Resolve', '#16a5a5'],
  [7, 'Private Note', 'Note', '#fe9200'],
  [9, 'Closed', 'Close', '#808080'],
] as const;
const COLOURS = ['#f44e3b', '#fe9200', '#fcdc00', '#a4dd00'];
const FIXED: JsonObject = {
  fixendofday: false,
  startofday: false,
  workdaysoverride: -1,
  enterslaexcuse: false,
};

/** The lists by which the records of the desk are described. */
export function seedLookups(records: Records, random: Random): void {
  for (const [id, name, colour] of STATUSES) {
    const plain = { id, guid: random.guid(), name, shortname: name, type: 0, sequence: id, colour };
    records.put('Status', { ...plain, slaaction: id === 4 ? 'H' : 'N', showonquickchange: true });
  }
  records.put('Workday', { id: 1, name: 'Office hours', alldayssame: true, timezone: 'Europe/Amsterdam' });
  for (const [index, name] of ['Standard SLA', 'Premium SLA'].entries()) {
    const sla = { id: index + 1, name, workday_id: 1, trackslaresponsetime: true, trackslafixbytime: true };
    records.put('SLA', { ...sla, guid: random.guid() });
    PRIORITIES.forEach((priority, level) => {
      const times = { responsetime: 2 ** level / (index + 1), fixtime: (8 * 2 ** level) / (index + 1) };
      const units = { responseunits: 'H', fixunits: 'H', colour: COLOURS[level] ?? '', ishidden: false };
      const key = { id: random.guid(), slaid: index + 1, priorityid: level + 1, name: priority };
      records.put('Priority', { ...key, ...times, ...units, ...FIXED });
    });
  }
  TICKET_TYPES.forEach((name, index) => {
    const use = { use: 'ticket', sequence: index, group_id: 1, group_name: 'Service Desk', default_sla: 1 };
    const rights = { cancreate: true, agentscanselect: true, enduserscanselect: index < 2, visible: true };
    records.put('TicketType', { id: index + 1, guid: random.guid(), name, ...use, ...rights });
  });
  TEAMS.forEach((name, index) => {
    const place = { sequence: index, department_id: 1, department_name: 'IT', inactive: false };
    const use = { forrequests: true, foropps: false, forprojects: index === 4, ticket_count: 0 };
    records.put('Team', { id: index + 1, guid: random.guid(), name, ...place, ...use });
  });
  for (const [id, outcome, buttonname, colour] of OUTCOMES) {
    const rest = { sequence: id, hidden: false, sendemail: id === 3, hidefromuser: id === 7, newstatus: 0 };
    records.put('Outcome', { id, outcome, buttonname, colour, ...rest });
  }
  CATEGORIES.forEach((value, index) => {
    const levels = value.split('>');
    const rest = { type_id: 1, sla_id: -1, priority_id: -1, category_group_id: 0, guid: random.guid() };
    records.put('Category', { id: index + 1, category_name: levels.at(-1) ?? '', value, ...rest });
  });
  seedAssetTypes(records, random);
  seedFields(records);
}

function seedAssetTypes(records: Records, random: Random): void {
  const group = { assetgroup_id: 1, assetgroup_name: 'Configuration Items' };
  records.put('AssetGroup', { id: 1, guid: random.guid(), name: group.assetgroup_name, sequence: 1 });
  ASSET_TYPES.forEach((name, index) => {
    const id = index + 1;
    const keys = { keyfield_id: 1, keyfield_name: 'Serial number', keyfield2_id: -1, keyfield3_id: -1 };
    const fields = ASSET_FIELDS.map(([field, label, type]) => ({
      field_id: field,
      field_name: label,
      type,
      typeinfo_id: id,
    }));
    records.put('AssetType', { id, guid: random.guid(), name, ...group, use: 0, ...keys, fields });
  });
}
