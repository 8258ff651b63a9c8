import {
  Duration,
  defineSubscriber,
  type JsonObject,
  MillraceError,
  Options,
  Steps,
  shapes,
  Values,
} from '@millrace/core';
import { Type } from 'typebox';
import { client } from './client.ts';
import { checkIncremental, type IncrementalCursor, newsQuery, nextCursor } from './incremental.ts';
import { asObject, checkOperation, operationOf } from './operation-request.ts';
import { type Position, Reader, START } from './reader.ts';
import { rowShape } from './record-shapes.ts';
import { checkSentQuery } from './sent-shapes.ts';

export const subscriber = defineSubscriber({
  client,
  description:
    'Reads the records of any GET operation of the HaloITSM API, page by page to the last announced one.',
  options: Options({
    entity: Type.String({
      minLength: 1,
      description: 'The operation: its path, such as Tickets or Actions/{id}',
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
    input: Steps({ default: [], description: 'Transformers that run on {path, query} before the request' }),
    pageSize: Type.Integer({
      minimum: 1,
      default: 100,
      description: 'Records to ask for at a time; Halo gives 100 at most',
    }),
    incremental: Type.Optional(
      Options(
        {
          field: Type.String({
            minLength: 1,
            description: 'Date field that says when a record changed, such as last_update',
          }),
          overlap: Duration({
            default: '5m',
            description: 'How far before the last news reading begins again',
          }),
        },
        { description: 'Reads what changed since the last run only; without it, everything' },
      ),
    ),
    strict: Type.Boolean({
      default: true,
      description: 'false lets paths through that the catalogue does not know',
    }),
  }),
  check({ input, incremental, ...given }, report) {
    const operation = checkOperation('GET', given, input.length === 0, report);
    if (operation && incremental) checkIncremental(operation, report);
  },
  shape({ entity, strict, parameters = {}, input, incremental }, check) {
    const operation = operationOf('GET', entity, strict);
    if (!operation) return shapes.UNKNOWN;
    const query = parameters.query ? check.value(['parameters', 'query']) : shapes.objectOf({});
    const path = parameters.path ? check.value(['parameters', 'path']) : shapes.objectOf({});
    const request = check.steps(['input'], shapes.objectOf({ path, query }));
    if (strict && input.length > 0) checkSentQuery(operation, request, check);
    const rows = rowShape(operation);
    if (incremental) check.field(incremental.field, ['incremental', 'field'], rows);
    return rows;
  },
  create({ entity, parameters = {}, input, incremental, pageSize, strict }, { client: halo, compile }) {
    const operation = operationOf('GET', entity, strict);
    if (!operation)
      throw new MillraceError('config.unknown_operation', `HaloITSM has no GET operation "${entity}"`);
    const path = compile.object(parameters.path ?? {});
    const query = compile.object(parameters.query ?? {});
    const chain = compile.chain(input, 'input');
    return {
      async *read({ cursor, position }, run) {
        const since = incremental && cursor !== undefined ? (cursor as IncrementalCursor) : undefined;
        const news = incremental && since ? newsQuery(operation, incremental, since) : {};
        const given = {
          path: path({}, run.context) ?? {},
          query: { ...asObject(query({}, run.context)), ...news },
        };
        const requests = (await chain(given, run)) as readonly JsonObject[];
        const reader = new Reader(halo, operation, pageSize, run, incremental?.field);
        const latest = yield* reader.read(requests, (position as Position | undefined) ?? START);
        // Never behind the cursor before: an overlap alone is no news.
        return nextCursor(
          latest !== undefined && since && latest < since.at ? since.at : latest,
          run.context.run.startedAt,
        );
      },
    };
  },
});
