import { type ErrorRecord, MillraceError, milliseconds, toMillraceError } from '@millrace/core';
import type { Command } from 'commander';
import { loadProject } from '../config/load.ts';
import type { Finding } from '../config/project.ts';
import { type Engine, openEngine } from '../engine.ts';
import type { Progress } from '../execution/progress.ts';
import { pruneProject } from '../execution/retention.ts';
import { type Selection, select } from '../execution/selection.ts';
import { Session } from '../execution/session.ts';
import type { RunRecord } from '../store/store.ts';
import type { TaskState } from '../store/task-state.ts';
import {
  type CommandIo,
  errorFinding,
  finish,
  type GlobalOptions,
  globalOptions,
  logLevel,
} from './output.ts';
import { booksLine, openLine, routesTable, runResult, type TaskCounts } from './run-report.ts';
import { watchSignals } from './signals.ts';
import { createProgress } from './terminal-progress.ts';

interface RunOptions extends GlobalOptions {
  readonly incomingOnly?: boolean;
  readonly tasksOnly?: boolean;
  readonly limit?: number;
  /** A duration; false where --no-wait was given. */
  readonly wait: string | false;
  readonly fresh?: boolean;
}

const DEFAULT_WAIT = '60s';

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new MillraceError('call.invalid_option', `--limit takes a whole number from 1, not "${text}"`);
  }
  return value;
}

function duration(text: string): number {
  if (!/^\d+(?:\.\d+)?(ms|s|m|h|d)$/.test(text)) {
    throw new MillraceError('call.invalid_option', `--wait takes a duration such as 30s, not "${text}"`);
  }
  return milliseconds(text);
}

export function registerRun(program: Command, io: CommandIo): void {
  program
    .command('run')
    .description('Run incomings once (all, or by id) and work the open tasks of their routes')
    .argument('[id...]', 'an incoming or a route: ID, incoming/ID or routes/ID')
    .option('--incoming-only', 'read and store tasks, deliver none')
    .option('--tasks-only', 'read nothing, work open tasks only')
    .option('--limit <n>', 'read at most so many rows of each incoming; moves no cursor', count)
    .option('--wait <duration>', 'wait for tasks that are due within this time', DEFAULT_WAIT)
    .option('--no-wait', 'fail at once when another process runs an incoming')
    .option('--fresh', 'do not take up a run that was interrupted: begin anew')
    .action(async (ids: string[], _: unknown, command: Command) => {
      await run(ids, globalOptions<RunOptions>(command), io);
    });
}

interface Outcome {
  readonly runs: readonly RunRecord[];
  readonly tasks: TaskCounts;
  readonly settled: Record<string, Partial<Record<TaskState, number>>>;
  readonly findings: readonly Finding[];
  readonly signal?: 'SIGINT' | 'SIGTERM';
}

async function run(ids: readonly string[], options: RunOptions, io: CommandIo): Promise<void> {
  const { project, findings } = await loadProject(options.directory, {
    environment: 'required',
    env: io.env,
  });
  if (!project)
    return finish(io, options, { command: 'run', findings, summary: 'The project has errors; nothing ran' });
  const quiet = options.quiet || options.json;
  const terminal = createProgress(io.stderr, quiet ?? false);
  const settled: Outcome['settled'] = {};
  const progress: Progress = {
    incoming: (...args) => terminal.incoming(...args),
    note: (text) => terminal.note(text),
    route: (id, one) => {
      settled[id] ??= {};
      const state = one.state as TaskState;
      settled[id][state] = (settled[id][state] ?? 0) + one.count;
      terminal.route(id, one);
    },
  };
  const signals = watchSignals(io);
  let engine: Engine | undefined;
  try {
    engine = await openEngine({
      project,
      progress,
      logStream: io.stderr,
      logLevel: logLevel(options, project, io.stderr.isTTY === true),
      ...(options.store !== undefined && { store: { url: options.store, base: io.cwd } }),
    });
    const selection = select(engine.compiled, ids);
    const runs = await execute(engine, selection, options, signals.signal);
    // What is kept no longer goes with the end of a run; if the store cannot now, the next one does it.
    await pruneProject(engine.store, project, Date.now(), signals.signal).catch(() => {});
    terminal.stop();
    // Also those that are switched off: their tasks wait, and the summary says so.
    const taken = selection.incoming.flatMap((one) => (ids.length === 0 ? one.routes : []));
    const routes = [...new Set([...selection.routes, ...taken].map((route) => route.id))];
    const tasks = await engine.store.countTasks(routes);
    const result = { runs, tasks, settled, findings, ...(signals.received && { signal: signals.received }) };
    report(result, options, io);
  } catch (thrown) {
    terminal.stop();
    const failed = errorFinding(toMillraceError(thrown));
    finish(io, options, { command: 'run', findings: [...findings, failed], summary: failed.message });
  } finally {
    signals.stop();
    await engine?.close();
  }
}

