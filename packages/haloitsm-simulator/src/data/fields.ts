import type { Json, JsonObject } from './json.ts';
import type { Random } from './random.ts';
import type { Records } from './records.ts';

/** Id, name and type letter of the fields of assets: X is text, D a date, C money. */
export const ASSET_FIELDS = [
  [1, 'Serial number', 'X'],
  [2, 'Operating system', 'X'],
  [3, 'Warranty expires', 'D'],
  [4, 'Purchase cost', 'C'],
] as const;

/** Types of custom fields: text, one of a list, a number, a table. */
const [TEXT, CHOICE, NUMBER, TABLE] = [0, 2, 4, 7];
/** Whose custom fields they are, as `usage` says it. */
const [TICKETS, USERS, CLIENTS, COLUMNS] = [1, 2, 3, 4];
const SERVICES = ['Mail', 'Network', 'Files', 'Payroll'];
const SERVICE_LOOKUP = 104;

/** Id, name, label, type and usage. A search finds the texts of those that are searchable. */
const FIELDS: readonly (readonly [number, string, string, number, number, searchable?: boolean])[] = [
  [101, 'CFcostCentre', 'Cost centre', TEXT, TICKETS],
  [102, 'CFthirdPartyRef', 'Third party reference', TEXT, TICKETS, true],
  [103, 'CFfloor', 'Floor', NUMBER, TICKETS],
  [104, 'CFimpactedService', 'Impacted service', CHOICE, TICKETS],
  [105, 'CFequipment', 'Equipment', TABLE, TICKETS],
  [106, 'CFequipmentName', 'Name', TEXT, COLUMNS],
  [107, 'CFequipmentCount', 'Number', NUMBER, COLUMNS],
  [110, 'CFemployeeNumber', 'Employee number', TEXT, USERS, true],
  [120, 'CFcontractTier', 'Contract tier', TEXT, CLIENTS],
];

/** What the desk knows of its fields: asset fields, custom fields with their choices, code tables. */
export function seedFields(records: Records): void {
  for (const [id, name, validate] of ASSET_FIELDS) {
    const rest = { idstring: `${name}=`, datalength: 0, mandatory: false, sequence: id };
    records.put('Field', { id, kind: 'T', name, validate, ...rest });
  }
  for (const [id, name, label, type, usage, searchable = false] of FIELDS) {
    const lookup = type === CHOICE ? SERVICE_LOOKUP : 0;
    const rest = { usage, lookup, searchable, inputtype: 0, mandatory: false, custom: 1 };
    records.put('FieldInfo', { id, name, label, type, ...rest });
  }
  const lookups: Readonly<Record<number, readonly string[]>> = {
    27: ['Company-wide', 'Department', 'One person'],
    28: ['Cannot work', 'Hindered', 'A question'],
    [SERVICE_LOOKUP]: SERVICES,
  };
  for (const [lookupid, names] of Object.entries(lookups)) {
    names.forEach((name, index) => {
      records.put('Lookup', { id: index + 1, lookupid: Number(lookupid), name, sequence: index + 1 });
    });
  }
}

export function customField(id: number, value: Json): JsonObject {
  const [, name = '', label = '', type = TEXT] = FIELDS.find(([one]) => one === id) ?? [];
  return { id, name, label, type, value };
}

/** Tickets share the fields that say the same: nothing ever changes a record in place. */
const shared = new Map<string, JsonObject>();

function sharedField(id: number, key: number | string, make: () => JsonObject): JsonObject {
  const name = `${id} ${key}`;
  const field = shared.get(name) ?? make();
  shared.set(name, field);
  return field;
}

export function ticketFields(random: Random, ticket: number): readonly Json[] {
  const service = random.integer(1, SERVICES.length);
  const name = SERVICES[service - 1] ?? '';
  const [centre, floor] = [random.integer(100, 999), random.integer(0, 12)];
  const fields = [
    sharedField(101, centre, () => customField(101, `CC-${centre}`)),
    sharedField(102, '', () => customField(102, '')),
    sharedField(103, floor, () => customField(103, floor)),
    sharedField(104, service, () => ({ ...customField(104, [{ id: service, name }]), display: name })),
  ];
  if (ticket % 10 === 7) fields.push(customField(105, [equipment(1, 'Dock', 1), equipment(2, 'Screen', 2)]));
  return fields;
}

/** A row of the table field. */
function equipment(id: number, name: string, count: number): JsonObject {
  return { id, customfields: [customField(106, name), customField(107, count)] };
}
