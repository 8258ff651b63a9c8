import { markdownTable } from './markdown.ts';

interface Quirk {
  /** Whether it is on where nobody says otherwise: the real API has been seen with it. */
  readonly on: boolean;
  /** What happens where it is on. */
  readonly about: string;
  /** What happens instead where it is off. */
  readonly off: string;
}

/** Ways of the real API that surprise its callers. Each can be switched off, or on. */
export const QUIRKS = {
  // Signing in
  'scopeless-tokens': {
    on: true,
    about: 'a token request without a scope gets a token, and every call with it answers 401',
    off: '400 `invalid_scope`',
  },
  'sign-in-uncounted': {
    on: true,
    about: 'token requests count for no rate limit',
    off: 'they count',
  },
  'tenant-needed': {
    on: false,
    about: 'token requests that name no tenant are refused, as on hosts of several tenants',
    off: 'the tenant of the address is meant',
  },
  'empty-refusals': {
    on: true,
    about: '401, 403 and 404 have no body',
    off: '`{"error": "…"}`',
  },
  'application-refused': {
    on: true,
    about: "some GETs refuse an application's token whatever its scopes: `Client/me`, `PasswordField`, …",
    off: 'they answer like any other',
  },
  'redirecting-paths': {
    on: true,
    about: '`UnsubServiceEmails` and two more answer 302 to a page for people',
    off: 'they answer like any other',
  },
  // Paging
  'pageinate-needed': {
    on: true,
    about: 'without `pageinate=true` the paging parameters are ignored, and the answer has 50 rows',
    off: '`page_size` or `page_no` alone pages',
  },
  'page-no-needed': {
    on: false,
    about: 'without `page_no` the paging parameters are ignored, as without `pageinate`',
    off: 'a missing `page_no` is the first page',
  },
  'page-size-echo': {
    on: true,
    about: '`page_size` repeats what was asked for, though the cap gives fewer rows',
    off: '`page_size` is the size of the page',
  },
  'count-of-page': {
    on: true,
    about: 'without paging `record_count` is the number of rows in the answer',
    off: 'it is the total',
  },
  'lists-never-page': {
    on: true,
    about: '`Appointment` and ten others give everything, whatever page is asked for',
    off: 'they page',
  },
  'assets-by-50': {
    on: false,
    about: 'a page of `Asset` has 50 rows at most, as one self-hosted instance has it',
    off: 'the page cap holds',
  },
  unordered: {
    on: false,
    about: 'a list without `order` comes in another order each time: rows move between pages',
    off: 'in order of creation',
  },
  // Shapes
  'thin-rows': {
    on: true,
    about: 'rows of lists have no custom fields, no HTML, no names of agents and statuses',
    off: 'rows are whole records',
  },
  'nulls-left-out': {
    on: true,
    about: 'a field that is not set is not there',
    off: 'fields that can be empty are null',
  },
  'decimal-ids': {
    on: true,
    about: '`Site.client_id`, `Users.site_id` and the times of priorities are decimals: `21.0`',
    off: 'they are whole numbers',
  },
  'sentinel-dates': {
    on: true,
    about: '"not set" is `1900-01-01T00:00:00` or `1899-12-30T00:00:00`',
    off: 'such fields are not there',
  },
  'zoneless-dates': {
    on: true,
    about: 'dates have no zone, and are UTC',
    off: 'they end in `Z`',
  },
  'action-ids-per-ticket': {
    on: true,
    about: 'action ids begin at 1 in every ticket, and need `ticket_id` beside them',
    off: 'action ids are unique: ticket × 1000 + number',
  },
  'cut-details': {
    on: false,
    about: '`details` of list rows are cut after 250 characters',
    off: 'they are whole',
  },
  'search-lag': {
    on: false,
    about: '`search` does not find what changed in the last two seconds',
    off: 'it finds it at once',
  },
  // Writing
  'array-needed': {
    on: true,
    about: 'an object where an array is wanted is 400 (but for `Actions`)',
    off: 'an object is taken for an array of one',
  },
  'last-of-array': {
    on: true,
    about: 'a POST of several answers with the last alone, unless `returnall=true`',
    off: 'it answers with all',
  },
  'created-201': {
    on: true,
    about: 'POST answers 201, for updates too',
    off: '200',
  },
  'whole-arrays': {
    on: true,
    about: 'an array with one refused element changes nothing',
    off: 'the elements before the refused one are saved',
  },
  'null-keeps': {
    on: true,
    about: 'null in an update changes nothing',
    off: 'it empties the field',
  },
  'unknown-id-404': {
    on: true,
    about: 'an update of an id that there is not is 404',
    off: 'it makes a new record with another id',
  },
  'outcome-needed': {
    on: true,
    about: 'an action without an outcome is refused',
    off: 'it is taken',
  },
  'table-replaced': {
    on: true,
    about: 'the rows of a table field replace all that were there',
    off: 'they are added',
  },
  'json-needed': {
    on: true,
    about: 'a body of another content type than JSON is 415',
    off: 'it is read as JSON',
  },
  // Deleting
  'tickets-stay': {
    on: true,
    about: 'a deleted ticket stays (`?deleted=true`) and comes back with `_recover`',
    off: 'it is gone',
  },
  'delete-answers-record': {
    on: true,
    about: 'DELETE answers with the record',
    off: 'it answers with nothing',
  },
  'more-than-an-id': {
    on: true,
    about: '`Field` wants `kind` beside the id, `Lookup` `lookupid`, DELETE of `Actions` `ticket_id`',
    off: 'the first record with the id is meant',
  },
  'linked-refused': {
    on: true,
    about: 'DELETE of what others name is 400 with a sentence',
    off: 'it is deleted',
  },
  // Limits and failures
  'retry-after': {
    on: true,
    about: 'the rate limit says in `Retry-After` how long to wait; of the real one nobody knows',
    off: 'it does not',
  },
  'report-errors-200': {
    on: true,
    about: 'a report that fails does so with HTTP 200 and `load_error`',
    off: '400',
  },
  'slow-500': {
    on: false,
    about: 'a 500 on purpose takes seven seconds, as on a live instance',
    off: 'it comes at once',
  },
  'broken-lists': {
    on: false,
    about: '`Addressbook` and eleven other lists answer 500, as a live instance did without parameters',
    off: 'they answer like any other',
  },
  'slow-lists': {
    on: false,
    about: '`AssetChange`, `KBArticle` and three other lists take twenty seconds without a filter',
    off: 'they answer at once',
  },
} as const satisfies Readonly<Record<string, Quirk>>;

