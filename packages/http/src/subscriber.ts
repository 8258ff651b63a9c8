import {
  ANSWER_OPTIONS,
  checkPaging,
  checkRequestPath,
  checkRequestShape,
  compileAnswer,
  compilePaging,
  compileRequest,
  defineSubscriber,
  isObject,
  type Json,
  type JsonObject,
  MethodOption,
  Options,
  PagingOptions,
  REQUEST_OPTIONS,
  type Report,
  RequestPath,
  Steps,
  shapes,
} from '@millrace/core';
import type { HttpRequest } from '@millrace/core/http';
import { type Static, Type } from 'typebox';
import { client } from './client.ts';
import { compileIncremental, type IncrementalCursor, IncrementalOptions } from './incremental.ts';
import { type Position, Reader, START } from './reader.ts';

const SubscriberOptions = Options({
  path: RequestPath({
    default: '',
    description: "Path below the client's address; what `&{…}` in it come to is URL-encoded",
  }),
  method: MethodOption(['GET', 'POST'], 'GET', 'POST for systems that search by it'),
  ...REQUEST_OPTIONS,
  ...ANSWER_OPTIONS,
  paging: Type.Optional(PagingOptions),
  incremental: Type.Optional(IncrementalOptions),
  input: Steps({
    default: [],
    description:
      'Transformers that make the records of which path, query and body are evaluated, a request for each; they begin with {path, query, since}',
  }),
});

type SubscriberSettings = Static<typeof SubscriberOptions>;

export const subscriber = defineSubscriber({
  client,
  description: 'Reads the records of any REST API, page by page, to the end that the system tells.',
  options: SubscriberOptions,
  check(options, report) {
    const { path, paging, total, totalHeader } = options;
    checkRequestPath(path, report, ['path']);
    checkBody(options, report);
    if (paging) checkPaging(paging, report, ['paging']);
    if (total !== undefined && totalHeader !== undefined) {
      const message = 'The total is found either in the body or in a header';
      report({ code: 'config.invalid_value', message, path: ['totalHeader'], atKey: true });
    }
    checkSince(options, report);
    checkPathValues(options, report);
  },
  shape({ incremental }, check) {
    const { UNKNOWN, objectOf, scalar } = shapes;
    const news = incremental && {
      since:
        incremental.format.startsWith('unix') || incremental.format === 'number'
          ? scalar('number')
          : scalar('date'),
    };
    const record = check.steps(['input'], objectOf({ path: objectOf({}), query: objectOf({}), ...news }));
    checkRequestShape(check, record);
    return UNKNOWN;
  },
  create(options, { client: api, compile }) {
    const method = options.method.toUpperCase() as 'GET' | 'POST';
    const prepare = compileRequest(options, compile);
    const chain = compile.chain(options.input, 'input');
    const readRows = compileAnswer(options, compile);
    const paginator = options.paging && compilePaging(options.paging, compile);
    const incremental = options.incremental && compileIncremental(options.incremental, compile);
    const parameter = options.incremental?.parameter;
    return {
      async *read({ cursor: given, position }, run) {
        const cursor = given as IncrementalCursor | undefined;
        const since = incremental?.since(cursor);
        const news = since === undefined ? {} : { since };
        const toRequest = (record: JsonObject): HttpRequest => {
          const prepared = prepare({ ...record, ...news }, run.context);
          const asked = since === undefined || parameter === undefined ? {} : { [parameter]: since };
          const query = { ...prepared.query, ...asked, ...asObject(record['query']) };
          return { ...prepared, query, method, signal: run.signal };
        };
        const records = await chain({ path: {}, query: {}, ...news }, run);
        const reader = new Reader({
          client: api,
          readRows,
          run,
          ...(paginator && { paginator }),
          ...(incremental && { incremental }),
        });
        const newest = yield* reader.read(
          records.map(toRequest),
          (position as Position | undefined) ?? START,
        );
        return incremental?.next(newest, cursor, run.context.run.startedAt);
      },
    };
  },
});

function checkBody({ method, body, encoding, paging }: SubscriberSettings, report: Report): void {
  const reads = method.toUpperCase() === 'GET';
  if (reads && body !== undefined) {
    const hint = 'Use "query", or the method POST.';
    const message = 'A GET sends no body';
    report({ code: 'config.invalid_value', message, hint, path: ['body'], atKey: true });
  }
  if (paging?.in !== 'body' || (!reads && encoding === 'json')) return;
  const message = 'There is no JSON body that the parameter of the paging could go into';
  report({ code: 'config.invalid_value', message, path: ['paging', 'in'] });
}

/** An incremental read that asks for all each time is not what was meant. */
function checkSince(
  { incremental, path, query, body, headers, input }: SubscriberSettings,
  report: Report,
): void {
  if (!incremental || incremental.parameter !== undefined) return;
  const asked = JSON.stringify([path, query, body, headers, input]);
  if (/\bsince\b/.test(asked)) return;
  report({
    code: 'config.missing_option',
    message: 'Nothing asks the system for what is new',
    hint: 'Give incremental.parameter, or use ?{since} in path, query or body.',
    path: ['incremental'],
    atKey: true,
  });
}

/** Without input there is no record that a path could be filled from. */
function checkPathValues({ path, input }: SubscriberSettings, report: Report): void {
  const [found] = /(?<!&)[&?]\{(?!\s*since\b)[^}]*\}/.exec(path) ?? [];
  if (input.length > 0 || found === undefined) return;
  report({
    code: 'config.missing_parameter',
    message: `Nothing gives ${found} in the path a value`,
    hint: 'Make the records that it stands in by "input", or write the value itself.',
    path: ['path'],
  });
}

function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
