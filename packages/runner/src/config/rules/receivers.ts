import { isObject } from '@millrace/core';
import { content, type Rule, slotOf } from './rule.ts';

/** Where the records of an incoming come from: it reads, or receives, or both. */
export function receivers(rule: Rule): void {
  const { files, report } = rule;
  const port = portOf(rule);
  for (const file of files.incoming.values()) {
    const { subscriber, receiver, schedule } = content(file);
    if (subscriber === undefined && receiver === undefined) {
      report(file, {
        code: 'config.missing_option',
        message: '"subscriber" is missing',
        hint: 'Add "subscriber" (what reads the records), or "receiver" (what takes those that come by themselves).',
        path: [],
      });
    }
    if (receiver === undefined) continue;
    if (subscriber === undefined && schedule !== undefined) {
      const message = 'There is nothing to read by a schedule: the incoming only receives';
      const hint = 'Take "schedule" out, or add a "subscriber" that reads what was missed.';
      report(file, { code: 'config.invalid_value', message, hint, path: ['schedule'], atKey: true });
    }
    if (port !== 0 || !slotOf(file, 'receiver')) continue;
    report(file, {
      severity: 'warning',
      code: 'config.no_port',
      message: 'Nothing can be received: the HTTP port is off',
      hint: 'Write http: { port: 8080 } into millrace.yaml, or give `millrace start` a --port.',
      path: ['receiver'],
      atKey: true,
    });
  }
}

/** The HTTP port of the project; undefined where it cannot be told yet. */
function portOf({ settings }: Rule): number | undefined {
  if (!settings) return 0;
  const { http } = content(settings);
  const port = isObject(http) ? (http['port'] ?? 0) : 0;
  return typeof port === 'number' ? port : undefined;
}
