import { type Answer, empty, sentence } from '../answer.ts';
import type { JsonObject } from '../data/json.ts';
import type { Records } from '../data/records.ts';
import type { Query } from '../query.ts';
import type { Quirks } from '../quirks.ts';
import { find } from '../reading/single.ts';
import type { Rendering } from '../rendering.ts';
import type { Route } from '../router.ts';
import { linkedTo } from './rules.ts';
import type { Saving } from './saving.ts';

export interface RemovingContext {
  readonly records: Records;
  readonly rendering: Rendering;
  readonly quirks: Quirks;
  readonly saving: Saving;
}

/** DELETE of one record: answers it. Tickets stay, marked as deleted; a second time there is nothing to delete. */
export function remove(route: Route, query: Query, context: RemovingContext): Answer {
  const { records, quirks, saving } = context;
  const { resource, path, parameters } = route;
  const id = parameters['id'] ?? Object.values(parameters)[0];
  if (id === undefined) return empty(404);
  if (path === 'attachment/image/{id}' || path === 'attachment/document/{id}') {
    const file = records.all('Attachment').find((one) => [one['guid'], String(one['id'])].includes(id));
    if (!file) return empty(404);
    saving.remove('Attachment', String(file['id']));
    return answer('Attachment', file, context);
  }
  const needsTicket = quirks.has('more-than-an-id') && quirks.has('action-ids-per-ticket');
  if (resource === 'Actions' && needsTicket && !query.has('ticket_id'))
    return sentence('Parameter ticket_id must be included');
  const found = find(records, quirks, resource, id, query);
  if ('refusal' in found) return found.refusal;
  const { record, key } = found;
  const linked = quirks.has('linked-refused') ? linkedTo(resource, record, records) : undefined;
  if (linked) return linked;
  const stays = resource === 'Tickets' && quirks.has('tickets-stay');
  saving.remove(
    resource,
    key,
    stays ? { deleted: true, delete_reason: query.text('reason') ?? '' } : undefined,
  );
  return answer(resource, record, context);
}

function answer(resource: string, record: JsonObject, { rendering, quirks }: RemovingContext): Answer {
  if (!quirks.has('delete-answers-record')) return { status: 200 };
  return { status: 200, body: rendering.record(resource, record) };
}
