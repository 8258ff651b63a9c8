import { MillraceError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { parseLinkHeader } from './link-header.ts';
import type { PageAnswer, PageRequest, Way } from './page.ts';

/** Where a parameter is put. */
export type ParameterPlace = 'query' | 'body';

/** Reads something out of an answer; null where it is not there. */
export type ReadAnswer = (answer: Pick<PageAnswer, 'body' | 'headers'>) => Json;

function placed(place: ParameterPlace, name: string): (at: Json) => PageRequest {
  return (at) => {
    if (at === null) return {};
    return place === 'query' ? { query: { [name]: at } as JsonObject } : { body: { path: name, value: at } };
  };
}

/** By the end the server decides: where it says how many there are, when they came; else at a page with none. */
function isLast({ rows, total }: PageAnswer, received: number): boolean {
  return rows.length === 0 || (total !== undefined && received >= total);
}

/** Pages by number. How long they are does not matter: servers cap it without a word. */
export function byNumber(parameter: string, first: number, place: ParameterPlace): Way {
  const after = (at: Json) => Number(at) + 1;
  return { first, worded: false, ask: placed(place, parameter), after, isLast };
}

/** Pages by the number of rows before them, as many as came. */
export function byOffset(parameter: string, first: number, place: ParameterPlace): Way {
  const after = (at: Json, { rows }: PageAnswer) => Number(at) + rows.length;
  return { first, worded: false, ask: placed(place, parameter), after, isLast };
}

/** Pages by a cursor that each answer gives for the next. 0 is one; null, false and an empty text are none. */
export function byCursor(parameter: string, read: ReadAnswer, first: Json, place: ParameterPlace): Way {
  const after = (_: Json, answer: PageAnswer) => given(read(answer));
  return {
    first,
    worded: true,
    ask: placed(place, parameter),
    after,
    isLast: (answer) => after(null, answer) === undefined,
  };
}

/** Pages by a link that each answer gives to the next, in its body or elsewhere. */
export function byLink(read: (answer: PageAnswer) => Json): Way {
  const after = (_: Json, answer: PageAnswer) => {
    const link = given(read(answer));
    return link === undefined ? undefined : absolute(link, answer.url);
  };
  return {
    first: null,
    worded: true,
    ask: (at) => (typeof at === 'string' ? { link: at } : {}),
    after,
    isLast: (answer) => after(null, answer) === undefined,
  };
}

/** Reads the link of a relation type out of the `Link` header; null where there is none. */
export function linkOf(rel: string): (answer: PageAnswer) => Json {
  const wanted = rel.toLowerCase();
  return ({ headers, url }) => {
    const header = headers['link'];
    const text = Array.isArray(header) ? header.join(', ') : String(header ?? '');
    const ours = (anchor: string | undefined) => anchor === undefined || absolute(anchor, url) === url;
    const found = parseLinkHeader(text).find((link) => link.rel.includes(wanted) && ours(link.anchor));
    return found?.target ?? null;
  };
}

function given(value: Json): Json | undefined {
  return value === null || value === false || value === '' ? undefined : value;
}

function absolute(link: Json, base: string): string {
  const url = typeof link === 'string' ? URL.parse(link, base) : null;
  if (url) return url.href;
  throw new MillraceError('client.protocol', `The link to the next page is no link: ${JSON.stringify(link)}`);
}
