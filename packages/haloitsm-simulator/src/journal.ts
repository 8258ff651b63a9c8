import { type Call, isTokenPath } from './call.ts';
import type { Json, JsonObject } from './data/json.ts';

export interface JournalEntry {
  readonly sequence: number;
  /** When the answer was decided; ISO 8601, UTC. */
  readonly time: string;
  readonly method: string;
  /** As it was called: /api/Tickets. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** As it came, parsed; secrets of token requests masked. Of a body over the limit its beginning, as text. */
  readonly body?: Json;
  readonly status: number;
  /** The fault on purpose that the call met, with " afterwards" where the call was processed all the same. */
  readonly fault?: string;
}

export interface JournalFilter {
  readonly method?: string;
  /** Beginning of the path below /api, in any letter case: `Asset`. With a slash first, of the whole path. */
  readonly path?: string;
  /** Entries with a greater sequence. */
  readonly after?: number;
}

/** Beyond it the oldest tenth goes. */
const MAX_ENTRIES = 200_000;
/** Bytes of all bodies that are kept; beyond it the oldest tenth of the entries goes. */
const MAX_BODIES = 64 * 1024 * 1024;
/** Bytes of a single body beyond which only its beginning is kept. */
const MAX_BODY = 64 * 1024;
const BEGINNING = 4096;

/** What the simulator was asked, in order. */
export class Journal {
  #entries: JournalEntry[] = [];
  #sizes: number[] = [];
  #size = 0;
  #sequence = 0;

  note({ method, path, query, bytes, value }: Call, status: number, fault: string | undefined): void {
    this.#sequence++;
    const size = Math.min(bytes.length, BEGINNING + MAX_BODY);
    this.#entries.push({
      sequence: this.#sequence,
      time: new Date().toISOString(),
      method,
      path,
      query: Object.fromEntries(query),
      ...(bytes.length > 0 && { body: bodyOf(path, bytes, value) }),
      status,
      ...(fault !== undefined && { fault }),
    });
    this.#sizes.push(size);
    this.#size += size;
    if (this.#entries.length > MAX_ENTRIES || this.#size > MAX_BODIES) this.#shorten();
  }

  entries(filter: JournalFilter = {}): readonly JournalEntry[] {
    const { method, path, after = 0 } = filter;
    const whole = path === undefined || path.startsWith('/') ? path : `/api/${path}`;
    return this.#entries.filter(
      (entry) =>
        entry.sequence > after &&
        (method === undefined || entry.method === method.toUpperCase()) &&
        (whole === undefined || entry.path.toLowerCase().startsWith(whole.toLowerCase())),
    );
  }

  clear(): void {
    this.#entries = [];
    this.#sizes = [];
    this.#size = 0;
  }

  #shorten(): void {
    const count = Math.ceil(this.#entries.length / 10);
    this.#entries = this.#entries.slice(count);
    for (const size of this.#sizes.slice(0, count)) this.#size -= size;
    this.#sizes = this.#sizes.slice(count);
  }
}

function bodyOf(path: string, bytes: Buffer, value: Json | undefined): Json {
  if (bytes.length > MAX_BODY) return `${bytes.toString().slice(0, BEGINNING)}…`;
  return isTokenPath(path) ? masked(new URLSearchParams(bytes.toString())) : (value ?? bytes.toString());
}

/** The members of a token request, those that sign in unreadable. */
function masked(form: URLSearchParams): JsonObject {
  const isSecret = (name: string) => /secret|password|token|assertion|code/.test(name);
  return Object.fromEntries([...form].map(([name, value]) => [name, isSecret(name) ? '***' : value]));
}
