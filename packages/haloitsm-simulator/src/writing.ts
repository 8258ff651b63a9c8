import type { Operation } from '@millrace/haloitsm/catalogue';
import { type Answer, empty, json } from './answer.ts';
import { isObject, type Json, type JsonObject } from './data/json.ts';
import { keyOf, type Records } from './data/records.ts';
import { CLOSED_STATUSES, haloDate } from './data/seed.ts';

/** What a new record must have; the sentence is the answer where it has not. */
const REQUIRED: Readonly<Record<string, readonly (readonly [field: string, sentence: string])[]>> = {
  tickets: [['summary', 'Please enter a Summary.']],
  client: [['name', 'Please enter a Name.']],
  site: [
    ['name', 'Please enter a Name.'],
    ['client_id', 'Please select a Client.'],
  ],
  users: [['name', 'Please enter a Name.']],
  agent: [['name', 'Please enter a Name.']],
  actions: [['ticket_id', 'Please select a Ticket.']],
  sla: [['name', 'Priority Description must not be blank']],
  certificate: [['password', 'Password is mandatory']],
};
/** Fields that name a record of another resource. */
const REFERENCES: Readonly<Record<string, string>> = {
  client_id: 'Client',
  site_id: 'Site',
  user_id: 'Users',
  agent_id: 'Agent',
  assettype_id: 'AssetType',
  tickettype_id: 'TicketType',
};
const INTEGERS = /(?:^|_)id$|^(?:impact|urgency|source)$/;
/** Resources that name others, looked through before one is deleted. */
const REFERRED_BY: Readonly<
  Record<string, readonly (readonly [resource: string, field: string, sentence: string])[]>
> = {
  client: [
    [
      'Tickets',
      'client_id',
      'This Client has Tickets linked to it. Please delete them first or mark the Client as inactive.',
    ],
  ],
  status: [
    [
      'Tickets',
      'status_id',
      'This Status has Tickets linked to it. Please give these tickets another Status before deleting.',
    ],
  ],
  site: [['Users', 'site_id', 'This Site has Users linked to it.']],
};
/** Flags that steer a write and are not part of the record. */
const isFlag = (name: string) => name.startsWith('_') || name === 'dont_do_rules';

