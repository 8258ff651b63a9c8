import type { Json } from './data/json.ts';

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

  /** `bytes` is the size of the body as it came; `text` gives it where only its beginning is kept. */
  add(entry: Omit<JournalEntry, 'sequence' | 'time'>, bytes: number, text: () => string): void {
    this.#sequence++;
    const kept = bytes <= MAX_BODY ? entry : { ...entry, body: `${text().slice(0, BEGINNING)}…` };
    const size = Math.min(bytes, BEGINNING + MAX_BODY);
    this.#entries.push({ sequence: this.#sequence, time: new Date().toISOString(), ...kept });
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
