import {
  definePublisher,
  isObject,
  type Json,
  type JsonObject,
  type Message,
  MillraceError,
  Options,
  type Outcome,
  type RunContext,
  Steps,
  toMillraceError,
  Value,
  Values,
} from '@millrace/core';
import { cap, exchangeOf, failedOutcome } from '@millrace/core/http';
import { Type } from 'typebox';
import type { Operation } from './catalogue/index.ts';
import { client } from './client.ts';
import { checkOperation, fillPath, operationOf } from './operation-request.ts';

const METHODS = { post: 'POST', delete: 'DELETE' } as const;

export const publisher = definePublisher({
  client,
  description: 'Sends records to any POST or DELETE operation of the HaloITSM API.',
  options: Options({
    method: Type.Unsafe<'post' | 'delete'>({
      type: 'string',
      enum: ['post', 'delete'],
      description: 'post creates or updates, delete deletes',
    }),
    entity: Type.String({
      minLength: 1,
      description: 'The operation: its path, such as Asset or Tickets/{id}',
    }),
    parameters: Type.Optional(
      Options({
        path: Type.Optional(
          Values({ description: 'Values for the parameters in the path; `path` of the record wins' }),
        ),
        query: Type.Optional(Values({ description: 'The query string; `query` of the record wins' })),
      }),
    ),
    payload: Value({ default: '&{payload}', description: 'What is sent, evaluated on the record' }),
    request: Steps({
      default: [],
      description: 'Transformers that run on {path, query, payload} before the request',
    }),
    strict: Type.Boolean({
      default: true,
      description: 'false lets paths through that the catalogue does not know',
    }),
  }),
  check({ method, ...given }, report) {
    checkOperation(METHODS[method], given, false, report);
  },
  create({ method, entity, parameters = {}, payload, request, strict }, { client: halo, compile }) {
    const operation = operationOf(METHODS[method], entity, strict);
    if (!operation)
      throw new MillraceError('config.unknown_operation', `HaloITSM has no ${method} operation "${entity}"`);
    const path = compile.object(parameters.path ?? {});
    const query = compile.object(parameters.query ?? {});
    const body = compile.value(payload);
    const chain = compile.chain(request, 'request');

    const prepare = async (data: JsonObject, run: RunContext) => {
      const given = {
        path: { ...asObject(path(data, run.context)), ...asObject(data['path']) },
        query: { ...asObject(query(data, run.context)), ...asObject(data['query']) },
        payload: body(data, run.context) ?? null,
      };
      const made = await chain(given, run);
      if (made.length > 1) {
        throw new MillraceError(
          'outgoing.many_messages',
          `The request transformers made ${made.length} requests of one task`,
        );
      }
      return made[0];
    };

    const send = async ({ data, taskId, attempt }: Message, run: RunContext): Promise<Outcome> => {
      let prepared: JsonObject | undefined;
      try {
        const context = { ...run.context, task: { id: taskId }, attempt };
        prepared = await prepare(data, { ...run, context });
        if (!prepared) return { status: 'skipped' };
        const answer = await halo.request({ ...toRequest(operation, prepared), signal: run.signal });
        const response = answer.body === undefined ? {} : { response: cap(answer.body) };
        return { status: 'delivered', exchange: answer.exchange, ...response };
      } catch (thrown) {
        const error = toMillraceError(thrown);
        if (error.code.startsWith('request.')) return { status: 'rejected', error };
        // Before the request was put together nothing was sent.
        if (!prepared) return { status: 'failed', error };
        return failedOutcome(error, operation.method, exchangeOf(thrown) ?? exchangeOf(error.cause));
      }
    };
    return { publish: (messages, run) => Promise.all(messages.map((message) => send(message, run))) };
  },
});

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function toRequest(operation: Operation, prepared: JsonObject) {
  const target = {
    method: operation.method,
    path: fillPath(operation, asObject(prepared['path'])),
    query: asObject(prepared['query']),
  };
  if (operation.method !== 'POST') return target;
  const payload = prepared['payload'] ?? null;
  if (payload === null && operation.body !== undefined) {
    throw new MillraceError(
      'request.missing_payload',
      `POST ${operation.path} needs a payload, and the record has none`,
      {
        hint: 'Put what is to be sent under "payload", or say where it is: payload: "&{…}".',
      },
    );
  }
  if (payload === null) return target;
  const wrap = operation.body === 'array' && !Array.isArray(payload);
  return { ...target, json: wrap ? [payload] : payload };
}
