import type { JsonObject } from './data/json.ts';
import type { FaultRates, PlannedFault } from './faults.ts';
import type { JournalEntry, JournalFilter } from './journal.ts';
import type { RateLimitRule } from './rate-limit.ts';
import type { Credentials } from './tokens.ts';

export interface SimulatorOptions {
  /** Default 0: a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** How many tickets the seeded service desk has. Default 1000. */
  readonly tickets?: number;
  /** The same seed gives the same records. Default 1. */
  readonly seed?: number;
  /** Rows of a page at most, whatever is asked for. Default 100, as the real API. */
  readonly pageCap?: number;
  /** Default off. */
  readonly rateLimit?: RateLimitRule | 'off';
  /** Whether a 429 of the rate limit says how long to wait. Default true; of the real one nobody knows. */
  readonly retryAfter?: boolean;
  /** How likely a call meets a fault, by kind. Default none. */
  readonly faults?: FaultRates;
  /** Seconds. Default 3600. */
  readonly tokenLifetime?: number;
  /** Milliseconds before every answer. Default 0. */
  readonly latency?: number;
  /** File in which the records outlive the process. */
  readonly state?: string;
  /** Default acme. */
  readonly tenant?: string;
  /** Refuse token requests that name no tenant. Default false. */
  readonly requireTenant?: boolean;
  /** Without `page_no`, ignore the paging parameters as without `pageinate`. Default false. */
  readonly strictPaging?: boolean;
  /** Give a list without `order` in another order at each request. Default false. */
  readonly unordered?: boolean;
  /** Milliseconds by which the instance's clock is ahead. Default 0. */
  readonly clockSkew?: number;
}

export interface Simulator extends Credentials {
  /** Such as http://127.0.0.1:41234: a base URI for clients. */
  readonly url: string;
  /** What was asked so far, oldest first. */
  journal(filter?: JournalFilter): readonly JournalEntry[];
  clearJournal(): void;
  /** The records of a resource as they are now, deleted tickets too. */
  records(resource: string): readonly JsonObject[];
  /** Creates or updates a record as somebody at the desk would: unchecked, and unseen by the journal. */
  save(resource: string, fields: JsonObject): JsonObject;
  /** Takes a record away, by its id; an action's is `ticket/id`. */
  remove(resource: string, key: string | number): void;
  /** Makes the next matching calls fail. Throws a RangeError on an unknown fault. */
  failNext(plan: PlannedFault): void;
  setFaults(rates: FaultRates): void;
  /** Throws a RangeError where it is no whole number from 1. */
  setPageCap(rows: number): void;
  setRateLimit(rule: RateLimitRule | 'off'): void;
  /** An access token that no token request was made for. Default scope: all. */
  token(scopes?: readonly string[]): string;
  /** Every access token issued so far is refused from now on. */
  expireTokens(): void;
  /** Puts back the records of the seed, empties the journal, and leaves no faults but those of the options. */
  reset(): void;
  /** Writes the state file, where there is one, and closes every connection. */
  stop(): Promise<void>;
}
