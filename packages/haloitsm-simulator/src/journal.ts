import type { Json } from './data/json.ts';

export interface JournalEntry {
  readonly sequence: number;
  readonly at: string;
  readonly method: string;
  /** Below the root: /api/Tickets. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** As it came, parsed; secrets of token requests masked. */
  readonly body?: Json;
  readonly status: number;
  readonly fault?: string;
}

/** Beyond it the oldest entries go. */
const MAX_ENTRIES = 500_000;

/** What the simulator was asked, in order. */
export class Journal {
  #entries: JournalEntry[] = [];
  #sequence = 0;

  add(entry: Omit<JournalEntry, 'sequence' | 'at'>): void {
    this.#sequence++;
    this.#entries.push({ sequence: this.#sequence, at: new Date().toISOString(), ...entry });
    if (this.#entries.length > MAX_ENTRIES) this.#entries = this.#entries.slice(MAX_ENTRIES / 10);
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  clear(): void {
    this.#entries = [];
  }
}
