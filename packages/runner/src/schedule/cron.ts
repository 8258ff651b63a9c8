import { MillraceError } from '@millrace/core';
import { Cron } from 'croner';

/** A cron expression and its zone. Without one it is UTC, wherever the runner runs. */
export interface CronSource {
  readonly cron: string;
  readonly timezone?: string;
}

/** Fires that are counted one by one at most; after a longer downtime the count says at least so many. */
const MOST_COUNTED = 100_000;

/** When a schedule fires, computed from the clock. What happens at DST changes: docs/schedules.md. */
export class CronSchedule {
  readonly #cron: Cron;

  constructor({ cron, timezone = 'UTC' }: CronSource) {
    try {
      this.#cron = new Cron(cron, { paused: true, timezone });
      this.#cron.nextRun();
    } catch (cause) {
      throw new MillraceError('config.invalid_cron', `"${cron}" in ${timezone} is no schedule`, { cause });
    }
  }

  /** The first fire strictly after a time, milliseconds since the epoch; undefined where there is none. */
  next(after: number): number | undefined {
    return this.#cron.nextRun(new Date(after))?.getTime();
  }

  /** The fires in (from, to]: the last `limit` of them, and how many there are. */
  between(
    from: number,
    to: number,
    limit: number,
  ): { readonly fires: readonly number[]; readonly count: number } {
    const fires: number[] = [];
    let count = 0;
    for (let at = this.next(from); at !== undefined && at <= to && count < MOST_COUNTED; at = this.next(at)) {
      fires.push(at);
      count++;
      if (fires.length > limit) fires.shift();
    }
    return { fires, count };
  }
}
