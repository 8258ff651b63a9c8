import { isObject, type JsonObject } from '@millrace/core';
import { Cron } from 'croner';
import type { CheckedFile } from '../check-file.ts';
import { parseRetryPattern } from '../retry-pattern.ts';
import { content, type Rule } from './rule.ts';

export function schedules({ files, report }: Rule): void {
  for (const file of [...files.incoming.values(), ...files.outgoing.values()]) {
    const { schedule, retry } = content(file);
    if (isObject(schedule)) checkSchedule(schedule, file, report);
    if (isObject(retry) && typeof retry['pattern'] === 'string' && !parseRetryPattern(retry['pattern'])) {
      const message = `"${retry['pattern']}" is not a retry pattern`;
      const hint = 'Write "1:5s;3:1m": 5 s from the 1st failure on, 1 minute from the 3rd.';
      report(file, { code: 'config.invalid_value', message, hint, path: ['retry', 'pattern'] });
    }
  }
}

function checkSchedule(schedule: JsonObject, file: CheckedFile, report: Rule['report']): void {
  const { cron, timezone } = schedule;
  if (typeof timezone === 'string' && !isTimeZone(timezone)) {
    const message = `"${timezone}" is not an IANA time zone`;
    report(file, {
      code: 'config.invalid_cron',
      message,
      hint: 'Write one such as Europe/Amsterdam.',
      path: ['schedule', 'timezone'],
    });
  }
  if (typeof cron !== 'string') return;
  try {
    new Cron(cron, { paused: true });
  } catch (error) {
    const reason = (error as Error).message.replace(/^CronPattern: /, '');
    const message = `"${cron}" is not a cron expression: ${reason}`;
    const hint = 'Write five fields: minute hour day month weekday, such as "*/5 * * * *".';
    report(file, { code: 'config.invalid_cron', message, hint, path: ['schedule', 'cron'] });
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
