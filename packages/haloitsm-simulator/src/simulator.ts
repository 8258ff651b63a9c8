import type { ChurnOptions, ChurnState } from './churn.ts';
import type { JsonObject } from './data/json.ts';
import type { Count } from './data/records.ts';
import type { PlannedFault } from './faults/faults.ts';
import type { FaultRates } from './faults/rates.ts';
import type { JournalEntry, JournalFilter } from './journal.ts';
import type { QuirkChanges, QuirkName } from './quirks.ts';
import type { RateLimitRule } from './rate-limit.ts';
import type { Credentials } from './tokens.ts';

export interface SimulatorOptions {
  /** Default 0: a free one. The second tenant takes the next, unless it is 0. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** How many tickets the seeded service desk has. Default 1000. */
  readonly tickets?: number;
  /** The same seed gives the same records. Default 1. Each further tenant has the next. */
  readonly seed?: number;
  /** Rows of a page at most, whatever is asked for. Default 100, as the real API. */
  readonly pageCap?: number;
  /** Default off. */
  readonly rateLimit?: RateLimitRule | 'off';
  /** How likely a call meets a fault, by kind. Default none. */
  readonly faults?: FaultRates;
  /** Ways of the real API that are to be other than by default. */
  readonly quirks?: QuirkChanges;
  /** Seconds. Default 3600. */
  readonly tokenLifetime?: number;
  /** Milliseconds before every answer. Default 0. */
  readonly latency?: number;
  /** File in which the records outlive the process; each further tenant has one with its name in it. */
  readonly state?: string;
  /** Name of the first tenant. Default acme. */
  readonly tenant?: string;
  /** How many tenants there are, each with its own address, records, credentials, limit and journal. Default 1. */
  readonly tenants?: number;
  /** Milliseconds by which the instance's clock is ahead. Default 0. */
  readonly clockSkew?: number;
  /** The quirk `retry-after`. */
  readonly retryAfter?: boolean;
  /** The quirk `tenant-needed`. */
  readonly requireTenant?: boolean;
  /** The quirk `page-no-needed`. */
  readonly strictPaging?: boolean;
  /** The quirk `unordered`. */
  readonly unordered?: boolean;
}

/** One tenant of the simulated host. */
export interface Simulator extends Credentials {
  /** Such as http://127.0.0.1:41234: a base URI for clients. */
  readonly url: string;
  /** All of the host, this one among them. */
  readonly tenants: readonly Simulator[];
  /** What was asked so far, oldest first. */
  journal(filter?: JournalFilter): readonly JournalEntry[];
  clearJournal(): void;
  /** The records of a resource as they are now, deleted tickets too. */
  records(resource: string): readonly JsonObject[];
  /** How many records each resource has. */
  counts(): readonly Count[];
  /** Creates or updates a record as somebody at the desk would: unchecked, and unseen by the journal. */
  save(resource: string, fields: JsonObject): JsonObject;
  /** Takes a record away, by its id; an action's is `ticket/id`. */
  remove(resource: string, key: string | number): void;
  /** People work at the desk in the background. Throws a RangeError on a number that is none. */
  churn(options: ChurnOptions): ChurnState;
  readonly churned: ChurnState;
  stopChurn(): ChurnState;
  /** Every webhook that was to be sent has been. */
  hooksSent(): Promise<void>;
  /** Sends a delivery of `WebhookEvent` again; false where there is none with this id. */
  resendHook(id: string): boolean;
  /** Makes the next matching calls fail. Throws a RangeError on an unknown fault. */
  failNext(plan: PlannedFault): void;
  readonly faults: { readonly rates: FaultRates; readonly planned: readonly PlannedFault[] };
  setFaults(rates: FaultRates): void;
  /** Nothing is planned any more. */
  clearPlannedFaults(): void;
  readonly quirks: Readonly<Record<QuirkName, boolean>>;
  /** Throws a RangeError on an unknown name. */
  setQuirks(changes: QuirkChanges): void;
  readonly pageCap: number;
  /** Throws a RangeError where it is no whole number from 1. */
  setPageCap(rows: number): void;
  readonly rateLimit: RateLimitRule | 'off';
  setRateLimit(rule: RateLimitRule | 'off'): void;
  /** Milliseconds before every answer. Throws a RangeError where it is less than 0. */
  setLatency(milliseconds: number): void;
  /** Milliseconds by which the clock is ahead; less than 0: behind. */
  setClockSkew(milliseconds: number): void;
  /** An access token that no token request was made for. Default scope: all. */
  token(scopes?: readonly string[]): string;
  /** Every access token issued so far is refused from now on. */
  expireTokens(): void;
  /** Puts back the records of the seed, empties the journal, and leaves faults and quirks as at the start. */
  reset(): void;
  /** Writes the state files, where there are any, and closes every connection of all tenants. */
  stop(): Promise<void>;
}
