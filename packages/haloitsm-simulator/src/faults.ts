import { Random } from './data/random.ts';

/** What may go wrong with a call on purpose. */
export type FaultKind = '400' | '429' | '500' | '502' | '503' | '504' | 'slow' | 'truncate' | 'reset';

export interface Fault {
  readonly kind: FaultKind;
  /** The call is processed, and then its answer is lost. */
  readonly afterwards: boolean;
  readonly delayMs: number;
}

/** A fault that the next matching calls meet. */
export interface PlannedFault {
  readonly fault: FaultKind;
  readonly method?: string;
  /** Beginning of the path below /api, in any letter case. */
  readonly path?: string;
  /** Default 1. */
  readonly times?: number;
  /** Lets so many matching calls pass first. */
  readonly after?: number;
  readonly afterwards?: boolean;
}

const KINDS: readonly string[] = ['400', '429', '500', '502', '503', '504', 'slow', 'truncate', 'reset'];
const SLOW_MS = 2000;

export type FaultRates = Readonly<Partial<Record<FaultKind, number>>>;

/** Reads `429=0.02,slow=0.01`. Throws a RangeError that says what is wrong. */
export function parseFaults(text: string): FaultRates {
  const rates: Partial<Record<FaultKind, number>> = {};
  for (const part of text.split(',').filter(Boolean)) {
    const [kind = '', value = ''] = part.split('=');
    const rate = Number(value);
    if (!KINDS.includes(kind)) throw new RangeError(`"${kind}" is no fault; there are ${KINDS.join(', ')}`);
    if (value === '' || !(rate >= 0 && rate <= 1))
      throw new RangeError(`"${part}": the rate must lie between 0 and 1`);
    rates[kind as FaultKind] = rate;
  }
  return rates;
}

/** Decides which calls go wrong, by a seed of its own. */
export class Faults {
  readonly #random: Random;
  #rates: FaultRates;
  #planned: { plan: PlannedFault; skip: number; left: number }[] = [];

  constructor(rates: FaultRates, seed: number) {
    this.#rates = rates;
    this.#random = new Random(seed + 1);
  }

  set rates(rates: FaultRates) {
    this.#rates = rates;
  }

  plan(plan: PlannedFault): void {
    this.#planned.push({ plan, skip: plan.after ?? 0, left: plan.times ?? 1 });
  }

  clear(): void {
    this.#planned = [];
    this.#rates = {};
  }

  next(method: string, path: string): Fault | undefined {
    for (const entry of this.#planned) {
      const { plan } = entry;
      if (plan.method !== undefined && plan.method !== method) continue;
      if (plan.path !== undefined && !path.toLowerCase().startsWith(plan.path.toLowerCase())) continue;
      if (entry.skip-- > 0) continue;
      if (entry.left-- > 0)
        return { kind: plan.fault, afterwards: plan.afterwards ?? false, delayMs: SLOW_MS };
    }
    for (const [kind, rate] of Object.entries(this.#rates)) {
      // Half of the failures come after the work was done: only they make a client double something.
      if (this.#random.chance(rate))
        return { kind: kind as FaultKind, afterwards: this.#random.chance(0.5), delayMs: SLOW_MS };
    }
    return undefined;
  }
}
