/** A faithful local HaloITSM API, for demos and tests. */
export type { ChurnOptions, ChurnState } from './churn.ts';
export type { Json, JsonObject } from './data/json.ts';
export type { Count } from './data/records.ts';
export type { PlannedAnswer, PlannedFault } from './faults/faults.ts';
export { type FaultKind, faultsTable } from './faults/kinds.ts';
export { type FaultRates, parseFaults } from './faults/rates.ts';
export type { JournalEntry, JournalFilter } from './journal.ts';
export { parseQuirks, QUIRKS, type QuirkChanges, type QuirkName, quirksTable } from './quirks.ts';
export { parseRateLimit, type RateLimitRule } from './rate-limit.ts';
export type { Simulator, SimulatorOptions } from './simulator.ts';
export { startSimulator } from './start.ts';
export type { Credentials } from './tokens.ts';
