import { type Json, MillraceError, parseJson, toMillraceError } from '@millrace/core';
import type { Command } from 'commander';
import { loadProject } from '../config/load.ts';
import type { Finding, Project } from '../config/project.ts';
import { createLogger } from '../execution/logger.ts';
import { SecretMask } from '../execution/secrets.ts';
import type { CallCost } from '../preview/call-cost.ts';
import { findTarget } from '../preview/find-target.ts';
import { planRoute } from '../preview/plan.ts';
import type { PlanReport } from '../preview/plan-report.ts';
import { systemClock } from '../store/clock.ts';
import { openExistingStore } from '../store/open-store.ts';
import { emptyRunCounts, type Store } from '../store/store.ts';
import {
  type CommandIo,
  errorFinding,
  finish,
  type GlobalOptions,
  globalOptions,
  logLevel,
} from './output.ts';
import { renderPlan, summarizePlan } from './plan-report.ts';
import { watchSignals } from './signals.ts';
import { positive } from './tasks.ts';
import { createProgress } from './terminal-progress.ts';

interface PlanCommandOptions extends GlobalOptions {
  readonly limit?: number;
  readonly from?: string;
  readonly show: number;
}

export function registerPlan(program: Command, io: CommandIo): void {
  program
    .command('plan')
    .description('Show what a run of a route would do: reads for real, publishes nothing, stores nothing')
    .argument('<route>', 'routes/ID, or just ID')
    .option('--limit <n>', 'read at most so many rows', positive)
    .option('--from <cursor>', 'begin at this cursor, JSON or a text (default: where the next run would)')
    .option('--show <n>', 'so many records in full', positive, 10)
    .action((route: string, _: unknown, command: Command) =>
      run(route, globalOptions<PlanCommandOptions>(command), io),
    );
}

async function run(name: string, options: PlanCommandOptions, io: CommandIo): Promise<void> {
  const { project, findings } = await loadProject(options.directory, {
    environment: 'required',
    env: io.env,
    cwd: io.cwd,
  });
  if (!project)
    return finish(io, options, {
      command: 'plan',
      findings,
      summary: 'The project has errors; nothing was read',
    });
  let store: Store | undefined;
  const signals = watchSignals(io);
  try {
    const { id } = findTarget(project, name, ['routes']);
    store = await storeOf(options, project, io);
    const report = await plan(project, id, options, io, signals.signal, store);
    const code = signals.received === undefined ? undefined : signals.received === 'SIGINT' ? 130 : 143;
    finish(io, options, {
      command: 'plan',
      findings: [...findings, ...overLimit(report.costs, project)],
      summary: summarizePlan(report),
      result: report,
      text: renderPlan(report, options.show),
      ...(code !== undefined && { exitCode: code }),
    });
  } catch (thrown) {
    const error = toMillraceError(thrown);
    const masked = { ...errorFinding(error), message: new SecretMask(project.secrets).text(error.message) };
    finish(io, options, {
      command: 'plan',
      summary: masked.message,
      findings: [...findings, masked],
      text: '',
    });
  } finally {
    signals.stop();
    await store?.close();
  }
}

async function plan(
  project: Project,
  id: string,
  options: PlanCommandOptions,
  io: CommandIo,
  signal: AbortSignal,
  store: Store | undefined,
): Promise<PlanReport> {
  const route = project.routes.get(id);
  if (!route) throw new MillraceError('call.unknown_id', `There is no route "${id}"`);
  const mask = new SecretMask(project.secrets);
  const progress = createProgress(io.stderr, options.quiet === true || options.json === true);
  const log = createLogger(logLevel(options, project, true), mask, io.stderr);
  return planRoute({
    project,
    route,
    ...(store && { store }),
    ...(options.limit !== undefined && { limit: options.limit }),
    ...(options.from !== undefined && { from: cursorOf(options.from) }),
    signal,
    clock: systemClock,
    log,
    mask,
    progress: (read, announced) =>
      progress.incoming(route.incoming, { ...emptyRunCounts(), read }, announced),
  }).finally(() => progress.stop());
}

function storeOf(options: GlobalOptions, project: Project, io: CommandIo): Promise<Store | undefined> {
  return options.store !== undefined
    ? openExistingStore(options.store, io.cwd)
    : openExistingStore(project.settings.store, project.directory);
}

function cursorOf(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** A schedule that costs more calls than the limit of its client allows. */
function overLimit(costs: readonly CallCost[], project: Project): readonly Finding[] {
  return costs.flatMap(({ client, perHour, allowedPerHour }) => {
    if (perHour === null || allowedPerHour === null || perHour <= allowedPerHour) return [];
    const place = project.clients.get(client)?.locate([]);
    const message = `Reading by this schedule costs ${perHour} calls an hour, and "${client}" allows ${allowedPerHour}`;
    const hint = 'Read less often, only what changed (incremental), or larger pages.';
    return [
      {
        severity: 'warning' as const,
        code: 'config.over_limit',
        message,
        hint,
        ...(place?.file !== undefined && { file: place.file }),
      },
    ];
  });
}
