import type { ErrorRecord, Json } from '@millrace/core';

/** The process that works: what a lease belongs to. */
export interface WorkerIdentity {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** When the process started, as the operating system says it: a pid alone may be somebody else's by now. */
  readonly processStart: string;
}

export type RunState = 'running' | 'finished' | 'failed' | 'unbalanced' | 'cancelled';

/** What one route did with the entities of a run. entities = dropped + failed + passed; made = created + unchanged. */
export interface RouteCounts {
  dropped: number;
  failed: number;
  passed: number;
  made: number;
  created: number;
  unchanged: number;
  held: number;
  superseded: number;
  /** Those of `unchanged` that came after a newer version of their entity; absent where there was none. */
  outdated?: number;
}

/** The books of a run. Rows: read = dropped + failed + passed. */
export interface RunCounts {
  read: number;
  dropped: number;
  failed: number;
  passed: number;
  /** What left the incoming's transformers. */
  entities: number;
  requests: number;
  routes: Record<string, RouteCounts>;
}

export interface RunRecord {
  readonly id: string;
  readonly incoming: string;
  readonly status: RunState;
  readonly startedAt: string;
  readonly finishedAt?: string;
  /** How often the run was taken up after its process died. */
  readonly resumed: number;
  readonly limited: boolean;
  /** The books of what came to a receiver: nothing is read, and beside it a run may read. */
  readonly receiving: boolean;
  readonly position?: Json;
  readonly cursor?: Json;
  /** The lowest and the highest total that the source announced during the run. */
  readonly announced?: { readonly lowest: number; readonly highest: number };
  readonly counts: RunCounts;
  readonly seconds: number;
  readonly error?: ErrorRecord;
}

export interface OpenRunRequest {
  readonly incoming: string;
  readonly worker: WorkerIdentity;
  /** Close a run that died as failed and begin anew. */
  readonly fresh?: boolean;
  /** A run with a limit neither takes up a dead run nor moves the cursor. */
  readonly limited?: boolean;
}

/** The run that the books of a receiver are kept in. */
export interface ReceivingRequest {
  /** A new id, of `newId`. */
  readonly id: string;
  readonly incoming: string;
  readonly worker: WorkerIdentity;
}

export type OpenedRun =
  | { readonly status: 'opened'; readonly run: RunRecord; readonly cursor?: Json }
  | { readonly status: 'busy'; readonly runId: string; readonly host: string; readonly pid: number };

export interface RunFilter {
  readonly incoming?: string;
  readonly limit: number;
}

export function emptyRouteCounts(): RouteCounts {
  return { dropped: 0, failed: 0, passed: 0, made: 0, created: 0, unchanged: 0, held: 0, superseded: 0 };
}

export function emptyRunCounts(): RunCounts {
  return { read: 0, dropped: 0, failed: 0, passed: 0, entities: 0, requests: 0, routes: {} };
}

/** Adds the second books to the first. */
export function addCounts(to: RunCounts, from: RunCounts): void {
  to.read += from.read;
  to.dropped += from.dropped;
  to.failed += from.failed;
  to.passed += from.passed;
  to.entities += from.entities;
  to.requests += from.requests;
  for (const [route, counts] of Object.entries(from.routes)) {
    to.routes[route] ??= emptyRouteCounts();
    const target = to.routes[route];
    for (const name of Object.keys(counts) as (keyof RouteCounts)[])
      target[name] = (target[name] ?? 0) + (counts[name] ?? 0);
  }
}
