import { Api } from './api.ts';
import type { Call } from './call.ts';
import { Churn, type ChurnOptions, type ChurnState } from './churn.ts';
import { haloDate } from './data/dates.ts';
import { Desk } from './data/desk.ts';
import type { JsonObject } from './data/json.ts';
import { type Count, Records } from './data/records.ts';
import { Faults, type PlannedFault } from './faults/faults.ts';
import type { FaultRates } from './faults/rates.ts';
import { Front, type Reaction } from './front.ts';
import { Journal, type JournalEntry, type JournalFilter } from './journal.ts';
import { type QuirkChanges, type QuirkName, Quirks } from './quirks.ts';
import { RateLimit, type RateLimitRule } from './rate-limit.ts';
import { Rendering } from './rendering.ts';
import type { Simulator, SimulatorOptions } from './simulator.ts';
import { StateFile } from './state.ts';
import { type Credentials, Tokens } from './tokens.ts';
import { Webhooks } from './webhooks/webhooks.ts';
import { Saving } from './writing/saving.ts';

/** The host of tenants, as one of them sees it. */
export interface Home {
  readonly tenants: readonly Simulator[];
  urlOf(tenant: string): string;
  stop(): Promise<void>;
}

/** One instance of HaloITSM: its desk, and all that happens to it. */
export class Tenant implements Simulator {
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly username: string;
  readonly password: string;
  readonly apiKey: string;
  readonly #options: SimulatorOptions;
  readonly #home: Home;
  readonly #listing = { pageCap: 100 };
  readonly #records = new Records();
  readonly #journal = new Journal();
  readonly #quirks: Quirks;
  readonly #tokens: Tokens;
  readonly #faults: Faults;
  readonly #saving: Saving;
  readonly #webhooks: Webhooks;
  readonly #churn: Churn;
  readonly #front: Front;
  readonly #state: StateFile | undefined;
  #latencyMs = 0;
  #clockSkewMs = 0;

