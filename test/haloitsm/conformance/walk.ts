import {
  type Client,
  type ClientDefinition,
  checkOptions,
  type JsonObject,
  type Outcome,
  type PublisherDefinition,
  type SubscriberDefinition,
  toMillraceError,
} from '@millrace/core';
import { testDependencies, testRun } from '@millrace/core/testing';
import haloitsm from '@millrace/haloitsm';
import { type Operation, operations } from '@millrace/haloitsm/catalogue';
import type { Simulator } from '@millrace/haloitsm-simulator';
import type { HaloDocument } from './document.ts';
import { requestFindings } from './request-check.ts';
import { NEEDED, samplePath, samplePayload, sampleQuery } from './samples.ts';

/** What became of one operation. */
export interface Walked {
  readonly operation: Operation;
  /** Requests that were made for it. */
  readonly requests: number;
  readonly result: 'rows' | 'record' | 'empty' | 'no record' | 'delivered' | 'refused' | 'invalid' | 'failed';
  /** What must not be, a sentence each. */
  readonly findings: readonly string[];
}

export interface WalkOptions {
  readonly simulator: Simulator;
  readonly document: HaloDocument;
  /** Which operations are walked. */
  readonly wanted?: (operation: Operation, index: number) => boolean;
}

/** What a live instance refuses whoever asks, and the simulator too (seen 2026-10); 302: it sends people elsewhere. */
const REFUSED: Readonly<Record<string, number>> = {
  'Client/me': 401,
  IncomingEvent: 403,
  'IncomingEvent/{id}': 403,
  'IntegrationData/BigPanda/GetDeviceList': 302,
  'IntegrationData/Get/ShopifyVerify': 302,
  PasswordField: 401,
  'PasswordField/{id}': 401,
  'ReportData/{publishedid}': 401,
  SecurityQuestionValidate: 403,
  TestError: 500,
  'Timesheet/mine': 403,
  'TimesheetEvent/mine': 403,
  UnsubServiceEmails: 302,
  'UnsubServiceEmails/{id}': 302,
};

const { client, subscriber, publisher } = haloitsm.components as unknown as {
  client: ClientDefinition<never>;
  subscriber: SubscriberDefinition<never>;
  publisher: PublisherDefinition<never>;
};

/**
 * Walks operations as a configuration would use them: every GET by the subscriber, every POST and DELETE by the publisher,
 * and holds each request, as it arrived, against the document of the API.
 */
export async function walk({ simulator, document, wanted = () => true }: WalkOptions): Promise<Walked[]> {
  const halo = open(simulator);
  const ids = new Map<string, number>();
  const walked: Walked[] = [];
  try {
    for (const operation of inOrder().filter(wanted)) {
      simulator.clearJournal();
      const resource = operation.path.split('/')[0] ?? '';
      const id = ids.get(resource) ?? 1;
      const { result, created, findings } =
        operation.method === 'GET'
          ? await readOne(halo, operation, id)
          : await sendOne(halo, operation, id, document);
      if (created !== undefined && operation.path === resource) ids.set(resource, created);
      const requests = simulator.journal({ path: '/api/' });
      walked.push({
        operation,
        requests: requests.length,
        result,
        findings: [
          ...findings,
          ...(requests.length === 0 ? ['no request was made'] : []),
          ...new Set(requests.flatMap((request) => requestFindings(document, operation, request))),
        ],
      });
    }
  } finally {
    await halo.close?.();
  }
  return walked;
}

/** Records are made before they are read, and deleted last. */
function inOrder(): readonly Operation[] {
  const rank = ({ method, path }: Operation) =>
    method === 'POST' && !path.includes('/') ? 0 : { POST: 2, GET: 1, DELETE: 3 }[method];
  return [...operations()].sort((a, b) => rank(a) - rank(b));
}

function open({ url, tenant, clientId, clientSecret }: Simulator): Client {
  const authentication = { clientCredentials: { clientId, clientSecret, scopes: ['all'] } };
  return make(client as never, { baseUri: url, tenant, authentication }, undefined) as Client;
}

