import { Type } from 'typebox';
import type { Compiler } from '../define.ts';
import { MillraceError } from '../errors.ts';
import type { HttpResponse } from '../exchange.ts';
import { isObject, type Json } from '../json.ts';
import { Expression } from '../schema.ts';
import { compileOnBody } from './on-body.ts';

/** Options that say where in an answer its rows are. */
export const ANSWER_OPTIONS = {
  items: Type.Optional(
    Expression({ description: 'Where the rows are in the body of an answer. Default: the body itself' }),
  ),
  total: Type.Optional(Expression({ description: 'Where the body says how many rows there are in all' })),
  totalHeader: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'Header that says so, instead of `total`, such as X-Total-Count',
    }),
  ),
};

export interface AnswerShape {
  readonly items?: string;
  readonly total?: string;
  readonly totalHeader?: string;
}

/** The rows of an answer, and how many there are in all where it is to say so. */
export interface Rows {
  readonly rows: readonly Json[];
  readonly total?: number;
}

/**
 * Compiles how the rows of an answer are found: in a list, or one object that is the one row. 204 has none. Anything else
 * is an error (`client.protocol`), never "no rows": a system whose answers change must not look empty.
 */
export function compileAnswer(
  { items, total, totalHeader }: AnswerShape,
  compile: Pick<Compiler, 'value'>,
): (response: HttpResponse) => Rows {
  const find = items === undefined ? undefined : compileOnBody(items, compile);
  const count = total === undefined ? undefined : compileOnBody(total, compile);
  const header = totalHeader?.toLowerCase();
  return (response) => {
    const { status, body, headers } = response;
    // A status outside 2xx comes here only where it is expected: then there is no list.
    if (status > 299) return { rows: [] };
    const rows = status === 204 ? [] : rowsIn(find ? find(body) : (body ?? null), items, response);
    if (count) return { rows, total: toTotal(count(body), `"${total}"`, response) };
    if (header !== undefined)
      return {
        rows,
        total: toTotal(headers[header]?.toString() ?? null, `the header ${totalHeader}`, response),
      };
    return { rows };
  };
}

function rowsIn(found: Json, items: string | undefined, response: HttpResponse): readonly Json[] {
  if (Array.isArray(found)) return found;
  // A text is a row only where the options point at it: otherwise it is an error page or the like.
  if (isObject(found) || (items !== undefined && found !== null)) return [found];
  const what = found === null ? 'nothing' : `a ${typeof found}`;
  const where = items === undefined ? 'its body' : `"${items}"`;
  throw unexpected(response, `answered with ${what} where its rows should be, in ${where}`);
}

function toTotal(value: Json, where: string, response: HttpResponse): number {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0) return count;
  throw unexpected(response, `does not say in ${where} how many rows there are`);
}

function unexpected({ exchange }: HttpResponse, what: string): MillraceError {
  const { method, url } = exchange.request;
  const { origin, pathname } = new URL(url);
  return new MillraceError('client.protocol', `${method} ${origin}${pathname} ${what}`, {
    hint: 'Look at an answer of the system, and say where its rows are: items, total.',
  });
}
