import { type Answer, empty, sentence } from '../answer.ts';
import type { Records } from '../data/records.ts';
import type { Query } from '../query.ts';
import { find } from '../reading/single.ts';
import type { Rendering } from '../rendering.ts';
import type { Route } from '../router.ts';
import { linkedTo } from './rules.ts';

/** DELETE of one record: answers it. Tickets stay, marked as deleted; a second time there is nothing to delete. */
export function remove(route: Route, query: Query, records: Records, rendering: Rendering): Answer {
  const { resource, path, parameters } = route;
  const id = parameters['id'] ?? Object.values(parameters)[0];
  if (id === undefined) return empty(404);
  if (path === 'attachment/image/{id}' || path === 'attachment/document/{id}') {
    const file = records.all('Attachment').find((one) => [one['guid'], String(one['id'])].includes(id));
    if (!file) return empty(404);
    records.remove('Attachment', String(file['id']));
    return { status: 200, body: rendering.record('Attachment', file) };
  }
  if (resource === 'Actions' && !query.has('ticket_id'))
    return sentence('Parameter ticket_id must be included');
  const found = find(records, resource, id, query);
  if ('refusal' in found) return found.refusal;
  const { record, key } = found;
  const linked = linkedTo(resource, record, records);
  if (linked) return linked;
  if (resource === 'Tickets')
    records.put(resource, { ...record, deleted: true, delete_reason: query.text('reason') ?? '' });
  else records.remove(resource, key);
  return { status: 200, body: rendering.record(resource, record) };
}