/** POST and DELETE, as the real API does them. */
export class Writing {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** Creates without an id (or with 0), updates with one: only the fields that are given. */
  post(operation: Operation, resource: string, body: Json, text: string, query: URLSearchParams): Answer {
    const list = Array.isArray(body) ? (body as readonly Json[]) : undefined;
    if (operation.body === 'array' && !list) {
      return json(400, {
        '': [
          `Cannot deserialize the current JSON object into type 'System.Collections.Generic.List' because the type requires a JSON array. Path '', line 1, position 1.`,
        ],
      });
    }
    const elements = list ?? [body];
    if (elements.length === 0) return json(400, 'Nothing to save');
    const invalid = elements.flatMap((element, index) => this.#typeErrors(element, index, text));
    if (invalid.length > 0) return json(400, Object.fromEntries(invalid));
    const refusal = elements
      .map((element) => this.#refusal(resource, element as JsonObject))
      .find((one) => one !== undefined);
    if (refusal) return refusal;
    const saved = elements.map((element) => this.#save(resource, element as JsonObject));
    // Several elements answer with the last of them alone, unless asked otherwise.
    const answer = query.get('returnall') === 'true' ? saved : (saved.at(-1) ?? null);
    return json(201, answer);
  }

  remove(resource: string, id: string, query: URLSearchParams): Answer {
    const demanded = {
      field: ['kind', 'Field kind must be specified'],
      lookup: ['lookupid', 'lookupid must be specified'],
    }[resource.toLowerCase()];
    if (demanded && !query.get(demanded[0] ?? '')) return json(400, demanded[1] ?? '');
    if (resource.toLowerCase() === 'actions' && !query.get('ticket_id'))
      return json(400, 'Parameter ticket_id must be included');
    const key = resource.toLowerCase() === 'actions' ? `${query.get('ticket_id')}/${id}` : id;
    if (!this.#records.hasGuidIds(resource) && !/^-?\d+$/.test(id))
      return json(400, { id: [`The value '${id}' is not valid.`] });
    const record = this.#records.get(resource, key);
    if (!record || record['deleted'] === true) return empty(404);
    for (const [other, field, sentence] of REFERRED_BY[resource.toLowerCase()] ?? []) {
      if (this.#records.all(other).some((row) => String(row[field]) === id && row['deleted'] !== true))
        return json(400, sentence);
    }
    if (resource.toLowerCase() === 'tickets')
      this.#records.add(resource, { ...record, deleted: true, delete_reason: query.get('reason') ?? '' });
    else this.#records.remove(resource, key);
    return json(200, record);
  }

  /** A sub-operation, such as Invoice/{id}/void: it leaves a mark on the record. */
  act(resource: string, id: string, action: string, body: Json): Answer {
    const record = this.#records.get(resource, id);
    if (!record) return empty(404);
    const done = { ...record, [`_${action.toLowerCase()}`]: true, ...(isObject(body) && body) };
    this.#records.add(resource, done);
    return json(201, done);
  }

  #typeErrors(element: Json, index: number, text: string): [string, string[]][] {
    if (!isObject(element))
      return [[`[${index}]`, [`Error converting value. Path '[${index}]', line 1, position 2.`]]];
    return Object.entries(element).flatMap(([name, value]): [string, string[]][] => {
      if (!INTEGERS.test(name) || isInteger(value)) return [];
      const path = `[${index}].${name}`;
      const position =
        Math.max(0, text.indexOf(`"${name}"`)) + name.length + 3 + JSON.stringify(value).length;
      const shown = typeof value === 'object' ? 'Newtonsoft.Json.Linq' : String(value);
      return [
        [
          path,
          [`Could not convert string to integer: ${shown}. Path '${path}', line 1, position ${position}.`],
        ],
      ];
    });
  }

  #refusal(resource: string, element: JsonObject): Answer | undefined {
    const id = element['id'];
    if (isNew(id)) {
      for (const [field, sentence] of REQUIRED[resource.toLowerCase()] ?? []) {
        const value = element[field];
        if (value === undefined || value === null || value === '')
          return sentence.includes('Please') ? exception(sentence) : json(400, sentence);
      }
      if (resource.toLowerCase() === 'actions' && !element['outcome'] && !element['outcome_id'])
        return exception('Please select an Outcome.');
    } else if (!this.#records.get(resource, keyOf(resource, element))) return empty(404);
    for (const [field, target] of Object.entries(REFERENCES)) {
      const value = element[field];
      if (
        value === undefined ||
        value === null ||
        Number(value) <= 0 ||
        target.toLowerCase() === resource.toLowerCase()
      )
        continue;
      if (!this.#records.get(target, String(Number(value))))
        return exception(`The ${target} with id ${String(value)} does not exist.`);
    }
    const ticket = element['ticket_id'];
    if (resource.toLowerCase() === 'actions' && !this.#records.get('Tickets', String(ticket)))
      return exception(`Ticket ${String(ticket)} does not exist.`);
    return undefined;
  }

  #save(resource: string, element: JsonObject): JsonObject {
    const fields = Object.fromEntries(
      Object.entries(element).filter(([name, value]) => !isFlag(name) && value !== null),
    );
    const before = isNew(element['id']) ? undefined : this.#records.get(resource, keyOf(resource, element));
    const now = haloDate(Date.now());
    const created = before ?? this.#defaults(resource, element, now);
    const { customfields, ...plain } = fields;
    const record: JsonObject = {
      ...created,
      ...plain,
      id: before ? (before['id'] ?? null) : this.#records.nextId(resource, element),
      ...(Array.isArray(customfields) && {
        customfields: mergeFields(created['customfields'], customfields),
      }),
      ...(element['_recover'] === true && { deleted: false }),
      ...(resource.toLowerCase() === 'tickets' && {
        last_update: now,
        ...(CLOSED_STATUSES.includes(Number(fields['status_id'])) && { dateclosed: now }),
      }),
    };
    this.#records.add(resource, record);
    return record;
  }

  /** What Halo fills in by itself. */
  #defaults(resource: string, element: JsonObject, now: string): JsonObject {
    const client = this.#records.get('Client', String(element['client_id']));
    const named: JsonObject = client ? { client_name: client['name'] ?? '' } : {};
    switch (resource.toLowerCase()) {
      case 'tickets':
        return {
          ...named,
          details: '',
          status_id: 1,
          status_name: 'New',
          priority_id: 3,
          tickettype_id: 1,
          client_id: 1,
          site_id: 1,
          dateoccurred: now,
          datecreated: now,
          lastactiondate: now,
          use: 'ticket',
          customfields: [],
        };
      case 'asset':
        return { ...named, assettype_id: 1, inactive: false, status_id: 1, datecreated: now, fields: [] };
      case 'actions':
        return { datetime: now, note: '', hiddenfromuser: false };
      default:
        return { ...named, inactive: false };
    }
  }
}

function isNew(id: Json | undefined): boolean {
  return id === undefined || id === null || id === 0 || id === '0' || id === '';
}

function isInteger(value: Json): boolean {
  if (value === null || value === '') return true;
  if (typeof value === 'number') return Number.isInteger(value);
  // Whole numbers are taken as texts too; "95.0" is refused. GUIDs are ids of some resources.
  return typeof value === 'string' && (/^-?\d+$/.test(value) || /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(value));
}

function mergeFields(before: Json | undefined, given: readonly Json[]): readonly Json[] {
  const fields = Array.isArray(before) ? [...(before as readonly Json[])] : [];
  for (const field of given) {
    if (!isObject(field)) continue;
    const same = fields.findIndex(
      (one) =>
        isObject(one) &&
        (one['id'] === field['id'] || (field['name'] !== undefined && one['name'] === field['name'])),
    );
    if (same >= 0) fields[same] = { ...(fields[same] as JsonObject), ...field };
    else fields.push(field);
  }
  return fields;
}

function exception(message: string): Answer {
  return json(400, {
    ClassName: 'System.Exception',
    Message: message,
    Data: null,
    InnerException: null,
    HelpURL: null,
    StackTraceString: null,
    RemoteStackTraceString: null,
    RemoteStackIndex: 0,
    ExceptionMethod: null,
    HResult: -2146233088,
    Source: null,
    WatsonBuckets: null,
  });
}
