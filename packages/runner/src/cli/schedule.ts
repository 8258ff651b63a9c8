import Table from 'cli-table3';
import type { Command } from 'commander';
import { loadProject } from '../config/load.ts';
import type { Project, Schedule } from '../config/project.ts';
import { CronSchedule } from '../schedule/cron.ts';
import { zonedTime } from '../schedule/zoned-time.ts';
import type { ScheduleRecord } from '../store/store.ts';
import { type CommandIo, finish, type GlobalOptions, globalOptions } from './output.ts';
import { PLAIN_TABLE } from './plain-table.ts';
import { positive } from './tasks.ts';
import { withStore } from './with-store.ts';

interface ScheduleOptions extends GlobalOptions {
  readonly next: number;
}

export function registerSchedule(program: Command, io: CommandIo): void {
  program
    .command('schedule')
    .description(
      'Show the next fires of each schedule, in its zone and in UTC, and what became of the past ones',
    )
    .option('--next <n>', 'so many fires of each', positive, 3)
    .action((_: unknown, command: Command) => show(globalOptions<ScheduleOptions>(command), io));
}

interface Row {
  readonly id: string;
  readonly schedule: Schedule;
  readonly enabled: boolean;
}

function rowsOf(project: Project): readonly Row[] {
  const all = [
    ...[...project.incoming.values()].map((one) => ({ kind: 'incoming', one })),
    ...[...project.outgoing.values()].map((one) => ({ kind: 'outgoing', one })),
  ];
  return all.flatMap(({ kind, one }) =>
    one.schedule ? [{ id: `${kind}/${one.id}`, schedule: one.schedule, enabled: one.enabled }] : [],
  );
}

async function show(options: ScheduleOptions, io: CommandIo): Promise<void> {
  const { project, findings } = await loadProject(options.directory, {
    environment: 'lenient',
    env: io.env,
    cwd: io.cwd,
  });
  if (!project)
    return finish(io, options, { command: 'schedule', findings, summary: 'The project has errors' });
  await withStore('schedule', options, io, async (store) => {
    const known = new Map((await store.schedules()).map((one) => [one.id, one]));
    const now = Date.now();
    const schedules = rowsOf(project).map((row) => describe(row, known.get(row.id), now, options.next));
    finish(io, options, {
      command: 'schedule',
      findings,
      summary: `${schedules.length} schedules`,
      result: { schedules },
      text: schedules.length === 0 ? 'No incoming and no outgoing has a schedule.' : table(schedules),
    });
  });
}

function describe(
  { id, schedule, enabled }: Row,
  record: ScheduleRecord | undefined,
  now: number,
  count: number,
) {
  const zone = schedule.timezone ?? 'UTC';
  const cron = new CronSchedule(schedule);
  const next: { local: string; utc: string }[] = [];
  for (let at = cron.next(now); at !== undefined && next.length < count; at = cron.next(at)) {
    next.push({ local: zonedTime(at, zone), utc: new Date(at).toISOString() });
  }
  const { expected = 0, started = 0, skipped = 0, missed = 0, pending = [] } = record ?? {};
  return {
    id,
    enabled,
    cron: schedule.cron,
    timezone: zone,
    overlap: schedule.overlap,
    catchUp: schedule.catchUp,
    next: enabled ? next : [],
    fires: { expected, started, skipped, missed, pending: pending.length },
    lastStarted: record?.lastStarted === undefined ? null : new Date(record.lastStarted).toISOString(),
  };
}

function table(schedules: readonly ReturnType<typeof describe>[]): string {
  const head = ['schedule', 'cron', 'zone', 'next in its zone', 'in UTC', 'started', 'skipped', 'missed'];
  const rows = new Table({ head, style: { head: [], border: [], compact: true }, chars: PLAIN_TABLE });
  for (const one of schedules) {
    const [first, ...others] = one.next;
    const { started, skipped, missed } = one.fires;
    const none = one.enabled ? 'never' : 'switched off';
    rows.push([
      one.id,
      one.cron,
      one.timezone,
      first?.local ?? none,
      first?.utc ?? '',
      started,
      skipped,
      missed,
    ]);
    for (const { local, utc } of others) rows.push(['', '', '', local, utc, '', '', '']);
  }
  return rows.toString();
}