export type QuirkName = keyof typeof QUIRKS;
export type QuirkChanges = Readonly<Partial<Record<QuirkName, boolean>>>;

const NAMES = Object.keys(QUIRKS) as readonly QuirkName[];

/** Reads `thin-rows=off,unordered=on`. Throws a RangeError that says what is wrong. */
export function parseQuirks(text: string): QuirkChanges {
  const changes: Partial<Record<QuirkName, boolean>> = {};
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const [name = '', value = ''] = part.split('=').map((one) => one.trim());
    if (!isQuirk(name)) throw new RangeError(`"${name}" is no quirk; there are ${NAMES.join(', ')}`);
    if (value !== 'on' && value !== 'off') throw new RangeError(`"${part}": write ${name}=on or ${name}=off`);
    changes[name] = value === 'on';
  }
  return changes;
}

function isQuirk(name: string): name is QuirkName {
  return Object.hasOwn(QUIRKS, name);
}

/** Which quirks are on. */
export class Quirks {
  readonly #start: QuirkChanges;
  readonly #on = new Map<QuirkName, boolean>();

  constructor(changes: QuirkChanges) {
    this.#start = changes;
    this.reset();
  }

  has(name: QuirkName): boolean {
    return this.#on.get(name) === true;
  }

  /** Throws a RangeError on an unknown name or a value that is no boolean. */
  set(changes: QuirkChanges): void {
    for (const [name, on] of Object.entries(changes)) {
      if (!isQuirk(name)) throw new RangeError(`"${name}" is no quirk; there are ${NAMES.join(', ')}`);
      if (typeof on !== 'boolean') throw new RangeError(`quirk "${name}": true or false is wanted`);
    }
    for (const [name, on] of Object.entries(changes) as [QuirkName, boolean][]) this.#on.set(name, on);
  }

  all(): Readonly<Record<QuirkName, boolean>> {
    return Object.fromEntries(this.#on) as Record<QuirkName, boolean>;
  }

  /** As at the start. */
  reset(): void {
    for (const name of NAMES) this.#on.set(name, this.#start[name] ?? QUIRKS[name].on);
  }
}

/** The quirks as a table in Markdown, for the README. */
export function quirksTable(): string {
  const rows = NAMES.map((name) => {
    const { on, about, off } = QUIRKS[name];
    return [`\`${name}\``, on ? 'on' : 'off', about, off];
  });
  return markdownTable([['quirk', 'default', 'on', 'off'], ...rows]);
}
