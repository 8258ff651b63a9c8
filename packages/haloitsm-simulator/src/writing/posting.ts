import { type Answer, empty, json } from '../answer.ts';
import { haloDate } from '../data/dates.ts';
import { isObject, type Json, type JsonObject } from '../data/json.ts';
import type { Records } from '../data/records.ts';
import type { Query } from '../query.ts';
import { runReport } from '../reading/reports.ts';
import type { Rendering } from '../rendering.ts';
import type { Route } from '../router.ts';
import { readUpload } from './multipart.ts';
import { refusalOf } from './rules.ts';
import { Saving } from './saving.ts';
import { typeErrors } from './validation.ts';

export interface PostBody {
  readonly type: string;
  readonly bytes: Buffer;
  /** Undefined where the body is no JSON. */
  readonly value: Json | undefined;
}

/** POSTs on a path of their own that make a record of this resource. Other such paths are commands. */
const CREATING: Readonly<Record<string, string>> = {
  'tickets/object': 'Tickets',
  'appointment/booking': 'Appointment',
  'attachment/document': 'Attachment',
};

/** POST, as the real API does it. */
export class Posting {
  readonly #records: Records;
  readonly #rendering: Rendering;
  readonly #saving: Saving;
  readonly #now: () => number;

  constructor(records: Records, rendering: Rendering, now: () => number) {
    this.#records = records;
    this.#rendering = rendering;
    this.#saving = new Saving(records);
    this.#now = now;
  }

  post(route: Route, query: Query, body: PostBody): Answer {
    const { operation, path, resource } = route;
    const wanted = operation.body;
    if (wanted === 'multipart' && body.type.includes('multipart/form-data')) return this.#upload(route, body);
    if (body.bytes.length > 0 && !/\bjson\b/.test(body.type)) return empty(415);
    const invalid = shapeError(wanted, body);
    if (invalid) return invalid;
    const target = operation.path === resource ? resource : CREATING[path];
    if (target === undefined) return this.#command(route, body.value ?? null);
    const elements = Array.isArray(body.value) ? (body.value as readonly Json[]) : [body.value ?? {}];
    if (target === 'Report' && isObject(elements[0]) && elements[0]['_loadreportonly'] === true)
      return this.#adHocReport(elements[0]);
    return this.#save(target, elements, Array.isArray(body.value), query, body.bytes.toString());
  }

  #save(target: string, elements: readonly Json[], inArray: boolean, query: Query, text: string): Answer {
    if (elements.length === 0) return json(400, 'Nothing to save');
    const sample = this.#records.sample(target);
    const errors = typeErrors(elements, inArray, text, sample, this.#records.hasGuidIds(target));
    if (errors) return json(400, errors);
    const objects = elements as readonly JsonObject[];
    // Nothing is kept of an array that has a refused element.
    for (const element of objects) {
      const refusal = refusalOf(target, element, this.#saving.before(target, element), this.#records);
      if (refusal) return refusal;
    }
    const now = haloDate(this.#now());
    const saved = objects.map((element) =>
      this.#rendering.record(target, this.#saving.save(target, element, now)),
    );
    // Several elements answer with the last of them alone, unless asked otherwise.
    return { status: 201, body: query.flag('returnall') ? `[${saved.join(',')}]` : (saved.at(-1) ?? '') };
  }

  /** A sub-path that does something, such as Invoice/{id}/void: it is kept in the records under its own path. */
  #command(route: Route, value: Json): Answer {
    const { operation, resource, parameters } = route;
    const id = parameters['id'];
    const record = id === undefined ? undefined : this.#records.get(resource, id);
    if (id !== undefined && !record) return empty(404);
    const given: JsonObject = isObject(value) ? value : { body: value };
    const done = { ...given, ...(id !== undefined && { of: id }) };
    const number = this.#records.nextId(operation.path, {});
    this.#records.put(operation.path, { ...done, id: number });
    return record ? json(201, record) : json(201, value ?? {});
  }

  #upload(route: Route, body: PostBody): Answer {
    const file = readUpload(body.type, body.bytes);
    if (!file) return json(400, { file: ['The file field is required.'] });
    if (route.resource !== 'Attachment') return this.#command(route, { filename: file.name });
    const now = haloDate(this.#now());
    const element = { filename: file.name, data_base64: file.bytes.toString('base64'), isimage: true };
    const saved = this.#saving.save('Attachment', element, now);
    return { status: 201, body: this.#rendering.record('Attachment', saved) };
  }

  #adHocReport(element: JsonObject): Answer {
    const sql = String(element['sql'] ?? '');
    return json(201, { id: 0, name: '', report: runReport(this.#records, sql) });
  }
}

/** What is wrong with a body before its fields are looked at. */
function shapeError(wanted: Route['operation']['body'], { bytes, value }: PostBody): Answer | undefined {
  if (bytes.length === 0)
    return wanted === undefined ? undefined : json(400, { '': ['A non-empty request body is required.'] });
  if (value === undefined) {
    const problem = "Unexpected character encountered while parsing value. Path '', line 1, position 1.";
    return json(400, { '': [problem] });
  }
  const isList = Array.isArray(value);
  if (wanted === 'array' && !isList) return shapeAnswer('object', 'List`1', 'array');
  if (wanted === 'object' && isList) return shapeAnswer('array', 'Object', 'object');
  return undefined;
}

function shapeAnswer(given: string, type: string, wanted: string): Answer {
  const message = `Cannot deserialize the current JSON ${given} into type '${type}' because the type requires a JSON ${wanted} to deserialize correctly. Path '', line 1, position 1.`;
  return json(400, { '': [message] });
}
