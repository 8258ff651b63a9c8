import type { ErrorRecord, Json, JsonObject, Logger } from '@millrace/core';
import type { Project, RouteResource } from '../config/project.ts';
import type { SecretMask } from '../execution/secrets.ts';
import type { StorageSource } from '../execution/storage-session.ts';
import type { Clock } from '../store/clock.ts';
import type { Store } from '../store/store.ts';
import type { CallCost } from './call-cost.ts';
import type { PlannedDelivery } from './plan-delivery.ts';
import type { PlanReceived } from './plan-transport.ts';

export interface PlanOptions {
  readonly project: Project;
  readonly route: RouteResource;
  /** What was done before; without one everything is new. */
  readonly store?: Store;
  /** Reads at most so many rows. */
  readonly limit?: number;
  /** Where to begin; default: where the next run would. */
  readonly from?: Json;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
  readonly mask: SecretMask;
  /** Keeps what a test needs to do the same again. */
  readonly recording?: PlanRecording;
  /** Told of every batch that was read. */
  readonly progress?: (read: number, announced: number | undefined) => void;
}

/** Told of everything of the outside world that a plan sees. */
export interface PlanRecording {
  /** As it was read. */
  row(row: JsonObject): void;
  readonly received: PlanReceived;
  /** Wraps the storages that are read. */
  storages(source: StorageSource): StorageSource;
}

/** What would become of one record of the route. */
export interface PlannedEntity extends Partial<PlannedDelivery> {
  readonly type: string;
  readonly identifier: string;
  readonly status: 'created' | 'changed' | 'unchanged' | 'held' | 'failed' | 'rejected';
  /** The task that it is compared with. */
  readonly before?: { readonly task: string; readonly status: string };
  /** From what that task sends to what this one would: `-` gone, `+` new. */
  readonly diff?: readonly string[];
  readonly error?: ErrorRecord;
}

export interface PlanReport {
  readonly route: string;
  readonly incoming: string;
  readonly outgoing: string;
  /** The cursor from which was read. */
  readonly from: Json;
  readonly read: number;
  readonly announced: number | null;
  /** True where there is more than was read. */
  readonly limited: boolean;
  /** Rows and records: dropped in the incoming or in the route. */
  readonly counts: Readonly<Record<PlannedEntity['status'] | 'dropped', number>>;
  readonly entities: readonly PlannedEntity[];
  readonly costs: readonly CallCost[];
  /** What the plan could not show, in sentences. */
  readonly notes: readonly string[];
}
