/** Over how long the rate before a refusal is measured. */
const MEASURE_MS = 10_000;
const FIRST_HOLD_MS = 1_000;
const LONGEST_HOLD_MS = 60_000;
const SLOWEST_PER_S = 0.2;
/** The rate grows by this factor a second until it is what it was before. */
const GROWTH = 1.05;

/**
 * Slows down when the other system says so: nothing goes for as long as it asks. Where no limit is configured, requests
 * then go at half of the rate that was too much, and faster again bit by bit.
 */
export class SlowDown {
  readonly #adapts: boolean;
  #heldUntil = 0;
  #refusals = 0;
  #sent: number[] = [];
  /** Requests a second, while it is slowed down. */
  #rate: number | undefined;
  #goal = 0;
  #grownAt = 0;
  #nextAt = 0;

  constructor(adapts: boolean) {
    this.#adapts = adapts;
  }

  get isOn(): boolean {
    return this.#rate !== undefined;
  }

  /** Milliseconds until a request may go. */
  get waitMs(): number {
    if (this.#heldUntil === 0 && this.#rate === undefined) return 0;
    const now = performance.now();
    this.#grow(now);
    return Math.max(0, Math.ceil(Math.max(this.#heldUntil, this.#nextAt) - now));
  }

  sent(): void {
    if (!this.#adapts) return;
    const now = performance.now();
    this.#sent.push(now);
    if (this.#sent.length > 1000) this.#sent = this.#sent.filter((at) => now - at < MEASURE_MS).slice(-500);
    if (this.#rate !== undefined) this.#nextAt = now + 1000 / this.#rate;
  }

  /** The other system refused a request because there were too many, or said that none is left. */
  refused(holdMs: number | undefined): void {
    const now = performance.now();
    // Those that were on their way when the first was refused say nothing new.
    if (now < this.#heldUntil && holdMs === undefined) return;
    const fresh = now >= this.#heldUntil;
    if (fresh) this.#refusals++;
    const hold = holdMs ?? Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** (this.#refusals - 1));
    this.#heldUntil = Math.max(this.#heldUntil, now + hold);
    if (!this.#adapts || !fresh) return;
    const measured = this.#sent.filter((at) => now - at < MEASURE_MS);
    const span = Math.max(1, (now - (measured[0] ?? now)) / 1000);
    this.#goal = this.#rate ?? measured.length / span;
    this.#rate = Math.max(SLOWEST_PER_S, this.#goal / 2);
    this.#grownAt = this.#heldUntil;
    this.#nextAt = this.#heldUntil;
  }

  #grow(now: number): void {
    if (now >= this.#heldUntil) this.#heldUntil = 0;
    if (this.#rate === undefined || now < this.#grownAt + 1000) return;
    this.#rate *= GROWTH ** ((now - this.#grownAt) / 1000);
    this.#grownAt = now;
    if (this.#rate < this.#goal * 2) return;
    this.#rate = undefined;
    this.#refusals = 0;
    this.#nextAt = 0;
  }
}
