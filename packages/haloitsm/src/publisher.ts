import {
  canonicalJson,
  definePublisher,
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
import { client } from './client.ts';
import { asObject, checkOperation, operationOf, type Ready, toRequest } from './operation-request.ts';
import { checkSent, DEFAULT_PAYLOAD } from './sent-shapes.ts';

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
      Options(
        {
          path: Type.Optional(
            Values({ description: 'Values for the parameters in the path; `path` of the record wins' }),
          ),
          query: Type.Optional(Values({ description: 'The query string; `query` of the record wins' })),
        },
        { description: 'What the request is made of' },
      ),
    ),
    payload: Value({ default: DEFAULT_PAYLOAD, description: 'What is sent, evaluated on the record' }),
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
  shape({ method, entity, strict, payload }, check) {
    const operation = operationOf(METHODS[method], entity, strict);
    if (operation) checkSent(operation, { strict, payload }, check);
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

    /** The request of a message, or the outcome where none is to be sent. */
    const ready = async ({ data, taskId, attempt }: Message, run: RunContext): Promise<Ready | Outcome> => {
      try {
        const context = { ...run.context, task: { id: taskId }, attempt };
        const prepared = await prepare(data, { ...run, context });
        return prepared ? toRequest(operation, prepared) : { status: 'skipped' };
      } catch (thrown) {
        // Nothing was sent.
        const error = toMillraceError(thrown);
        return { status: error.code.startsWith('request.') ? 'rejected' : 'failed', error };
      }
    };

    /** Sends one request for all of these messages; what it comes to is what they come to. */
    const send = async (requests: readonly Ready[], run: RunContext): Promise<readonly Outcome[]> => {
      const [first] = requests;
      if (!first) return [];
      const { member, ...request } = first;
      const json = member === undefined ? {} : { json: requests.map((one) => one.member ?? null) };
      try {
        const { body, exchange } = await halo.request({ ...request, ...json, signal: run.signal });
        return requests.map((_, index) => {
          const response = answerOf(body, index, requests.length);
          return {
            status: 'delivered',
            exchange,
            ...(response !== undefined && { response: cap(response) }),
          };
        });
      } catch (thrown) {
        const error = toMillraceError(thrown);
        const outcome = failedOutcome(error, operation.method, exchangeOf(thrown) ?? exchangeOf(error.cause));
        return requests.map(() => outcome);
      }
    };

    const publish = async (messages: readonly Message[], run: RunContext): Promise<readonly Outcome[]> => {
      const made = await Promise.all(messages.map((message) => ready(message, run)));
      const outcomes: Outcome[] = [];
      const sending = groups(made).map(async (places) => {
        const requests = places.map((place) => made[place] as Ready);
        for (const [index, outcome] of (await send(requests, run)).entries())
          outcomes[places[index] ?? 0] = outcome;
      });
      for (const [place, one] of made.entries()) if ('status' in one) outcomes[place] = one;
      await Promise.all(sending);
      return outcomes;
    };
    return { publish };
  },
});

/** Places of messages that go out together: those whose requests differ in nothing but a member of their array. */
function groups(made: readonly (Ready | Outcome)[]): readonly (readonly number[])[] {
  const together = new Map<string, number[]>();
  for (const [place, one] of made.entries()) {
    if ('status' in one) continue;
    const alone = one.member === undefined ? `${place}:` : '';
    const key = `${alone}${one.path}?${canonicalJson(one.query)}`;
    together.set(key, [...(together.get(key) ?? []), place]);
  }
  return [...together.values()];
}

/** What Halo says of one of several: with `returnall` it answers them all, else only the last. */
function answerOf(body: Json | undefined, index: number, count: number): Json | undefined {
  if (count === 1) return body;
  if (Array.isArray(body) && body.length === count) return (body as readonly Json[])[index];
  return index === count - 1 ? body : undefined;
}
