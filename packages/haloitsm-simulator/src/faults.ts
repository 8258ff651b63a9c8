import { Random } from './data/random.ts';

/** What may go wrong with a call on purpose. */
export type FaultKind =
  | '400'
  | '401'
  | '403'
  | '404'
  | '408'
  | '429'
  | '500'
  | '502'
  | '503'
  | '504'
  | 'slow'
  | 'truncate'
  | 'reset';

export interface Fault {
  readonly kind: FaultKind;
  /** The call is processed, and then its answer is lost. */
  readonly afterwards: boolean;
  readonly delayMs: number;
  /** Seconds of a `Retry-After`. */
  readonly retryAfter?: number;
}

/** A fault that the next matching calls meet. */
export interface PlannedFault {
  readonly fault: FaultKind;
  readonly method?: string;
  /** Beginning of the path below /api, in any letter case: `Asset`. With a slash first, of the whole path: `/auth`. */
  readonly path?: string;
  /** Default 1. */
  readonly times?: number;
  /** Lets so many matching calls pass first. */
  readonly after?: number;
  /** The call is processed all the same, and only its answer is lost. Default false; `truncate` always is. */
  readonly afterwards?: boolean;
  /** Milliseconds of `slow`. Default 2000. */
  readonly delayMs?: number;
  /** Seconds that the answer asks to wait. Default 1 with 429, none with others. */
  readonly retryAfter?: number;
}

export type FaultRates = Readonly<Partial<Record<FaultKind, number>>> & {
  /** Milliseconds of `slow`. Default 2000. */
  readonly slowMs?: number;
};

const KINDS: readonly FaultKind[] = [
  ...(['400', '401', '403', '404', '408', '429', '500', '502', '503', '504'] as const),
  ...(['slow', 'truncate', 'reset'] as const),
];
// A server that says "too many" or "later" has done nothing. The others may fail after the work is done.
const MAYBE_DONE: readonly FaultKind[] = ['500', '502', '504', 'reset'];
const SLOW_MS = 2000;

/** Reads `429=0.02,slow=0.01:5000`. Throws a RangeError that says what is wrong. */
export function parseFaults(text: string): FaultRates {
  const rates: { -readonly [Name in keyof FaultRates]: FaultRates[Name] } = {};
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const match = /^\s*(\w+)\s*=\s*([\d.]+)(?::(\d+))?\s*$/.exec(part);
    const [, kind = part.split('=')[0] ?? '', rate, delay] = match ?? [];
    if (!isKind(kind)) throw new RangeError(`"${kind}" is no fault; there are ${KINDS.join(', ')}`);
    if (!(Number(rate) >= 0 && Number(rate) <= 1))
      throw new RangeError(`"${part}": the rate must lie between 0 and 1, as in ${kind}=0.02`);
    if (delay !== undefined && kind !== 'slow')
      throw new RangeError(`"${part}": only slow takes milliseconds, as in slow=0.01:5000`);
    rates[kind] = Number(rate);
    if (delay !== undefined) rates.slowMs = Number(delay);
  }
  return rates;
}

export function isKind(text: string): text is FaultKind {
  return (KINDS as readonly string[]).includes(text);
}

/** Decides which calls go wrong, by a seed of its own. */
export class Faults {
  readonly #random: Random;
  #rates: FaultRates;
  #planned: { readonly plan: PlannedFault; skip: number; left: number }[] = [];

  constructor(rates: FaultRates, seed: number) {
    this.#rates = rates;
    this.#random = new Random(seed + 1);
  }

  set rates(rates: FaultRates) {
    this.#rates = rates;
  }

  plan(plan: PlannedFault): void {
    if (!isKind(plan.fault))
      throw new RangeError(`"${plan.fault}" is no fault; there are ${KINDS.join(', ')}`);
    this.#planned.push({ plan, skip: plan.after ?? 0, left: plan.times ?? 1 });
  }

  /** Forgets what is planned. */
  clear(): void {
    this.#planned = [];
  }

  /** The fault of a call, by what is planned, else by chance. Every plan counts every call that it matches. */
  next(method: string, path: string): Fault | undefined {
    return this.planned(method, path) ?? this.#byChance();
  }

  planned(method: string, path: string): Fault | undefined {
    const due = this.#planned.filter((entry) => matches(entry.plan, method, path) && entry.skip-- <= 0);
    const [first] = due;
    if (!first) return undefined;
    first.left--;
    this.#planned = this.#planned.filter((entry) => entry.left > 0);
    const { fault: kind, afterwards = false, delayMs = SLOW_MS } = first.plan;
    const retryAfter = first.plan.retryAfter ?? (kind === '429' ? 1 : undefined);
    return { kind, afterwards, delayMs, ...(retryAfter !== undefined && { retryAfter }) };
  }

  #byChance(): Fault | undefined {
    const { slowMs = SLOW_MS, ...rates } = this.#rates;
    for (const [kind, rate] of Object.entries(rates) as [FaultKind, number][]) {
      if (rate <= 0 || !this.#random.chance(rate)) continue;
      // Half of those come after the work is done: only they make a client double something.
      const afterwards = MAYBE_DONE.includes(kind) && this.#random.chance(0.5);
      return { kind, afterwards, delayMs: slowMs, ...(kind === '429' && { retryAfter: 1 }) };
    }
    return undefined;
  }
}

function matches(plan: PlannedFault, method: string, path: string): boolean {
  if (plan.method !== undefined && plan.method.toUpperCase() !== method) return false;
  if (plan.path === undefined) return /^\/api\//i.test(path);
  const wanted = plan.path.startsWith('/') ? plan.path : `/api/${plan.path}`;
  return path.toLowerCase().startsWith(wanted.toLowerCase());
}
