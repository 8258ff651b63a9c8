import {
  type Answered,
  type Client,
  ClientName,
  defineTransformer,
  EXPECT_OPTION,
  type Json,
  type JsonObject,
  MillraceError,
  Options,
  PLACE_OPTIONS,
  placeAnswer,
  placedShape,
  type Report,
  type Requester,
  type RunContext,
  type Shape,
  shapes,
  Value,
  Values,
} from '@millrace/core';
import { exchangeOf } from '@millrace/core/http';
import { type Static, Type } from 'typebox';
import type { Operation } from './catalogue/index.ts';
import { asObject, checkOperation, operationOf, toRequest } from './operation-request.ts';
import { readRows } from './reading/rows.ts';
import { wholeList } from './reading/whole-list.ts';
import { payloadShape, rowShape } from './record-shapes.ts';

const METHODS = { get: 'GET', post: 'POST', delete: 'DELETE' } as const;

const RequestOptions = Options({
  client: ClientName({ component: 'haloitsm', description: 'Id of the file in `clients/`' }),
  method: Type.Unsafe<keyof typeof METHODS>({
    type: 'string',
    enum: ['get', 'post', 'delete'],
    default: 'get',
    description: 'get reads; post and delete have their effect again whenever a record is read again',
  }),
  entity: Type.String({
    minLength: 1,
    description: 'The operation: its path, such as Client/{id} or Actions',
  }),
  parameters: Type.Optional(
    Options(
      {
        path: Type.Optional(Values({ description: 'Values for the parameters in the path' })),
        query: Type.Optional(Values({ description: 'The query string' })),
      },
      { description: 'What the request is made of' },
    ),
  ),
  payload: Type.Optional(Value({ description: 'What is posted' })),
  ...PLACE_OPTIONS,
  expect: EXPECT_OPTION,
  strict: Type.Boolean({
    default: true,
    description: 'false lets paths through that the catalogue does not know',
  }),
});

export const request = defineTransformer({
  description:
    'Asks HaloITSM in the middle of a chain, by any operation. A list is read to its end; the answer takes the place of the record, or goes to a path of it.',
  options: RequestOptions,
  examples: [
    {
      title: 'One object',
      options: {
        client: 'halo',
        entity: 'Client/{id}',
        parameters: { path: { id: '&{client_id}' } },
        to: 'client',
      },
      http: [{ request: { method: 'GET', path: 'Client/3' }, response: { body: { id: 3, name: 'Acme' } } }],
      given: { id: 1, client_id: 3 },
      made: { id: 1, client_id: 3, client: { id: 3, name: 'Acme' } },
    },
    {
      title: 'A list, to its end',
      options: {
        client: 'halo',
        entity: 'Actions',
        parameters: { query: { ticket_id: '&{id}' } },
        to: 'actions',
      },
      http: [
        {
          request: { method: 'GET', path: 'Actions' },
          response: { body: { record_count: 2, actions: [{ id: 1 }, { id: 2 }] } },
        },
      ],
      given: { id: 7 },
      made: { id: 7, actions: [{ id: 1 }, { id: 2 }] },
    },
  ],
  check(options, report) {
    const operation = checkOperation(METHODS[options.method], options, true, report);
    if (operation) checkPayload(options, operation, report);
  },
  shape(options, check) {
    for (const name of ['path', 'query']) check.value(['parameters', name]);
    const operation = operationOf(METHODS[options.method], options.entity, options.strict);
    const sent = check.value(['payload']);
    if (operation && options.strict) check.fits(sent, payloadShape(operation, sent));
    return placedShape(options, check.record, operation ? answerShape(operation, options) : shapes.UNKNOWN);
  },
  create(options, { compile, clientOf }) {
    const { entity, method, strict, parameters = {}, payload, expect } = options;
    const operation = operationOf(METHODS[method], entity, strict);
    if (!operation)
      throw new MillraceError('config.unknown_operation', `HaloITSM has no ${method} operation "${entity}"`);
    const halo = haloClient(options.client, clientOf);
    const path = compile.object(parameters.path ?? {});
    const query = compile.object(parameters.query ?? {});
    const body = payload === undefined ? () => null : compile.value(payload);
    const place = placeAnswer(options);
    return {
      async transform(data, run) {
        const { context } = run;
        const given = {
          path: asObject(path(data, context)),
          query: asObject(query(data, context)),
          payload: body(data, context) ?? null,
        };
        return place(data, await expecting(expect, () => ask(halo, operation, given, run)));
      },
    };
  },
});

/** An answer of a status that is expected may be anything. */
function answerShape(operation: Operation, { expect }: Static<typeof RequestOptions>): Shape {
  if (operation.method !== 'GET' || expect.length > 0) return shapes.UNKNOWN;
  if (operation.pages) return shapes.listOf(rowShape(operation));
  return operation.path.endsWith('}') ? rowShape(operation) : shapes.UNKNOWN;
}

async function ask(
  halo: Requester,
  operation: Operation,
  given: { readonly path: JsonObject; readonly query: JsonObject; readonly payload: Json },
  run: RunContext,
): Promise<Answered> {
  if (operation.pages) {
    return { status: 200, body: await wholeList(halo, operation, given, run) };
  }
  const { member, ...request } = toRequest(operation, given);
  const json = member === undefined ? {} : { json: [member] };
  const { status, body } = await halo.request({ ...request, ...json, signal: run.signal });
  if (operation.method !== 'GET') return { status, body };
  const { rows, single } = readRows(operation, body);
  return { status, body: single ? rows[0] : rows };
}

/** An answer with a status that is expected is one, too. */
async function expecting(statuses: readonly number[], work: () => Promise<Answered>): Promise<Answered> {
  try {
    return await work();
  } catch (error) {
    const status = error instanceof MillraceError ? error.status : undefined;
    const response = exchangeOf(error)?.response ?? exchangeOf((error as Error).cause)?.response;
    if (status === undefined || response?.status !== status || !statuses.includes(status)) throw error;
    return { status, body: response.body };
  }
}

function checkPayload(
  { payload }: Static<typeof RequestOptions>,
  operation: Operation,
  report: Report,
): void {
  const takes = operation.body !== undefined;
  if (takes === (payload !== undefined)) return;
  report({
    code: takes ? 'config.missing_option' : 'config.invalid_value',
    message: `${operation.method} ${operation.path} ${takes ? 'needs' : 'takes no'} payload`,
    hint: takes ? 'Add payload: "&{…}".' : 'Take "payload" out, or name another operation.',
    path: takes ? ['entity'] : ['payload'],
    atKey: !takes,
  });
}

/** That it is one of HaloITSM is checked with the options: `ClientName` says so. */
function haloClient(id: string, clientOf: (id: string) => Client): Requester {
  const client = clientOf(id);
  if (client.request) return client as Requester;
  throw new MillraceError('config.wrong_client', `Client "${id}" is none of HaloITSM`);
}