  constructor(options: SimulatorOptions, credentials: Credentials, home: Home) {
    this.#options = options;
    this.#home = home;
    const { tenant, clientId, clientSecret, username, password, apiKey } = credentials;
    this.tenant = tenant;
    this.clientId = clientId;
    this.clientSecret = clientSecret;
    this.username = username;
    this.password = password;
    this.apiKey = apiKey;
    const { seed = 1, tokenLifetime = 3600 } = options;
    const [records, now] = [this.#records, () => this.now()];
    this.#quirks = new Quirks(quirksOf(options));
    this.#tokens = new Tokens(credentials, tokenLifetime, this.#quirks);
    this.#faults = new Faults(options.faults ?? {}, seed);
    const rendering = new Rendering(this.#quirks);
    const changed = () => this.#state?.changed();
    this.#webhooks = new Webhooks({ records, rendering, faults: this.#faults, now, logged: changed });
    this.#saving = new Saving(records, this.#quirks, (saved) => this.#webhooks.tell(saved));
    this.#churn = new Churn({ records, saving: this.#saving, now, seed, done: changed });
    const [saving, quirks, tokens, faults] = [this.#saving, this.#quirks, this.#tokens, this.#faults];
    const api = new Api({ records, rendering, saving, quirks, now, place: this }, this.#listing);
    const called = () => this.#churn.called();
    const parts = { quirks, tokens, faults, journal: this.#journal, api, place: this, changed, called };
    this.#front = new Front(parts);
    this.setPageCap(options.pageCap ?? 100);
    this.setRateLimit(options.rateLimit ?? 'off');
    this.setLatency(options.latency ?? 0);
    this.setClockSkew(options.clockSkew ?? 0);
    this.#state = options.state === undefined ? undefined : new StateFile(options.state, records);
    if (!this.#state?.load()) this.#seed();
  }

  get url(): string {
    return this.#home.urlOf(this.tenant);
  }

  get tenants(): readonly Simulator[] {
    return this.#home.tenants;
  }

  get latencyMs(): number {
    return this.#latencyMs;
  }

  /** True where the clock is not that of the machine. */
  get isSkewed(): boolean {
    return this.#clockSkewMs !== 0;
  }

  has(quirk: QuirkName): boolean {
    return this.#quirks.has(quirk);
  }

  now(): number {
    return Date.now() + this.#clockSkewMs;
  }

  /** What a call comes to. What it changes is done when this returns. */
  react(call: Call): Reaction {
    return this.#front.react(call);
  }

  /** Remembers a call that came to nothing here. */
  note(call: Call, status: number): void {
    this.#journal.note(call, status, undefined);
  }

  #seed(): void {
    const desk = new Desk(this.#options.seed ?? 1, this.#options.tickets ?? 1000);
    desk.fill(this.#records);
    this.#state?.seeded(desk);
  }

  // What a test, or somebody at the control paths, asks of it and tells it.

  journal(filter?: JournalFilter): readonly JournalEntry[] {
    return this.#journal.entries(filter);
  }

  clearJournal(): void {
    this.#journal.clear();
  }

  records(resource: string): readonly JsonObject[] {
    return this.#records.all(resource);
  }

  counts(): readonly Count[] {
    return this.#records.counts();
  }

  save(resource: string, fields: JsonObject): JsonObject {
    this.#state?.changed();
    return this.#saving.save(resource, fields, haloDate(this.now()));
  }

  remove(resource: string, key: string | number): void {
    this.#saving.remove(resource, String(key));
    this.#state?.changed();
  }

  churn(options: ChurnOptions): ChurnState {
    this.#churn.start(options);
    return this.#churn.state;
  }

  get churned(): ChurnState {
    return this.#churn.state;
  }

  stopChurn(): ChurnState {
    this.#churn.stop();
    return this.#churn.state;
  }

  hooksSent(): Promise<void> {
    return this.#webhooks.settled();
  }

  resendHook(id: string): boolean {
    return this.#webhooks.resend(id);
  }

  failNext(plan: PlannedFault): void {
    this.#faults.plan(plan);
  }

  get faults() {
    return { rates: this.#faults.rates, planned: this.#faults.plans };
  }

  setFaults(rates: FaultRates): void {
    this.#faults.rates = rates;
  }

  clearPlannedFaults(): void {
    this.#faults.clear();
  }

  get quirks(): Readonly<Record<QuirkName, boolean>> {
    return this.#quirks.all();
  }

  setQuirks(changes: QuirkChanges): void {
    this.#quirks.set(changes);
  }

  get pageCap(): number {
    return this.#listing.pageCap;
  }

  setPageCap(rows: number): void {
    if (!Number.isInteger(rows) || rows < 1)
      throw new RangeError(`the page cap must be a whole number from 1, not ${rows}`);
    this.#listing.pageCap = rows;
  }

  get rateLimit(): RateLimitRule | 'off' {
    return this.#front.limit?.rule ?? 'off';
  }

  setRateLimit(rule: RateLimitRule | 'off'): void {
    this.#front.limit = rule === 'off' ? undefined : new RateLimit(rule);
  }

  setLatency(milliseconds: number): void {
    if (!(Number.isFinite(milliseconds) && milliseconds >= 0))
      throw new RangeError(`the latency must be a number of milliseconds from 0, not ${milliseconds}`);
    this.#latencyMs = milliseconds;
  }

  setClockSkew(milliseconds: number): void {
    if (!Number.isFinite(milliseconds))
      throw new RangeError(`the clock's skew must be a number of milliseconds, not ${milliseconds}`);
    this.#clockSkewMs = milliseconds;
  }

  token(scopes: readonly string[] = ['all']): string {
    return this.#tokens.grant(scopes);
  }

  expireTokens(): void {
    this.#tokens.expireAll();
  }

  reset(): void {
    this.#churn.stop();
    this.#records.clear();
    this.#journal.clear();
    this.#faults.clear();
    this.#quirks.reset();
    this.setFaults(this.#options.faults ?? {});
    this.#seed();
    this.#state?.changed();
  }

  stop(): Promise<void> {
    return this.#home.stop();
  }

  /** The end of this tenant: nothing goes on in the background, and the state file is written. */
  async end(): Promise<void> {
    this.#churn.stop();
    this.#webhooks.stop();
    await this.#state?.save();
  }
}

/** The quirks that options of their own switch, too. */
function quirksOf({
  quirks,
  retryAfter,
  requireTenant,
  strictPaging,
  unordered,
}: SimulatorOptions): QuirkChanges {
  return {
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
    ...(requireTenant !== undefined && { 'tenant-needed': requireTenant }),
    ...(strictPaging !== undefined && { 'page-no-needed': strictPaging }),
    ...(unordered !== undefined && { unordered }),
    ...quirks,
  };
}
