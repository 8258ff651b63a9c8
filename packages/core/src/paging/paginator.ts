import { createHash } from 'node:crypto';
import { MillraceError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Page, PageAnswer, Paginator, Way } from './page.ts';

export interface PaginatorOptions {
  /** Whether the server says that there is more; without it the way itself knows. */
  readonly more?: (answer: PageAnswer) => boolean;
  /** More pages than this are taken for a loop. */
  readonly maxPages: number;
}

/** Goes a way from page to page, to the end that the server tells. A loop of any length is an error. */
export function createPaginator(way: Way, { more, maxPages }: PaginatorOptions): Paginator {
  return {
    first: { at: way.first, pages: 0, received: 0 },
    ask: (page) => way.ask(page.at),
    next(page, answer) {
      const pages = page.pages + 1;
      const received = page.received + answer.rows.length;
      const rows = answer.rows.length === 0 ? undefined : print(answer.rows);
      if (rows !== undefined && rows === page.rows) throw noProgress(page, 'is the same as the page before');
      const ended = more ? !more(answer) : way.isLast(answer, received);
      if (ended) return undefined;
      const at = way.after(page.at, answer);
      if (at === undefined) throw endless(page);
      if (isSame(at, page.at)) {
        // Some servers end by giving the cursor that they were asked with.
        if (answer.rows.length === 0 && !more) return undefined;
        throw noProgress(page, 'leads to itself');
      }
      const told = way.worded ? print(at) : rows;
      if (told !== undefined && told === page.mark) throw noProgress(page, 'leads back to a page before');
      if (pages >= maxPages)
        throw noProgress(page, `is not the last: more than ${maxPages} pages are not read`);
      const marks = told !== undefined && Number.isInteger(Math.log2(pages));
      const mark = marks ? told : page.mark;
      return {
        at,
        pages,
        received,
        ...(rows !== undefined && { rows }),
        ...(mark !== undefined && { mark }),
      };
    },
  };
}

function print(value: Json): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}

function isSame(left: Json, right: Json): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function noProgress({ pages, received }: Page, what: string): MillraceError {
  return new MillraceError('source.no_progress', `Page ${pages + 1} ${what}, after ${received} rows`, {
    hint: 'Check that the parameters under "paging" are those of the system, and give the query an order that it honours.',
  });
}

function endless({ pages, received }: Page): MillraceError {
  const message = `Page ${pages + 1} says that there is more, and not where, after ${received} rows`;
  return new MillraceError('source.no_progress', message, {
    hint: 'Check where "paging" looks for the next page.',
  });
}
