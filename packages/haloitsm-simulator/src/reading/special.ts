import { type Answer, empty, json, sentence } from '../answer.ts';
import type { JsonObject } from '../data/json.ts';
import type { Records } from '../data/records.ts';
import type { Query } from '../query.ts';
import type { Quirks } from '../quirks.ts';
import type { Route } from '../router.ts';
import { fileAnswer } from './files.ts';
import { runReport } from './reports.ts';
import { find } from './single.ts';

// GETs that a live instance refused an application's token, whatever its rights.
const REFUSED: Readonly<Record<string, number>> = {
  'client/me': 401,
  passwordfield: 401,
  'passwordfield/{id}': 401,
  'reportdata/{publishedid}': 401,
  incomingevent: 403,
  'incomingevent/{id}': 403,
  securityquestionvalidate: 403,
  'timesheet/mine': 403,
  'timesheetevent/mine': 403,
  'appointment/booking': 404,
  'attachment/image': 404,
  'licenseinfo/password': 404,
  'mo/r': 404,
  'users/me': 404,
};
// Lists that a live instance answered with 500 when they were asked for without parameters.
const BROKEN = new Set([
  ...[
    'addressbook',
    'clientcache',
    'dashboardlinks/filtervalues',
    'ecommerceorder',
    'feedback/feedbackmessage',
  ],
  ...['integrationdata/get/azuresentinel', 'itemaccountslink', 'kbarticleanon/{slug}', 'taskmonitorevent'],
  ...['tickets/salesmailbox', 'versioninfo/integratorhash', 'holiday/{id}'],
]);
/** Paths of pages for people, who are sent to another. */
const REDIRECTED = new Set([
  ...['unsubserviceemails', 'unsubserviceemails/{id}'],
  ...['integrationdata/bigpanda/getdevicelist', 'integrationdata/get/shopifyverify'],
]);

export interface Place {
  readonly url: string;
  readonly tenant: string;
}

export interface SpecialContext {
  readonly records: Records;
  readonly quirks: Quirks;
  readonly place: Place;
}

/** What some paths answer whatever is asked. */
function fixed(path: string, { quirks, place }: SpecialContext): Answer | undefined {
  if (path === 'testerror') return empty(500);
  if (BROKEN.has(path) && quirks.has('broken-lists')) return empty(500);
  if (REDIRECTED.has(path) && quirks.has('redirecting-paths'))
    return { status: 302, headers: { location: `${place.url}/portal/` } };
  const refused = REFUSED[path];
  return refused !== undefined && quirks.has('application-refused') ? empty(refused) : undefined;
}

/** GETs that are neither a list nor a record. Undefined where the path is one of those. */
export function special(route: Route, query: Query, context: SpecialContext): Answer | undefined {
  const { records, place } = context;
  const answer = fixed(route.path, context);
  if (answer) return answer;
  switch (route.path) {
    case 'agent/me':
      return json(200, {
        ...records.all('Agent')[0],
        claims: [
          { type: 'agent_id', value: '1' },
          { type: 'tenant', value: place.tenant },
        ],
      });
    case 'instanceinfo':
      return json(200, instanceInfo(place));
    case 'tenant':
      return json(200, { id: 1, name: place.tenant });
    case 'health':
      return json(200, { status: 'Healthy' });
    case 'control':
      return json(200, { id: 1, tenant_id: place.tenant, defaultpagesize: 50, timezone: 'UTC' });
    case 'asset/nexttag':
      return json(200, { next_tag: String(Number(records.nextId('Asset', {}))) });
    case 'invoice/lines':
      return query.has('client_id') ? undefined : sentence('Parameter client_id must be included');
    case 'report/{id}':
      return query.flag('loadreport') ? report(route, query, context) : undefined;
    case 'attachment/{id}':
      return query.flag('includedetails') ? undefined : attachment(route, query, context);
    case 'attachment/image/{id}':
    case 'attachment/document/{id}':
      return image(route, records);
    case 'versioninfo':
      return { status: 200, body: '{"allversions":[]}' };
    default:
      return undefined;
  }
}

function report(route: Route, query: Query, { records, quirks }: SpecialContext): Answer {
  const found = find(records, quirks, 'Report', route.parameters['id'] ?? '', query);
  if ('refusal' in found) return found.refusal;
  return reportAnswer(200, { ...found.record }, runReport(records, String(found.record['sql'])), quirks);
}

/** A report that fails says so in its content, with an HTTP status as if it had not. */
export function reportAnswer(status: number, head: JsonObject, report: JsonObject, quirks: Quirks): Answer {
  const error = report['load_error'];
  if (typeof error === 'string' && !quirks.has('report-errors-200')) return sentence(error);
  return json(status, { ...head, report });
}

function attachment(route: Route, query: Query, { records, quirks }: SpecialContext): Answer {
  const found = find(records, quirks, 'Attachment', route.parameters['id'] ?? '', query);
  return 'refusal' in found ? found.refusal : fileAnswer(found.record);
}

/** Pictures in texts are named by a GUID. */
function image(route: Route, records: Records): Answer {
  const id = route.parameters['id']?.toLowerCase();
  const found = records.all('Attachment').find((one) => one['guid'] === id || String(one['id']) === id);
  return found ? fileAnswer(found) : empty(404);
}

function instanceInfo({ url, tenant }: Place) {
  return {
    app_name: 'Halo ITSM',
    app_version: '2.236.133',
    agent_url: url,
    auth_url: `${url}/auth`,
    portal_url: `${url}/portal/`,
    tenant_id: tenant,
    agent_count: 12,
    licensed_agent_count: 12,
    database_version: '2236',
    simulator: true,
  };
}
