import { type Answer, empty, json } from '../answer.ts';
import { haloDate } from '../data/dates.ts';
import { isObject, type Json, type JsonObject } from '../data/json.ts';
import type { Records } from '../data/records.ts';
import type { Query } from '../query.ts';
import type { Quirks } from '../quirks.ts';
import { runReport } from '../reading/reports.ts';
import { reportAnswer } from '../reading/special.ts';
import type { Rendering } from '../rendering.ts';
import type { Route } from '../router.ts';
import { readUpload } from './multipart.ts';
import { refusalOf } from './rules.ts';
import type { Saving } from './saving.ts';
import { shapeError } from './shape.ts';
import { typeErrors } from './validation.ts';

export interface PostBody {
  readonly type: string;
  readonly bytes: Buffer;
  /** Undefined where the body is no JSON. */
  readonly value: Json | undefined;
}

export interface PostingContext {
  readonly records: Records;
  readonly rendering: Rendering;
  readonly saving: Saving;
  readonly quirks: Quirks;
  readonly now: () => number;
}

/** POSTs on a path of their own that make a record of this resource. Other such paths are commands. */
const CREATING: Readonly<Record<string, string>> = {
  'tickets/object': 'Tickets',
  'appointment/booking': 'Appointment',
  'attachment/document': 'Attachment',
};

/** POST, as the real API does it. */
export class Posting {
  readonly #context: PostingContext;

  constructor(context: PostingContext) {
    this.#context = context;
  }

  post(route: Route, query: Query, body: PostBody): Answer {
    const { operation, path, resource } = route;
    const { quirks } = this.#context;
    const wanted = operation.body;
    if (wanted === 'multipart' && body.type.includes('multipart/form-data'))
      return this.#upload(route, query, body);
    if (body.bytes.length > 0 && !/\bjson\b/.test(body.type) && quirks.has('json-needed')) return empty(415);
    // Actions have been seen to take an object too.
    const strict = quirks.has('array-needed') && path !== 'actions';
    const invalid = shapeError(wanted, body.bytes.length, body.value, strict);
    if (invalid) return invalid;
    const target = operation.path === resource ? resource : CREATING[path];
    if (target === undefined) return this.#command(route, body.value ?? null);
    const elements = Array.isArray(body.value) ? (body.value as readonly Json[]) : [body.value ?? {}];
    if (target === 'Report' && isObject(elements[0]) && elements[0]['_loadreportonly'] === true)
      return this.#adHocReport(elements[0]);
    return this.#save(target, elements, Array.isArray(body.value), query, body.bytes.toString());
  }

  #save(target: string, elements: readonly Json[], inArray: boolean, query: Query, text: string): Answer {
    const { records, quirks } = this.#context;
    if (elements.length === 0) return json(400, 'Nothing to save');
    const errors = typeErrors(elements, inArray, text, records.sample(target), records.hasGuidIds(target));
    if (errors) return json(400, errors);
    const objects = elements as readonly JsonObject[];
    const saved: string[] = [];
    if (quirks.has('whole-arrays')) {
      for (const element of objects) {
        const refusal = this.#refusal(target, element);
        if (refusal) return refusal;
      }
    }
    for (const element of objects) {
      const refusal = this.#refusal(target, element);
      if (refusal) return refusal;
      saved.push(this.#store(target, element, query));
    }
    // Several elements answer with the last of them alone, unless asked otherwise.
    const all = query.flag('returnall') || (saved.length > 1 && !quirks.has('last-of-array'));
    return { status: 201, body: all ? `[${saved.join(',')}]` : (saved.at(-1) ?? '') };
  }

  #refusal(target: string, element: JsonObject): Answer | undefined {
    const { records, saving, quirks } = this.#context;
    return refusalOf(target, element, saving.before(target, element), records, quirks);
  }

  /** The record as it is answered. */
  #store(target: string, element: JsonObject, query: Query): string {
    const { saving, rendering, now } = this.#context;
    return rendering.record(target, saving.save(target, element, haloDate(now())), query);
  }

  /** A sub-path that does something, such as Invoice/{id}/void: it is kept in the records under its own path. */
  #command(route: Route, value: Json): Answer {
    const { records } = this.#context;
    const { operation, resource, parameters } = route;
    const id = parameters['id'];
    const record = id === undefined ? undefined : records.get(resource, id);
    if (id !== undefined && !record) return empty(404);
    const given: JsonObject = isObject(value) ? value : { body: value };
    const done = { ...given, ...(id !== undefined && { of: id }) };
    const number = records.nextId(operation.path, {});
    records.put(operation.path, { ...done, id: number });
    return record ? json(201, record) : json(201, value ?? {});
  }

  /** A file in a form; what it belongs to stands in the query, or in the form. */
  #upload(route: Route, query: Query, body: PostBody): Answer {
    const upload = readUpload(body.type, body.bytes);
    if (!upload) return json(400, { file: ['The file field is required.'] });
    if (route.resource !== 'Attachment') return this.#command(route, { filename: upload.name });
    const given = (name: string) => Number(query.text(name) ?? upload.fields[name] ?? 0) || 0;
    const element = {
      filename: upload.name,
      data_base64: upload.bytes.toString('base64'),
      isimage: /\.(?:png|jpe?g|gif|webp|svg)$/i.test(upload.name),
      ticket_id: given('ticket_id'),
      action_id: given('action_id'),
    };
    const refusal = this.#refusal('Attachment', element);
    return refusal ?? { status: 201, body: this.#store('Attachment', element, query) };
  }

  #adHocReport(element: JsonObject): Answer {
    const { records, quirks } = this.#context;
    return reportAnswer(201, { id: 0, name: '' }, runReport(records, String(element['sql'] ?? '')), quirks);
  }
}