function execute(
  engine: Engine,
  selection: Selection,
  options: RunOptions,
  signal: AbortSignal,
): Promise<RunRecord[]> {
  const session = new Session(engine, engine.container, {
    incoming: options.tasksOnly ? [] : selection.incoming,
    routes: options.incomingOnly ? [] : selection.routes,
    ...(options.limit !== undefined && { limit: options.limit }),
    fresh: options.fresh ?? false,
    noWait: options.wait === false,
    waitMs: duration(options.wait === false ? DEFAULT_WAIT : options.wait),
    backpressure: !options.incomingOnly,
    signal,
  });
  return session.execute();
}

function report(outcome: Outcome, options: RunOptions, io: CommandIo): void {
  const { runs, tasks, settled, findings, signal } = outcome;
  const open = openLine(tasks);
  // Incomings that only fill storages have no route.
  const table = Object.keys(tasks).length > 0 ? ['', routesTable(runs, tasks, settled), ''] : [];
  const lines = [
    ...table,
    ...runs.map(booksLine),
    ...runs.filter((one) => one.error).map((one) => `  ${sentence(one.error)}`),
    ...(open ? [open] : []),
  ];
  finish(io, options, {
    command: 'run',
    findings,
    summary: summarize(outcome),
    result: { runs: runs.map(runResult), tasks, ...(open && { open }) },
    text: lines.join('\n'),
    exitCode: exitCode(outcome),
    ...(signal && { signal }),
  });
}

function sentence(error: ErrorRecord | undefined): string {
  if (!error) return '';
  return `${error.code}: ${error.message}${error.hint ? `\n  → ${error.hint}` : ''}`;
}

function ended(outcome: Outcome, state: TaskState): number {
  return Object.values(outcome.settled).reduce((sum, states) => sum + (states[state] ?? 0), 0);
}

function summarize(outcome: Outcome): string {
  const read = outcome.runs.reduce((sum, one) => sum + one.counts.read, 0);
  const bad = outcome.runs
    .filter((one) => one.status !== 'finished')
    .map((one) => `${one.incoming} ${one.status}`);
  const delivered = ended(outcome, 'finished') + ended(outcome, 'waiting');
  const failed = ended(outcome, 'failed') + ended(outcome, 'rejected') + failedBefore(outcome.runs);
  const parts = [`${read} records read`, `${delivered} tasks delivered`, `${failed} failed`, ...bad];
  return parts.join(', ');
}

function failedBefore(runs: readonly RunRecord[]): number {
  return runs.reduce((sum, one) => {
    const inRoutes = Object.values(one.counts.routes).reduce((failed, route) => failed + route.failed, 0);
    return sum + one.counts.failed + inRoutes;
  }, 0);
}

/** The first that applies of: a signal, books that do not balance, a remote system or record that failed. */
function exitCode(outcome: Outcome): number {
  const { runs, signal } = outcome;
  if (signal && runs.some((one) => one.status === 'cancelled')) return signal === 'SIGINT' ? 130 : 143;
  if (signal && openLine(outcome.tasks)) return signal === 'SIGINT' ? 130 : 143;
  if (runs.some((one) => one.status === 'unbalanced')) return 4;
  if (runs.some((one) => one.status === 'failed')) return 3;
  if (ended(outcome, 'failed') + ended(outcome, 'rejected') + failedBefore(runs) > 0) return 3;
  return 0;
}
