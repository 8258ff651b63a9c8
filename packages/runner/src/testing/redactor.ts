import { isObject, type Json, type JsonObject } from '@millrace/core';

export type Kind = 'secret' | 'mail' | 'phone' | 'name' | 'address';

/** Names of fields, `*` for any letters, that hold something of a kind; the first kind that fits counts. */
const FIELDS: readonly (readonly [Kind, readonly string[]])[] = [
  [
    'secret',
    [
      '*password*',
      '*secret*',
      '*token*',
      '*api*key*',
      '*private*key*',
      'authorization',
      '*cookie*',
      '*session*id*',
    ],
  ],
  ['mail', ['*email*', '*e-mail*', '*e_mail*', 'mail', '*mail*address*']],
  ['phone', ['*phone*', '*mobile*', '*fax*', 'tel', '*whatsapp*']],
  [
    'name',
    [
      ...[
        'user',
        'first',
        'last',
        'full',
        'sur',
        'nick',
        'contact',
        'agent',
        'client',
        'customer',
        'person',
      ].map((what) => `*${what}*name*`),
      ...['*requester*', '*reported*by*', '*created*by*', '*assigned*to*', 'author', 'owner'],
    ],
  ],
  ['address', ['*address*', '*street*', '*post*code*', '*zip*']],
];

const MAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;
const PHONE = /(?<![\w.-])(?:\+|00)\d(?:[ ()./-]{0,2}\d){7,14}(?![\w-])/g;
/** JSON web tokens, and what stands behind "Bearer". */
const TOKEN = /\beyJ[\w-]+\.[\w-]+\.[\w-]*|(?<=\bBearer )[\w.~+/=-]{8,}/g;

/** Shorter texts would be found inside of words that mean something else. */
const SEARCHED = 4;

export interface RedactorOptions {
  /** Further fields whose texts are replaced: names with `*`, or ends of paths such as `contact.note`. */
  readonly fields?: readonly string[];
  /** Fields that stay as they are, whatever is found in them. */
  readonly keep?: readonly string[];
}

/**
 * Replaces secrets and personal data by made-up ones, the same by the same wherever they stand: in fields that are named
 * so, in every other text that repeats them, and addresses, numbers and tokens that show what they are.
 */
export class Redactor {
  readonly #fields: readonly (readonly [Kind, readonly FieldPattern[]])[];
  readonly #keep: readonly FieldPattern[];
  readonly #known = new Map<string, string>();
  readonly #counts = new Map<Kind, number>();
  /** Those that are searched for in texts, the longest first. */
  #searched: RegExp | undefined;

  constructor({ fields = [], keep = [] }: RedactorOptions = {}) {
    this.#fields = [
      ['name', fields.map(fieldPattern)],
      ...FIELDS.map(([kind, list]) => [kind, list.map(fieldPattern)] as const),
    ];
    this.#keep = keep.map(fieldPattern);
  }

  /** How many different values of each kind were replaced. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** Looks for what must not be seen. To be called with everything before anything is replaced. */
  learn(value: Json): void {
    this.#learn(value, [], undefined);
    const words = [...this.#known.keys()]
      .filter((text) => text.length >= SEARCHED)
      .sort((a, b) => b.length - a.length);
    this.#searched =
      words.length === 0
        ? undefined
        : new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.map(literally).join('|')})(?![\\p{L}\\p{N}])`, 'giu');
  }

  /** The same value with made-up ones in the place of what was learnt. */
  redact<T extends Json>(value: T): T {
    return this.#redact(value, [], undefined) as T;
  }

  /** The same for one text, such as a path or a key. */
  text(text: string): string {
    return this.#replaced(text, undefined);
  }

  #learn(value: Json, path: readonly string[], inherited: Kind | undefined): void {
    if (Array.isArray(value)) for (const member of value) this.#learn(member as Json, path, inherited);
    else if (isObject(value)) {
      for (const [key, member] of Object.entries(value)) {
        const inside = [...path, key];
        if (this.#isKept(inside)) continue;
        this.#learn(member, inside, this.#kindOf(inside) ?? inherited);
      }
    } else if (typeof value === 'string') this.#text(value, inherited);
    else if (typeof value === 'number' && (inherited === 'phone' || inherited === 'secret'))
      this.#know(String(value), inherited);
  }

  #text(text: string, kind: Kind | undefined): void {
    if (kind !== undefined && text.trim() !== '') this.#know(text, kind);
    for (const [found, shape] of [
      [MAIL, 'mail'],
      [PHONE, 'phone'],
      [TOKEN, 'secret'],
    ] as const) {
      for (const [match] of text.matchAll(found)) this.#know(match, shape);
    }
  }

  #know(text: string, kind: Kind): void {
    const key = normal(text);
    if (this.#known.has(key)) return;
    const number = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, number);
    this.#known.set(key, MADE_UP[kind](number));
  }

  #redact(value: Json, path: readonly string[], inherited: Kind | undefined): Json {
    if (Array.isArray(value)) return value.map((member: Json) => this.#redact(member, path, inherited));
    if (isObject(value)) return this.#members(value, path, inherited);
    if (typeof value === 'string') return this.#replaced(value, inherited);
    // A number elsewhere that is the same by chance is another one.
    const made = typeof value === 'number' && inherited ? this.#known.get(String(value)) : undefined;
    return made === undefined ? value : Number(made.replace(/\D/g, ''));
  }

  #members(value: JsonObject, path: readonly string[], inherited: Kind | undefined): JsonObject {
    const members = Object.entries(value).map(([key, member]) => {
      const inside = [...path, key];
      if (this.#isKept(inside)) return [key, member];
      return [key, this.#redact(member, inside, this.#kindOf(inside) ?? inherited)];
    });
    return Object.fromEntries(members) as JsonObject;
  }

  #replaced(text: string, kind: Kind | undefined): string {
    const whole = kind || text.length >= SEARCHED ? this.#known.get(normal(text)) : undefined;
    if (whole !== undefined) return whole;
    return this.#searched
      ? text.replace(this.#searched, (found) => this.#known.get(normal(found)) ?? 'redacted')
      : text;
  }

  #kindOf(path: readonly string[]): Kind | undefined {
    return this.#fields.find(([, patterns]) => patterns.some((pattern) => pattern(path)))?.[0];
  }

  #isKept(path: readonly string[]): boolean {
    return this.#keep.some((pattern) => pattern(path));
  }
}

const MADE_UP: Readonly<Record<Kind, (number: number) => string>> = {
  secret: (number) => `redacted-${number}`,
  mail: (number) => `person-${number}@example.com`,
  phone: (number) => `+0000000${String(number).padStart(4, '0')}`,
  name: (number) => `Name ${number}`,
  address: (number) => `Address ${number}`,
};

/**
 * Mail addresses and names are the same in any letter case. Letter by letter, as regular expressions compare: a letter
 * whose lower case is longer than one (İ) would not be found again.
 */
function normal(text: string): string {
  return Array.from(text.trim(), (letter) => {
    const lower = letter.toLowerCase();
    return lower.length === letter.length ? lower : letter;
  }).join('');
}

type FieldPattern = (path: readonly string[]) => boolean;

/** The last segments of a path, each with `*`, in any letter case. */
function fieldPattern(pattern: string): FieldPattern {
  const segments = pattern
    .split('.')
    .map((segment) => new RegExp(`^${segment.split('*').map(literally).join('.*')}$`, 'iu'));
  return (path) => {
    if (path.length < segments.length) return false;
    const end = path.slice(-segments.length);
    return segments.every((segment, index) => segment.test(end[index] ?? ''));
  };
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
