/** A faithful local HaloITSM API, for demos and tests. */
export type { Json, JsonObject } from './data/json.ts';
export { type FaultKind, type FaultRates, type PlannedFault, parseFaults } from './faults.ts';
export type { JournalEntry, JournalFilter } from './journal.ts';
export { parseRateLimit, type RateLimitRule } from './rate-limit.ts';
export type { Simulator, SimulatorOptions } from './simulator.ts';
export { startSimulator } from './start.ts';
export type { Credentials } from './tokens.ts';
