import { type Static, Type } from 'typebox';
import { defineTransformer } from '../define.ts';
import { MillraceError } from '../errors.ts';
import type { HttpRequest, Method } from '../exchange.ts';
import type { Report } from '../findings.ts';
import type { Json } from '../json.ts';
import { compileAnswer } from '../paging/answer.ts';
import { compileOnBody } from '../paging/on-body.ts';
import { checkPaging, compilePaging, PagingOptions } from '../paging/options.ts';
import { type Requester, readPages } from '../paging/read-pages.ts';
import { checkRequestPath } from '../request/path.ts';
import { type Answered, EXPECT_OPTION, PLACE_OPTIONS, placeAnswer, placedShape } from '../request/place.ts';
import {
  checkRequestShape,
  compileRequest,
  MethodOption,
  REQUEST_OPTIONS,
  RequestPath,
} from '../request/template.ts';
import { ClientName, Expression, Options } from '../schema.ts';
import { UNKNOWN } from '../shapes/shape.ts';

const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

const RequestOptions = Options({
  client: ClientName({ description: 'Id of the file in `clients/`; of any type that can be asked by HTTP' }),
  method: MethodOption(
    METHODS,
    'GET',
    'In the chain of an incoming or a route, what has an effect has it again whenever a record is read again',
  ),
  path: RequestPath({
    description: "Path below the client's address; what `&{…}` in it come to is URL-encoded",
  }),
  ...REQUEST_OPTIONS,
  items: Type.Optional(
    Expression({ description: 'The part of the body that is wanted; with `paging`, where its rows are' }),
  ),
  paging: Type.Optional(PagingOptions),
  ...PLACE_OPTIONS,
  expect: EXPECT_OPTION,
});

type RequestSettings = Static<typeof RequestOptions>;

export const request = defineTransformer({
  description:
    'Asks a system by HTTP in the middle of a chain. The answer takes the place of the record, or goes to a path of it; with `paging` it is the list of all rows.',
  options: RequestOptions,
  examples: [
    {
      title: 'What stands in the path is URL-encoded',
      options: { client: 'shop', path: 'customers/&{customer}', to: 'who' },
      http: [{ request: { method: 'GET', path: 'customers/A%2F7' }, response: { body: { name: 'Ann' } } }],
      given: { id: 1, customer: 'A/7' },
      made: { id: 1, customer: 'A/7', who: { name: 'Ann' } },
    },
    {
      title: 'Without a place for it, the answer takes the place of the record',
      options: { client: 'shop', method: 'POST', path: 'quotes', body: { item: '&{item}' }, items: 'quote' },
      http: [{ request: { method: 'POST', path: 'quotes' }, response: { body: { quote: { price: 12 } } } }],
      given: { item: 'lamp' },
      made: { price: 12 },
    },
    {
      title: 'What is not there is an answer, too',
      options: {
        client: 'shop',
        path: 'stock/&{item}',
        items: 'count',
        to: 'stock',
        statusTo: 'status',
        expect: [404],
      },
      http: [
        {
          request: { method: 'GET', path: 'stock/lamp' },
          response: { status: 404, body: { message: 'none' } },
        },
      ],
      given: { item: 'lamp' },
      made: { item: 'lamp', stock: null, status: 404 },
    },
    {
      title: 'A list of several pages',
      options: {
        client: 'shop',
        path: 'orders',
        query: { customer: '&{id}' },
        items: 'rows',
        paging: { cursor: { parameter: 'after', from: 'next' } },
        to: 'orders',
      },
      http: [
        { request: { method: 'GET', path: 'orders' }, response: { body: { rows: [{ id: 1 }], next: 'b' } } },
        { request: { method: 'GET', path: 'orders' }, response: { body: { rows: [{ id: 2 }], next: null } } },
      ],
      given: { id: 7 },
      made: { id: 7, orders: [{ id: 1 }, { id: 2 }] },
    },
    {
      title: 'No customer, no request',
      options: { client: 'shop', path: 'customers/&{customer}', to: 'who' },
      given: { id: 1, customer: null },
      error: 'request.missing_parameter',
    },
  ],
  check(options, report) {
    checkRequestPath(options.path, report, ['path']);
    checkBody(options, report);
    if (options.paging) checkPaging(options.paging, report, ['paging']);
  },
  shape(options, check) {
    checkRequestShape(check);
    return placedShape(options, check.record, UNKNOWN);
  },
  create(options, { compile, clientOf }) {
    const { items, expect, paging } = options;
    const method = options.method.toUpperCase() as Method;
    const client = requester(options.client, clientOf);
    const prepare = compileRequest(options, compile);
    const readRows = compileAnswer(items === undefined ? {} : { items }, compile);
    const part = items === undefined ? undefined : compileOnBody(items, compile);
    const paginator = paging && compilePaging(paging, compile);
    const place = placeAnswer(options);

    const ask = async (asked: HttpRequest): Promise<Answered> => {
      if (!paginator) {
        const { status, body } = await client.request(asked);
        return { status, body: part ? part(body) : body };
      }
      const rows: Json[] = [];
      let status = 0;
      for await (const page of readPages({ client, request: asked, readRows, paginator })) {
        status = page.response.status;
        for (const row of page.rows) rows.push(row);
      }
      return { status, body: rows };
    };
    return {
      transform: async (data, run) =>
        place(data, await ask({ ...prepare(data, run.context), method, expect, signal: run.signal })),
    };
  },
});

function checkBody({ method, body, encoding, paging }: RequestSettings, report: Report): void {
  const reads = method.toUpperCase() === 'GET';
  if (reads && body !== undefined) {
    const hint = 'Use "query", or the method POST.';
    report({
      code: 'config.invalid_value',
      message: 'A GET sends no body',
      hint,
      path: ['body'],
      atKey: true,
    });
  }
  if (paging?.in !== 'body' || (!reads && encoding === 'json')) return;
  const message = 'There is no JSON body that the parameter of the paging could go into';
  report({ code: 'config.invalid_value', message, path: ['paging', 'in'] });
}

/** A client that can be asked by HTTP. Throws `config.wrong_client` for one that cannot. */
function requester(id: string, clientOf: (id: string) => unknown): Requester {
  const client = clientOf(id) as Partial<Requester>;
  if (typeof client.request === 'function') return client as Requester;
  throw new MillraceError('config.wrong_client', `Client "${id}" cannot be asked by HTTP`);
}
