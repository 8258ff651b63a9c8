/** A faithful local HaloITSM API, for demos and tests. */
export type { Json, JsonObject } from './data/json.ts';
export type { FaultKind, FaultRates, PlannedFault } from './faults.ts';
export type { JournalEntry } from './journal.ts';
export { type Simulator, type SimulatorOptions, startSimulator } from './simulator.ts';
