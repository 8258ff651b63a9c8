import { requestsPerHour } from '@millrace/core/http';
import type { Schedule } from '../config/project.ts';
import { CronSchedule } from '../schedule/cron.ts';
import type { PlanCalls } from './plan-transport.ts';

/** What a route costs in calls of one client. */
export interface CallCost {
  readonly client: string;
  /** Calls of one run to read, and to ask about records; of the whole source where only a part of it was read. */
  readonly perRun: number;
  /** True where this is more than was seen: the read was limited. */
  readonly scaled: boolean;
  /** Calls that the planned records need to be sent, once. */
  readonly publishing: number;
  /** Runs in an hour by the schedule, on average over a week; null without a schedule. */
  readonly runsPerHour: number | null;
  readonly perHour: number | null;
  /** What the client's limit allows in an hour; null without a limit. */
  readonly allowedPerHour: number | null;
}

const WEEK_MS = 7 * 86_400_000;
const HOUR_MS = 3_600_000;

/** The calls of a client, seen once, over an hour. `scale`: how many times as much a whole read is, from 1. */
export function callCost(
  client: string,
  calls: PlanCalls,
  options: {
    readonly scale: { readonly reading: number; readonly chains: number };
    readonly schedule?: Schedule | undefined;
    readonly limit?: string | undefined;
    readonly now: number;
  },
): CallCost {
  const { scale, schedule, limit, now } = options;
  const perRun = Math.ceil(calls.reading * scale.reading + calls.chains * scale.chains);
  const runsPerHour = schedule ? firesPerHour(schedule, now) : null;
  return {
    client,
    perRun,
    scaled: perRun > calls.reading + calls.chains,
    publishing: calls.publishing,
    runsPerHour,
    perHour: runsPerHour === null ? null : Math.ceil(runsPerHour * perRun),
    allowedPerHour: limit === undefined ? null : (requestsPerHour(limit) ?? null),
  };
}

function firesPerHour(schedule: Schedule, now: number): number {
  const cron = new CronSchedule(schedule);
  // One that fires every second is the same every day.
  const dense = cron.between(now, now + HOUR_MS, 0).count > 120;
  const span = dense ? HOUR_MS : WEEK_MS;
  return (cron.between(now, now + span, 0).count * HOUR_MS) / span;
}