function make<T>(
  component: { options: never; create: (options: never, dependencies: never) => T },
  options: JsonObject,
  halo: unknown,
): T {
  const ready = checkOptions(component.options, options, ({ message }) => {
    throw new Error(message);
  });
  return component.create(ready as never, { ...testDependencies('outgoing'), client: halo } as never);
}

interface Told {
  readonly result: Walked['result'];
  readonly findings: readonly string[];
  /** The id of a record that was made. */
  readonly created?: number;
}

/** Reads an operation twice: as it is, and with all that its query may hold. */
async function readOne(halo: Client, operation: Operation, id: number): Promise<Told> {
  const path = samplePath(operation, id);
  const needed = NEEDED[operation.path] ?? {};
  const plain = await rowsOf(halo, operation, { path, query: needed });
  const query = { ...sampleQuery(operation), ...needed };
  const narrowed = Object.keys(query).length > 0 ? await rowsOf(halo, operation, { path, query }) : plain;
  const refused = REFUSED[operation.path];
  if (refused !== undefined) {
    const statuses = [plain.status, narrowed.status];
    const findings = statuses.every((status) => status === refused) ? [] : [`answered ${statuses}`];
    return { result: 'refused', findings };
  }
  const findings = [...plain.findings, ...narrowed.findings];
  if (plain.rows === undefined) return { result: 'no record', findings };
  const isSingle = operation.path.endsWith('}');
  const result = plain.rows === 0 ? 'empty' : isSingle ? 'record' : 'rows';
  return { result, findings };
}

async function rowsOf(halo: Client, { path: entity }: Operation, parameters: JsonObject) {
  const run = testRun();
  const made = make(subscriber as never, { entity, parameters }, halo) as ReturnType<
    typeof subscriber.create
  >;
  let rows = 0;
  let total: number | undefined;
  try {
    for await (const batch of made.read({}, run)) {
      rows += batch.entities.length;
      total = batch.total;
    }
  } catch (thrown) {
    const error = toMillraceError(thrown);
    // Where there is no such record, asking for it is all that can be seen.
    const { status, code, message } = error;
    return {
      rows: undefined,
      status,
      findings: status === 404 ? [] : [`reading failed: ${code} ${message}`],
    };
  }
  const complete = total === undefined || total === rows;
  return { rows, findings: complete ? [] : [`${rows} of ${total} rows were read`] };
}

async function sendOne(
  halo: Client,
  operation: Operation,
  id: number,
  document: HaloDocument,
): Promise<Told> {
  const method = operation.method.toLowerCase();
  const query = operation.method === 'DELETE' ? sampleQuery(operation) : {};
  const options = { method, entity: operation.path, parameters: { path: samplePath(operation, id), query } };
  const made = make(publisher as never, options, halo) as ReturnType<typeof publisher.create>;
  const payload = samplePayload(document, operation);
  const data = operation.method === 'POST' ? { payload } : {};
  const entity = { type: 'sample', id: operation.path };
  const run = testRun({ entity, task: { id: 'task' }, attempt: 1 });
  const message = { data, entity, taskId: 'task', attempt: 1, runId: run.id };
  const [outcome] = await made.publish([message], run);
  return told(outcome);
}

function told(outcome: Outcome | undefined): Told {
  if (outcome?.status === 'delivered') {
    const { response } = outcome;
    const created = Number((response as JsonObject | undefined)?.['id']);
    return { result: 'delivered', findings: [], ...(Number.isInteger(created) && { created }) };
  }
  const error = outcome && 'error' in outcome ? toMillraceError(outcome.error) : undefined;
  // What the desk says of the record is not what is walked here; that it was asked properly is.
  if (outcome?.status === 'rejected' && error?.status === 400) return { result: 'invalid', findings: [] };
  if (error?.status === 404) return { result: 'no record', findings: [] };
  return { result: 'failed', findings: [`${outcome?.status}: ${error?.code} ${error?.message}`] };
}
