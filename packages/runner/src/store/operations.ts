import type { ErrorRecord, JsonObject } from '@millrace/core';
import type { WorkerIdentity } from './run-records.ts';
import type { TaskState } from './task-state.ts';

/** What a person asks of a task. */
export type TaskCommand =
  | {
      readonly kind: 'retry';
      /** Also where a newer task of its key exists, or it was delivered. */
      readonly force?: boolean;
      /** Replaces what is sent, or, where it failed before, the record that goes through the chains. */
      readonly data?: JsonObject;
    }
  | { readonly kind: 'skip' | 'cancel'; readonly reason?: string }
  | { readonly kind: 'confirm' /** Why it failed; without: it arrived. */; readonly failed?: string };

export interface CommandOutcome {
  readonly id: string;
  readonly from: TaskState;
  /** The state that it has now; undefined where the command was refused. */
  readonly to?: TaskState;
  readonly error?: ErrorRecord;
}

/** Which ended tasks of a route may go. */
export interface PruneRequest {
  readonly route: string;
  /** Milliseconds since the epoch: what ended before goes. */
  readonly endedBefore: number;
  /** Of what was delivered, skipped, superseded or cancelled, so many of the newest stay at most. */
  readonly keep: number;
}

/** What a store found of it, in its own numbers. */
export interface PrunePlan {
  readonly route: string;
  readonly endedBefore: number;
  /** Places of tasks: what failed before it was a task, and was made below this one, is too old. */
  readonly madeBefore: number;
  /** What ended well up to this one is too much. */
  readonly tooMany: number;
}

/** A schedule as a tick sees it. */
export interface ScheduleTick {
  readonly id: string;
  /** Cron and zone: a changed one begins anew. */
  readonly source: string;
  readonly worker: WorkerIdentity;
  readonly now: number;
  readonly catchUp: 'none' | 'last' | 'all';
  /** A fire is late, and thus missed by a runner that was down, after so many milliseconds. */
  readonly grace: number;
  /** The fires in (from, to], the newest of them where there are many, and how many there are. */
  readonly fires: (from: number, to: number) => { readonly fires: readonly number[]; readonly count: number };
}

export interface ScheduleRecord {
  readonly id: string;
  /** Fires that came due; expected = started + skipped + missed + pending. */
  readonly expected: number;
  readonly started: number;
  readonly skipped: number;
  readonly missed: number;
  /** Fires that are to be started. */
  readonly pending: readonly number[];
  readonly lastStarted?: number;
  readonly accountedUntil: number;
}

/** A schedule after a tick. */
export interface TickedSchedule extends ScheduleRecord {
  /** Fires that this tick found to be missed for good: nobody was there, and they are not made up for. */
  readonly newlyMissed: number;
}

/** How requests of a client are paced over all processes. */
export interface PaceRequest {
  readonly client: string;
  readonly requests: number;
  readonly windowMs: number;
  /** How many requests of each kind want to go now. */
  readonly publish: number;
  readonly poll: number;
  readonly now: number;
  /** What was granted before and is answered by now, and when. */
  readonly answered?: readonly { readonly grant: number; readonly at: number }[];
}

export interface Paced {
  readonly publish: number;
  readonly poll: number;
  /** Tells it again when all of them are answered. */
  readonly grant: number;
  /** When more may go; milliseconds since the epoch. */
  readonly nextAt: number;
  /** What is left of the limit now. */
  readonly left: number;
}

/** What a route's tasks look like from outside. */
export interface RouteLag {
  readonly route: string;
  /** When the oldest task that is due became so. */
  readonly oldestDue?: number;
}
