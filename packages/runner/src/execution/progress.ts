import type { RunCounts } from '../store/store.ts';

/** Told what happens while it happens; what shows it is up to the command. Never throws. */
export interface Progress {
  /** An incoming read on: the books of its run so far. */
  incoming(id: string, counts: RunCounts, announced: number | undefined): void;
  /** Tasks of a route ended or were put off. */
  route(id: string, settled: { readonly state: string; readonly count: number }): void;
  /** Something a person waiting should know. */
  note(text: string): void;
}

export const noProgress: Progress = { incoming: () => {}, route: () => {}, note: () => {} };
