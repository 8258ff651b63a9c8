import { markdownTable } from '../markdown.ts';

/**
 * Where a fault strikes: instead of the answer, on the connection, in the page that a list shows, in the token, or on
 * the way of a webhook.
 */
type Place = 'answer' | 'connection' | 'page' | 'token' | 'hook';

interface Kind {
  readonly place: Place;
  /** True: the call may have been processed before its answer was lost; a draw, or the plan, decides. */
  readonly maybeDone?: true;
  /** True: it takes milliseconds, as in slow=0.01:5000. */
  readonly timed?: true;
  readonly about: string;
}

const KINDS = {
  '400': { place: 'answer', about: 'nothing was done' },
  '401': { place: 'answer', about: 'no body; the token stays good' },
  '403': { place: 'answer', about: 'no body' },
  '404': { place: 'answer', about: 'no body' },
  '408': { place: 'answer', about: 'nothing was done' },
  '429': { place: 'answer', about: 'nothing was done; text, and `Retry-After: 1`' },
  '500': { place: 'answer', maybeDone: true, about: 'no body' },
  '502': { place: 'answer', maybeDone: true, about: 'a page of the gateway, in HTML' },
  '503': { place: 'answer', about: 'nothing was done' },
  '504': { place: 'answer', maybeDone: true, about: 'a page of the gateway, in HTML' },
  html: { place: 'answer', maybeDone: true, about: 'HTTP 200 with a page for people, as in maintenance' },
  expire: { place: 'token', about: '401, and the token that was sent is worth nothing any more' },
  slow: {
    place: 'connection',
    timed: true,
    about: 'does the work and answers late: after 2 s, or so many milliseconds',
  },
  truncate: {
    place: 'connection',
    about: 'does the work, announces all of the answer, and breaks off half way',
  },
  reset: { place: 'connection', maybeDone: true, about: 'the connection is cut' },
  lost: { place: 'connection', about: 'does the work, and the connection is cut' },
  hang: { place: 'connection', maybeDone: true, about: 'no answer ever; the connection stays' },
  move: { place: 'page', about: 'a list without `order` comes in another order: rows move between pages' },
  duplicate: { place: 'page', about: 'the page begins with the last row of the page before' },
  skip: { place: 'page', about: 'the page begins one row late, and that row is on no page' },
  drift: { place: 'page', about: '`record_count` is one to three too high or too low' },
  empty: { place: 'page', about: 'the page is empty, though `record_count` says that there is more' },
  'hook-lost': { place: 'hook', about: 'a webhook is never sent, and nobody hears of it' },
  'hook-double': { place: 'hook', about: 'a webhook is sent twice' },
  'hook-late': {
    place: 'hook',
    timed: true,
    about: 'a webhook is sent after 2 s, or so many milliseconds; others overtake it',
  },
} as const satisfies Readonly<Record<string, Kind>>;

/** What may go wrong on purpose. */
export type FaultKind = keyof typeof KINDS;

export const FAULTS: readonly FaultKind[] = Object.keys(KINDS) as FaultKind[];

export function isKind(text: string): text is FaultKind {
  return Object.hasOwn(KINDS, text);
}

export function kindOf(fault: FaultKind): Kind {
  return KINDS[fault];
}

/** The faults as a table in Markdown, for the README. */
export function faultsTable(): string {
  const rows = FAULTS.map((name) => {
    const { place, maybeDone, about }: Kind = KINDS[name];
    const when = maybeDone ? 'before the work, or after it' : '';
    return [`\`${name}\``, place, about, when];
  });
  return markdownTable([['fault', 'where', 'what happens', 'when'], ...rows]);
}
