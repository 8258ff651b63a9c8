import type { Json } from '../data/json.ts';
import { Random } from '../data/random.ts';
import { FAULTS, type FaultKind, isKind, kindOf } from './kinds.ts';
import type { FaultRates } from './rates.ts';

/** A fault that a call meets. */
export interface Fault {
  readonly kind: FaultKind | 'answer';
  /** The call is processed, and then its answer is lost. */
  readonly afterwards: boolean;
  readonly delayMs: number;
  /** Seconds of a `Retry-After`. */
  readonly retryAfter?: number;
  /** From 0 up to 1: what a fault of a page chooses with. */
  readonly draw: number;
  /** Of the kind `answer`: what is answered. */
  readonly answer?: PlannedAnswer;
}

export interface PlannedAnswer {
  readonly status: number;
  /** Text goes as it is, anything else as JSON. */
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A fault that the next matching calls meet. */
export interface PlannedFault {
  /** What happens; `answer`: what `answer` says. */
  readonly fault: FaultKind | 'answer';
  readonly answer?: PlannedAnswer;
  readonly method?: string;
  /** Beginning of the path below /api, in any letter case: `Asset`. With a slash first, of the whole path: `/auth`. */
  readonly path?: string;
  /** Parameters of the query that the call has, such as {"page_no": "3"}. */
  readonly query?: Readonly<Record<string, string>>;
  /** Default 1, or `always`; without end where there is `forMs`. */
  readonly times?: number | 'always';
  /** Ends so many milliseconds after it was planned. */
  readonly forMs?: number;
  /** Lets so many matching calls pass first. */
  readonly after?: number;
  /** The call is processed all the same, and only its answer is lost. Default false; `truncate` and `lost` always are. */
  readonly afterwards?: boolean;
  /** Milliseconds of `slow` and `hook-late`. Default 2000. */
  readonly delayMs?: number;
  /** Seconds that the answer asks to wait. Default 1 with 429, none with others. */
  readonly retryAfter?: number;
}

/** A call as a fault sees it. */
export interface FaultyCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

interface Planned {
  readonly plan: PlannedFault;
  skip: number;
  left: number;
  readonly until: number;
}

const DELAY_MS = 2000;

/** Decides which calls go wrong, by a seed of its own. */
export class Faults {
  readonly #random: Random;
  /** Webhooks go out when they can: what they draw must not change what the calls meet. */
  readonly #hookRandom: Random;
  #rates: FaultRates;
  #planned: Planned[] = [];

  constructor(rates: FaultRates, seed: number) {
    this.#rates = rates;
    this.#random = new Random(seed + 1);
    this.#hookRandom = new Random(seed + 2);
  }

  get rates(): FaultRates {
    return this.#rates;
  }

  set rates(rates: FaultRates) {
    this.#rates = rates;
  }

  /** What is planned and not over yet. */
  get plans(): readonly PlannedFault[] {
    this.#forget();
    return this.#planned.map(({ plan }) => plan);
  }

  plan(plan: PlannedFault): void {
    const { fault, times, forMs } = plan;
    if (fault !== 'answer' && !isKind(fault))
      throw new RangeError(`"${fault}" is no fault; there are answer, ${FAULTS.join(', ')}`);
    if (fault === 'answer' && !isStatus(plan.answer?.status))
      throw new RangeError('an answer needs a status, as in {"fault":"answer","answer":{"status":418}}');
    const endless = times === 'always' || (times === undefined && forMs !== undefined);
    const left = endless ? Number.POSITIVE_INFINITY : Number(times ?? 1);
    const until = forMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + forMs;
    this.#planned.push({ plan, skip: plan.after ?? 0, left, until });
  }

  /** Forgets what is planned. */
  clear(): void {
    this.#planned = [];
  }

  /** The fault of a call, by what is planned, else by chance. Every plan counts every call that it matches. */
  next(call: FaultyCall): Fault | undefined {
    const isPage = call.method === 'GET' && call.query.get('pageinate')?.toLowerCase() === 'true';
    const fits = (kind: FaultKind) =>
      kindOf(kind).place !== 'hook' && (kindOf(kind).place !== 'page' || isPage);
    return (
      this.#due((plan) => !isHook(plan) && matches(plan, call), this.#random) ??
      this.#byChance(fits, this.#random)
    );
  }

  /** The fault of a webhook that is about to be sent. */
  nextHook(): Fault | undefined {
    const fits = (kind: FaultKind) => kindOf(kind).place === 'hook';
    return this.#due(isHook, this.#hookRandom) ?? this.#byChance(fits, this.#hookRandom);
  }

  #due(applies: (plan: PlannedFault) => boolean, random: Random): Fault | undefined {
    if (this.#planned.length === 0) return undefined;
    this.#forget();
    const due = this.#planned.filter((entry) => applies(entry.plan) && entry.skip-- <= 0);
    const [first] = due;
    if (!first) return undefined;
    first.left--;
    const { fault: kind, afterwards = false, delayMs = DELAY_MS, answer } = first.plan;
    const retryAfter = first.plan.retryAfter ?? (kind === '429' ? 1 : undefined);
    return {
      kind,
      afterwards: afterwards || kind === 'lost',
      delayMs,
      draw: random.next(),
      ...(retryAfter !== undefined && { retryAfter }),
      ...(answer && { answer }),
    };
  }

  #forget(): void {
    const now = Date.now();
    this.#planned = this.#planned.filter(({ left, until }) => left > 0 && now < until);
  }

  #byChance(fits: (kind: FaultKind) => boolean, random: Random): Fault | undefined {
    const { slowMs = DELAY_MS, hookLateMs = DELAY_MS, ...rates } = this.#rates;
    for (const [kind, rate] of Object.entries(rates) as [FaultKind, number][]) {
      if (rate <= 0 || !fits(kind) || !random.chance(rate)) continue;
      // Half of those that may come after the work do: only they make a client double something.
      const afterwards = kind === 'lost' || (kindOf(kind).maybeDone === true && random.chance(0.5));
      const delayMs = kind === 'hook-late' ? hookLateMs : slowMs;
      return { kind, afterwards, delayMs, draw: random.next(), ...(kind === '429' && { retryAfter: 1 }) };
    }
    return undefined;
  }
}

function isStatus(status: number | undefined): boolean {
  return Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599;
}

function isHook({ fault }: PlannedFault): boolean {
  return fault !== 'answer' && kindOf(fault).place === 'hook';
}

function matches(plan: PlannedFault, { method, path, query }: FaultyCall): boolean {
  if (plan.method !== undefined && plan.method.toUpperCase() !== method) return false;
  for (const [name, value] of Object.entries(plan.query ?? {})) if (query.get(name) !== value) return false;
  if (plan.path === undefined) return /^\/api\//i.test(path);
  const wanted = plan.path.startsWith('/') ? plan.path : `/api/${plan.path}`;
  return path.toLowerCase().startsWith(wanted.toLowerCase());
}
