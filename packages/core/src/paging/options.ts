import { type Static, Type } from 'typebox';
import type { Compiler } from '../define.ts';
import { MillraceError } from '../errors.ts';
import type { OptionPath, Report } from '../findings.ts';
import type { Json } from '../json.ts';
import { parsePath } from '../paths/path.ts';
import { Expression, Options } from '../schema.ts';
import { compileOnBody } from './on-body.ts';
import type { Paginator } from './page.ts';
import { createPaginator } from './paginator.ts';
import {
  byCursor,
  byLink,
  byNumber,
  byOffset,
  linkOf,
  type ParameterPlace,
  type ReadAnswer,
} from './ways.ts';

const parameter = (description: string, byDefault?: string) =>
  Type.String({ minLength: 1, description, ...(byDefault !== undefined && { default: byDefault }) });

/** The option `paging`: how a list goes on. */
export const PagingOptions = Options(
  {
    page: Type.Optional(
      Options(
        {
          parameter: parameter('Takes the number of the page', 'page'),
          first: Type.Integer({ minimum: 0, default: 1, description: 'Number of the first page' }),
        },
        { description: 'Pages are asked for by their number' },
      ),
    ),
    offset: Type.Optional(
      Options(
        {
          parameter: parameter('Takes the number of rows before the page', 'offset'),
          first: Type.Integer({ minimum: 0, default: 0, description: 'Offset of the first page' }),
        },
        { description: 'Pages are asked for by the number of rows before them' },
      ),
    ),
    cursor: Type.Optional(
      Options(
        {
          parameter: parameter('Takes the cursor; the first request has none'),
          from: Type.Optional(
            Expression({ description: 'The cursor of the next page in the body of an answer' }),
          ),
          header: Type.Optional(
            Type.String({
              minLength: 1,
              description: 'Header of an answer that holds it, instead of `from`',
            }),
          ),
          first: Type.Optional(
            Type.String({ minLength: 1, description: 'Cursor of the first page, where it needs one' }),
          ),
        },
        { description: 'Each answer gives the cursor of the next page' },
      ),
    ),
    next: Type.Optional(
      Options(
        {
          from: Expression({
            description: 'Where that link is; it may lead below the address of the client only',
          }),
        },
        { description: 'Each answer gives a link to the next page in its body' },
      ),
    ),
    link: Type.Optional(
      Options(
        {
          rel: Type.String({
            minLength: 1,
            default: 'next',
            description: 'Relation type of that link',
          }),
        },
        { description: 'Each answer gives a link to the next page in its header Link (RFC 8288)' },
      ),
    ),
    in: Type.Unsafe<ParameterPlace>({
      type: 'string',
      enum: ['query', 'body'],
      default: 'query',
      description: 'Where the parameter goes; in a body its name is a path',
    }),
    more: Type.Optional(
      Expression({ description: 'Whether there is more, in the body of an answer; where it says so' }),
    ),
    maxPages: Type.Integer({
      minimum: 1,
      default: 100_000,
      description: 'A list with more pages is taken for one without end',
    }),
  },
  { description: 'How the list goes on: one of page, offset, cursor, next and link' },
);

export type Paging = Static<typeof PagingOptions>;

const WAYS = ['page', 'offset', 'cursor', 'next', 'link'] as const;

/** Reports what the schema cannot say of `paging`. */
export function checkPaging(paging: Paging, report: Report, at: OptionPath): void {
  const given = WAYS.filter((way) => paging[way] !== undefined);
  if (given.length !== 1) {
    const message =
      given.length === 0
        ? 'It is not said how the list goes on'
        : `Two ways to page are given: ${given.join(', ')}`;
    const code = given.length === 0 ? 'config.missing_option' : 'config.invalid_value';
    report({ code, message, hint: `Give exactly one of ${WAYS.join(', ')}.`, path: at, atKey: true });
  }
  const { cursor } = paging;
  if (cursor && (cursor.from === undefined) === (cursor.header === undefined)) {
    const message = 'A cursor is found either in the body or in a header';
    const hint = 'Give exactly one of from and header.';
    const code = cursor.from === undefined ? 'config.missing_option' : 'config.invalid_value';
    report({ code, message, hint, path: [...at, 'cursor'], atKey: true });
  }
  if (paging.in === 'body') checkBodyPlace(paging, report, at);
}

function checkBodyPlace(paging: Paging, report: Report, at: OptionPath): void {
  for (const way of ['page', 'offset', 'cursor'] as const) {
    const name = paging[way]?.parameter;
    if (name === undefined) continue;
    try {
      parsePath(name);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      report({ code: error.code, message: error.message, path: [...at, way, 'parameter'] });
    }
  }
}

/** Makes the paginator that checked options describe. */
export function compilePaging(paging: Paging, compile: Pick<Compiler, 'value'>): Paginator {
  const { more, maxPages } = paging;
  const says = more === undefined ? undefined : compileOnBody(more, compile);
  return createPaginator(wayOf(paging, compile), {
    maxPages,
    ...(says && { more: ({ body }) => isTrue(says(body)) }),
  });
}

function wayOf(paging: Paging, compile: Pick<Compiler, 'value'>) {
  const { page, offset, cursor, next, link, in: place } = paging;
  if (page) return byNumber(page.parameter, page.first, place);
  if (offset) return byOffset(offset.parameter, offset.first, place);
  if (cursor) return byCursor(cursor.parameter, readCursor(cursor, compile), cursor.first ?? null, place);
  if (next) {
    const read = compileOnBody(next.from, compile);
    return byLink(({ body }) => read(body));
  }
  return byLink(linkOf(link?.rel ?? 'next'));
}

function readCursor(
  { from, header }: NonNullable<Paging['cursor']>,
  compile: Pick<Compiler, 'value'>,
): ReadAnswer {
  if (from !== undefined) {
    const read = compileOnBody(from, compile);
    return ({ body }) => read(body);
  }
  const name = header?.toLowerCase() ?? '';
  return ({ headers }) => headers[name]?.toString() ?? null;
}

/** What JMESPath takes for true. */
function isTrue(value: Json): boolean {
  if (value === null || value === false || value === '') return false;
  return typeof value === 'object' ? Object.keys(value).length > 0 : true;
}
