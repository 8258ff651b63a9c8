import { haloDate } from './data/dates.ts';
import { CLOSED_STATUSES, PRIORITIES, STATUSES } from './data/lookups.ts';
import { Random } from './data/random.ts';
import type { Records } from './data/records.ts';
import { summaryOf } from './data/tickets.ts';
import { SENTENCES } from './data/words.ts';
import type { Saving } from './writing/saving.ts';

/** What people at the desk do while somebody reads: so many of each a second, or a call. */
export interface ChurnOptions {
  /** New tickets. */
  readonly create?: number;
  /** Changed tickets: the summary says which change it was. */
  readonly change?: number;
  /** New actions. */
  readonly act?: number;
  /** Deleted tickets. */
  readonly remove?: number;
  /** Default second. `call`: as calls of the API come, whatever the clock says. */
  readonly per?: 'second' | 'call';
  /** Of each kind at most. Default without end. */
  readonly limit?: number;
  /** Default that of the desk. The same seed does the same in the same order. */
  readonly seed?: number;
}

/** How often each was done. */
export interface ChurnState {
  readonly running: boolean;
  readonly create: number;
  readonly change: number;
  readonly act: number;
  readonly remove: number;
}

type Deed = 'create' | 'change' | 'act' | 'remove';

const DEEDS: readonly Deed[] = ['create', 'change', 'act', 'remove'];
const TICK_MS = 20;
const AGENTS = 12;

export interface ChurnContext {
  readonly records: Records;
  readonly saving: Saving;
  readonly now: () => number;
  readonly seed: number;
  /** Something has been done. */
  readonly done: () => void;
}

/** People at work at the desk, in the background. */
export class Churn {
  readonly #context: ChurnContext;
  #options: ChurnOptions = {};
  #random = new Random(0);
  /** Ids of the tickets that are there. */
  #tickets: number[] = [];
  #done: Record<Deed, number> = { create: 0, change: 0, act: 0, remove: 0 };
  #running = false;
  /** Seconds, or calls, that have gone by. */
  #elapsed = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: ChurnContext) {
    this.#context = context;
  }

  get state(): ChurnState {
    return { running: this.#running, ...this.#done };
  }

  /** Begins anew. Throws a RangeError where a number is none. */
  start(options: ChurnOptions): void {
    for (const name of [...DEEDS, 'limit', 'seed'] as const) {
      const value = options[name];
      if (value !== undefined && !(Number.isFinite(value) && value >= 0))
        throw new RangeError(`churn: ${name} must be a number from 0, not ${JSON.stringify(value)}`);
    }
    if (!['second', 'call', undefined].includes(options.per))
      throw new RangeError(`churn: per must be "second" or "call", not ${JSON.stringify(options.per)}`);
    this.stop();
    const { records, seed } = this.#context;
    this.#options = options;
    this.#random = new Random((options.seed ?? seed) + 104_729);
    this.#tickets = records
      .all('Tickets')
      .flatMap(({ id, deleted }) => (deleted === true ? [] : [Number(id)]));
    this.#done = { create: 0, change: 0, act: 0, remove: 0 };
    this.#elapsed = 0;
    this.#running = true;
    if (options.per === 'call') return;
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#advance((now - last) / 1000);
      last = now;
    }, TICK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#running = false;
  }

  /** A call of the API has been answered. */
  called(): void {
    if (this.#running && this.#options.per === 'call') this.#advance(1);
  }

  /** Does what falls due, in the order in which it does: a slow clock does the same as a fast one, only later. */
  #advance(time: number): void {
    this.#elapsed += time;
    const before = Object.values(this.#done).reduce((sum, count) => sum + count, 0);
    for (let next = this.#due(); next !== undefined && this.#running; next = this.#due()) {
      this.#done[next]++;
      this.#do(next);
    }
    const { limit } = this.#options;
    const isOver = (deed: Deed) => (this.#options[deed] ?? 0) <= 0 || this.#done[deed] >= (limit ?? Infinity);
    if (DEEDS.every(isOver)) this.stop();
    if (Object.values(this.#done).reduce((sum, count) => sum + count, 0) > before) this.#context.done();
  }

  #due(): Deed | undefined {
    let [first, at]: [Deed | undefined, number] = [undefined, this.#elapsed];
    for (const deed of DEEDS) {
      const rate = this.#options[deed] ?? 0;
      if (rate <= 0 || this.#done[deed] >= (this.#options.limit ?? Number.POSITIVE_INFINITY)) continue;
      const due = (this.#done[deed] + 1) / rate;
      if (due <= at && (first === undefined || due < at)) [first, at] = [deed, due];
    }
    return first;
  }

  #do(deed: Deed): void {
    const { records, saving, now } = this.#context;
    const date = haloDate(now());
    const random = this.#random;
    if (deed === 'create') {
      const users = records.all('Users');
      const summary = `${summaryOf(random)} (new ${this.#done.create})`;
      const user = random.pick(users)['id'] ?? 1;
      const agent = random.integer(2, AGENTS);
      const made = { summary, details: random.pick(SENTENCES), user_id: user, agent_id: agent };
      this.#tickets.push(Number(saving.save('Tickets', made, date)['id']));
      return;
    }
    const at = random.integer(0, Math.max(this.#tickets.length - 1, 0));
    const id = this.#tickets[at];
    if (id === undefined) return;
    if (deed === 'change') saving.save('Tickets', { id, ...this.#change() }, date);
    if (deed === 'act') saving.save('Actions', this.#action(id), date);
    if (deed === 'remove') {
      saving.remove('Tickets', String(id), { deleted: true, last_update: date });
      this.#tickets.splice(at, 1);
    }
  }

  #change() {
    const random = this.#random;
    const open = STATUSES.filter(([status]) => !CLOSED_STATUSES.includes(status));
    const status = random.chance(0.2) ? random.pick(CLOSED_STATUSES) : random.pick(open)[0];
    return {
      summary: `${summaryOf(random)} (change ${this.#done.change})`,
      status_id: status,
      priority_id: random.integer(1, PRIORITIES.length),
      agent_id: random.integer(2, AGENTS),
    };
  }

  #action(ticket: number) {
    const byUser = this.#random.chance(0.3);
    return {
      ticket_id: ticket,
      outcome: byUser ? 'First User Email' : 'Private Note',
      who: byUser ? 'A user' : 'An agent',
      who_type: byUser ? 0 : 1,
      note: `${this.#random.pick(SENTENCES)} (action ${this.#done.act})`,
    };
  }
}
